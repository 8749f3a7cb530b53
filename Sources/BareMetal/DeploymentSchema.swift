import GRDB

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
        return migrator
    }
}
