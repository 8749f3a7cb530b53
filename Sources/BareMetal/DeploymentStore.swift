import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The service's system of record: nodes and their deployment history in SQLite.
///
/// A write returns once it is on the disk (WAL, `synchronous=FULL`): nothing that was acknowledged is lost, whatever kills the process.
/// Writes that arrive while a transaction is being written share the next one, so that a thousand of them a second need no thousand
/// waits for the disk. Reads see whole transactions and never wait for writes.
public actor DeploymentStore {
    /// Names this database for as long as it exists; revisions of another one mean nothing here.
    public nonisolated let instance: String
    /// The phases and limits that percentages and time-outs are worked out with.
    public nonisolated let plan: PhasePlan
    /// Whose clock the answers show, whose times carry no zone; pages are in UTC, as what is stored.
    public nonisolated let zone: TimeZone
    private nonisolated let pool: DatabasePool
    private nonisolated let time: TimeSource

    /// A write that waits for its transaction.
    private struct Job: Sendable {
        /// Does the work; gives what answers the caller once the transaction is on the disk. Throws only if the database fails.
        var work: @Sendable (DeploymentWriter) throws -> @Sendable () -> Void
        /// Answers the caller when the transaction failed.
        var fail: @Sendable (any Error) -> Void
    }

    private var waiting: [Job] = []
    private var isWriting = false

    /// Opens the database, and makes it where there is none yet.
    ///
    /// - Parameters:
    ///   - path: the file. Its folder must exist.
    ///   - maximumBytes: the largest the database may become; a full one answers as a full disk does. Nil: as large as the disk.
    /// - Throws: `DeploymentError.unusable` with a sentence. A damaged database is never thrown away or started anew.
    public init(
        path: String, time: TimeSource, plan: PhasePlan = PhasePlan(), zone: TimeZone = .gmt, maximumBytes: Int? = nil
    ) throws {
        self.plan = plan
        self.zone = zone
        self.time = time
        do {
            pool = try Self.open(path, maximumBytes: maximumBytes)
            instance = try Self.identify(pool)
        } catch let error as DatabaseError {
            throw DeploymentFault.opening(path, error)
        }
    }

    /// Writes everything into the database file and lets go of it. Whoever uses the store afterwards gets `unavailable`.
    public nonisolated func close() throws { try pool.close() }

    // MARK: writing

    /// Takes in a phase report of a node, known by its management address.
    public func store(_ report: DeploymentReport) async throws { try await write { try $0.store(report) } }

    /// Takes in a report of the installer's channel.
    public func store(_ report: DeploymentInstallerReport) async throws { try await write { try $0.store(report) } }

    /// Registers a node, or another deployment of a node whose last one ended or never began.
    public func store(_ registration: DeploymentRegistration) async throws -> DeploymentTicket {
        try await write { try $0.store(registration) }
    }

    /// Marks a node's deployment as cleaned up and keeps its history; the next registration or boot begins a new run.
    public func cleanUp(node: Int) async throws -> DeploymentCleanup { try await write { try $0.cleanUp(node: node) } }

    private func write<Answer: Sendable>(
        _ body: @escaping @Sendable (DeploymentWriter) throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(
                Job(
                    work: { writer in
                        let answer: Result<Answer, DeploymentError>
                        do {
                            answer = .success(try body(writer))
                        } catch let refusal as DeploymentError {
                            answer = .failure(refusal)
                        }
                        return { continuation.resume(with: answer.mapError { $0 as any Error }) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
            if !isWriting {
                isWriting = true
                Task { await writeAll() }
            }
        }
    }

    /// Writes what waits, transaction after transaction, until nothing does.
    private func writeAll() async {
        while !waiting.isEmpty {
            let jobs = waiting
            waiting = []
            do {
                let answers = try await pool.write { [time, plan, zone] db in
                    try jobs.map { job in
                        try job.work(DeploymentWriter(db: db, now: time.now(), plan: plan, zone: zone))
                    }
                }
                for answer in answers { answer() }
            } catch {
                let failure = DeploymentFault.writing(error)
                for job in jobs { job.fail(failure) }
            }
        }
        isWriting = false
    }

    // MARK: reading

    /// All nodes, newest first.
    public nonisolated func nodes() async throws -> WireNodeList {
        try await read { reader in WireNodeList(nodes: try reader.nodes().map(reader.wire)) }
    }

    public nonisolated func node(_ id: Int) async throws -> WireNode {
        try await read { reader in reader.wire(try Self.node(id, in: reader)) }
    }

    public nonisolated func status(node id: Int) async throws -> WireStatus {
        try await read { reader in
            let node = try Self.node(id, in: reader)
            return reader.status(of: node, telling: try reader.telling(of: node))
        }
    }

    public nonisolated func status(address: DeploymentAddress) async throws -> WireStatus {
        try await read { reader in
            guard let node = try reader.node(where: "management_ip = ?", address.text) else {
                throw DeploymentError.unknown("Server not found")
            }
            return reader.status(of: node, telling: try reader.telling(of: node))
        }
    }

    /// The reports of the phase channel, oldest first; of very many the newest 5,000.
    public nonisolated func history(node id: Int) async throws -> WireHistory {
        try await read { reader in try reader.history(of: try Self.node(id, in: reader)) }
    }

    public nonisolated func history(address: DeploymentAddress) async throws -> WireHistory {
        try await read { reader in
            guard let node = try reader.node(where: "management_ip = ?", address.text) else {
                throw DeploymentError.unknown("History not available for server IP")
            }
            return try reader.history(of: node)
        }
    }

    public nonisolated func summary() async throws -> WireSummary { try await read { try $0.summary() } }

    /// The revision of the newest change; 0 while there is no node. Costs one look into an index.
    public nonisolated func revision() async throws -> Int { try await read { try $0.revision() } }

    /// Every node, or those that changed since a revision, in the order in which they changed: at most 500 on a page, and fewer where
    /// they have much to say.
    ///
    /// - Parameter instance: the database that `since` belongs to; of another one, `since` is taken as 0.
    public nonisolated func page(since: Int = 0, instance: String? = nil, limit: Int = 500) async throws -> WirePage {
        let since = instance.map { $0 == self.instance } ?? true ? since : 0
        return try await read { [own = self.instance] reader in
            try reader.page(since: since, limit: limit, instance: own)
        }
    }

    /// The time now as an answer shows it.
    public nonisolated var timestamp: String { WireTime.naiveText(time.now(), zone: zone) }

    private nonisolated func read<Answer: Sendable>(
        _ body: @escaping @Sendable (DeploymentReader) throws -> Answer
    ) async throws -> Answer {
        do {
            return try await pool.read { [time, plan, zone] db in
                try body(DeploymentReader(db: db, plan: plan, zone: zone, now: time.now()))
            }
        } catch let error as DatabaseError {
            throw DeploymentFault.reading(error)
        }
    }

    private static func node(_ id: Int, in reader: DeploymentReader) throws -> DeploymentReader.Node {
        guard let node = try reader.node(where: "id = ?", id) else { throw DeploymentError.unknown("Node not found") }
        return node
    }

    // MARK: opening

    private static func open(_ path: String, maximumBytes: Int?) throws -> DatabasePool {
        try check(path)
        var configuration = Configuration()
        // Another program that holds the database makes a report wait, but not for ever: its sender must hear of it.
        configuration.busyMode = .timeout(3)
        configuration.maximumReaderCount = 4
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { db in
            // GRDB's pools choose NORMAL, with which a power failure can take back the newest transactions.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            if let maximumBytes {
                let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
                try db.execute(sql: "PRAGMA max_page_count = \(max(1, maximumBytes / pageSize))")
            }
        }
        if try pool.read(DeploymentSchema.migrator.hasBeenSuperseded) {
            throw DeploymentError.unusable(
                "The database \(path) was written by a newer Slipway. Run that one, or name another file.")
        }
        try DeploymentSchema.migrator.migrate(pool)
        return pool
    }

    /// Looks for damage through a connection that cannot write: opening a damaged file for writing may already change it.
    private static func check(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(3)
        let verdict = try DatabaseQueue(path: path, configuration: configuration).read { db in
            try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
        }
        if verdict != "ok" { throw DeploymentFault.damaged(path, verdict ?? "no verdict") }
    }

    private static func identify(_ pool: DatabasePool) throws -> String {
        try pool.write { db in
            if let known = try String.fetchOne(db, sql: "SELECT instance FROM service") { return known }
            let fresh = UUID().uuidString.lowercased()
            try db.execute(sql: "INSERT INTO service (instance) VALUES (?)", arguments: [fresh])
            return fresh
        }
    }
}
