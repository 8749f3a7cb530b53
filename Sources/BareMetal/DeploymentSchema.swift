import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tables of the service's database. Times are seconds since 1970 in UTC; a duration is in seconds and null while unknown.
enum DeploymentSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE service (instance TEXT NOT NULL);
                    CREATE TABLE nodes (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        node_name TEXT NOT NULL UNIQUE,
                        server_profile TEXT NOT NULL,
                        cluster_role TEXT,
                        deployment_status TEXT NOT NULL,
                        management_ip TEXT NOT NULL UNIQUE,
                        workload_ip TEXT,
                        deployments INTEGER NOT NULL,
                        open_phases TEXT NOT NULL,
                        revision INTEGER NOT NULL,
                        created_at REAL NOT NULL,
                        updated_at REAL NOT NULL
                    );
                    CREATE UNIQUE INDEX nodes_revision ON nodes(revision);
                    CREATE TABLE deployment_history (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        node_id INTEGER NOT NULL REFERENCES nodes(id),
                        channel TEXT NOT NULL,
                        phase TEXT NOT NULL,
                        status TEXT NOT NULL,
                        message TEXT NOT NULL,
                        duration REAL,
                        timestamp REAL NOT NULL
                    );
                    CREATE INDEX history_channel ON deployment_history(node_id, channel);
                    CREATE INDEX history_telling ON deployment_history(node_id) WHERE phase <> 'LOG';
                    """)
        }
        migrator.registerMigration("2") { db in
            try db.execute(
                sql: """
                    ALTER TABLE nodes ADD COLUMN run TEXT NOT NULL DEFAULT '{}';
                    ALTER TABLE deployment_history ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;
                    """)
            for node in try Int.fetchAll(db, sql: "SELECT id FROM nodes") { try followAnew(node, in: db) }
            // Log lines are found among themselves, and what tells the course of a run without its signs of life.
            try db.execute(
                sql: """
                    CREATE INDEX history_logs ON deployment_history(node_id) WHERE phase = 'LOG';
                    CREATE INDEX history_beginnings ON deployment_history(node_id) WHERE weight = 2;
                    CREATE INDEX history_turns ON deployment_history(node_id) WHERE weight = 1;
                    """)
        }
        return migrator
    }

    /// Works out a node's progress from the rows that it has already.
    private static func followAnew(_ node: Int, in db: Database) throws {
        // Only the order of the phases matters here, not their limits, which may be set.
        let plan = PhasePlan()
        var progress = DeploymentProgress()
        var weights: [Int64: Int] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT id, channel, phase, status, timestamp FROM deployment_history WHERE node_id = ? ORDER BY id",
            arguments: [node])
        while let row = try rows.next() {
            let channel: String = row[1]
            let told = DeploymentRow(
                phase: row[2], status: row[3], message: "", at: Date(timeIntervalSince1970: row[4]),
                channel: DeploymentRow.Channel(rawValue: channel) ?? .phase)
            let step = progress.follow(told, id: row[0], plan: plan)
            // Nothing of an earlier run is asked for by its weight.
            if progress.first == row[0] { weights = [:] }
            if step.weight != .filler { weights[row[0]] = step.weight.rawValue }
            if let before = step.before {
                weights[before] = max(weights[before] ?? 0, DeploymentProgress.Weight.turn.rawValue)
            }
        }
        for (row, weight) in weights {
            try db.cachedStatement(sql: "UPDATE deployment_history SET weight = ? WHERE id = ?")
                .execute(arguments: [weight, row])
        }
        try db.execute(sql: "UPDATE nodes SET run = ? WHERE id = ?", arguments: [progress.text, node])
    }
}
