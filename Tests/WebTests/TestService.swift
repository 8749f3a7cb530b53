import AsyncHTTPClient
import BareMetal
import ClusterPool
import Fleet
import Foundation
import Logging
import NIOCore
import Testing

@testable import Web

/// A status service on a free port with a database of its own, for the time of one test.
struct TestService: Sendable {
    let base: String
    let port: Int
    let databasePath: String
    /// Whether a connection serves several requests. Where the service drops idle ones soon, a request could meet one just as it goes.
    var keepsConnections = true
    private let client = HTTPClient.shared

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: String

        var json: JSON? { try? JSONDecoder().decode(JSON.self, from: Data(body.utf8)) }
        /// The text of `{"error": …}`.
        var error: String? {
            guard case .object(let fields) = json, fields.count == 1, case .text(let text) = fields["error"] else {
                return nil
            }
            return text
        }
    }

    static func run(
        token: String? = nil, pool: PoolManager? = nil, maximumBytes: Int? = nil, limits: StatusServer.Limits = .init(),
        keepsConnections: Bool = true,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ test: (TestService) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("slipway-web-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("metal.sqlite").path
        let store = try DeploymentStore(path: path, time: .system, maximumBytes: maximumBytes)
        let (addresses, running) = AsyncStream.makeStream(of: ServerAddress.self)
        let server = try StatusServer(
            store: store, pool: pool, address: .tcp(host: "127.0.0.1", port: 0), token: token, time: .system,
            logger: logger, limits: limits, onRunning: { running.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var iterator = addresses.makeAsyncIterator()
            guard case .tcp(let host, let port) = await iterator.next() else { throw CancellationError() }
            try await test(
                TestService(
                    base: "http://\(host):\(port)", port: port, databasePath: path, keepsConnections: keepsConnections))
            group.cancelAll()
            // A cancelled server may end by saying so.
            while (try? await group.next()) != nil {}
        }
        try store.close()
    }

    func send(
        _ method: String, _ path: String, body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(method, path, bytes: body.map { .bytes(ByteBuffer(string: $0)) }, headers: headers)
    }

    func send(
        _ method: String, _ path: String, bytes: HTTPClientRequest.Body?, headers: [String: String] = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = .init(rawValue: method)
        request.body = bytes
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if !keepsConnections { request.headers.replaceOrAdd(name: "Connection", value: "close") }
        let response = try await client.execute(request, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 32 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first },
            body: String(buffer: body))
    }

    func get(_ path: String) async throws -> Answer { try await send("GET", path) }

    /// A phase report as a node's script sends it: `curl -d`, which declares a form.
    @discardableResult
    func report(_ phase: String, _ status: String, server: String, message: String = "m", more: String = "")
        async throws -> Answer
    {
        try await send(
            "POST", "/api/status/phase",
            body:
                #"{"server_ip":"\#(server)","phase":"\#(phase)","status":"\#(status)","message":"\#(message)"\#(more)}"#,
            headers: ["Content-Type": "application/x-www-form-urlencoded"])
    }

    @discardableResult
    func register(_ number: Int) async throws -> Answer {
        try await send(
            "POST", "/api/config/nodes",
            body: """
                {"node_config": {"node_name": "nutanix-poc-bm-node-0\(number)", "server_profile": "bx2d-metal-48x192",
                 "cluster_role": "compute-storage", "management_ip": "10.240.0.1\(number)",
                 "workload_ip": "10.240.1.1\(number)", "storage": {"disks": 4}}, "cluster_config": {"name": "c"}}
                """)
    }
}

/// Any JSON, to compare answers field for field.
indirect enum JSON: Decodable, Equatable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        if box.decodeNil() {
            self = .null
        } else if let flag = try? box.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? box.decode(Double.self) {
            self = .number(number)
        } else if let text = try? box.decode(String.self) {
            self = .text(text)
        } else if let list = try? box.decode([JSON].self) {
            self = .list(list)
        } else {
            self = .object(try box.decode([String: JSON].self))
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var list: [JSON] { if case .list(let list) = self { list } else { [] } }
    var names: [String] { if case .object(let fields) = self { fields.keys.sorted() } else { [] } }

    subscript(_ name: String) -> JSON? {
        get { if case .object(let fields) = self { fields[name] } else { nil } }
        set {
            guard case .object(var fields) = self else { return }
            fields[name] = newValue
            self = .object(fields)
        }
    }

    /// The same with times, durations and the cloud's ids replaced by their type, which is all that two services can share of them.
    var masked: JSON {
        switch self {
        case .list(let list): return .list(list.map(\.masked))
        case .object(let fields):
            return .object(
                Dictionary(
                    uniqueKeysWithValues: fields.map { name, value in
                        switch (name, value) {
                        case ("timestamp", .text(let text)), ("last_update", .text(let text)),
                            ("created_at", .text(let text)),
                            ("updated_at", .text(let text)):
                            return (name, .text(Self.isNaive(text) ? "a naive time" : "no naive time: \(text)"))
                        case ("elapsed_time_seconds", .number), ("estimated_remaining_seconds", .number):
                            return (name, .text("seconds"))
                        case ("deployment_id", .text): return (name, .text("an id"))
                        default: return (name, value.masked)
                        }
                    }))
        default: return self
        }
    }

    /// Python's `isoformat()` without a zone: no fraction, or one of six digits.
    private static func isNaive(_ text: String) -> Bool {
        text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?/) != nil
    }

    /// A recorded answer of the orchestrator.
    static func fixture(_ name: String) throws -> JSON {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/bare-metal/\(name).json")
        return try JSONDecoder().decode(JSON.self, from: Data(contentsOf: file))
    }
}
