import BareMetal
import Fleet
import Foundation
import Logging
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import Web

@Suite struct StatusServerTests {
    private func page(_ answer: TestService.Answer) throws -> WirePage {
        try JSONDecoder().decode(WirePage.self, from: Data(answer.body.utf8))
    }

    @Test func pagesTagsAndChanges() async throws {
        try await TestService.run { service in
            for number in 1...3 { try await service.register(number) }
            let first = try await service.get("/api/status")
            let all = try page(first)
            #expect(all.nodes.map(\.node.nodeName) == (1...3).map { "nutanix-poc-bm-node-0\($0)" })
            #expect(all.nodes.allSatisfy { $0.status.currentPhase == "pending" } && all.utcOffsetSeconds == 0)
            let tag = try #require(first.headers["etag"])
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
            let same = try await service.send("GET", "/api/status", headers: ["If-None-Match": "\"x\", \(tag)"])
            #expect(same.status == 304 && same.body.isEmpty && same.headers["etag"] == tag)

            try await service.report("ipxe_boot", "in_progress", server: "10.240.0.12")
            let changed = try await service.send("GET", "/api/status", headers: ["If-None-Match": tag])
            #expect(changed.status == 200 && changed.headers["etag"] != tag)
            let since = "/api/status?since=\(all.revision)&instance=\(all.instance)"
            let news = try page(try await service.get(since))
            #expect(news.nodes.map(\.node.nodeName) == ["nutanix-poc-bm-node-02"] && !news.more && news.totalNodes == 3)
            #expect(news.nodes.first?.rows.map(\.phase) == ["ipxe_boot"])
            // Another database's revision says nothing here: everything is sent again.
            #expect(
                try page(try await service.get("/api/status?since=\(all.revision)&instance=other")).nodes.count == 3)

            var seen: [Int] = []
            var at = 0
            repeat {
                let part = try page(try await service.get("/api/status?limit=1&since=\(at)"))
                seen += part.nodes.map(\.status.nodeID)
                at = part.revision
                if !part.more { break }
            } while seen.count < 10
            // In the order in which they changed last.
            #expect(seen == [1, 3, 2])
            let head = try await service.send("HEAD", "/api/status/summary")
            #expect(head.status == 200 && head.body.isEmpty)
        }
    }

    @Test func writingNeedsTheToken() async throws {
        let log = LogLines()
        let logger = Logger(label: "test") { _ in log }
        try await TestService.run(token: "s3cret-token", logger: logger) { service in
            let body = #"{"node_config":{"node_name":"n","server_profile":"p","management_ip":"10.0.0.1"}}"#
            let writing = ["/api/config/nodes", "/api/status/phase", "/api/installation/status", "/api/cleanup/node/1"]
            for header in [
                nil, "Bearer", "Bearer ", "Bearer s3cret-tokem", "Bearer s3cret-token2", "Basic s3cret-token",
            ] {
                for path in writing {
                    let answer = try await service.send(
                        "POST", path, body: body, headers: header.map { ["Authorization": $0] } ?? [:])
                    #expect(answer.status == 401 && answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
                    #expect(answer.error?.contains("s3cret") == false)
                }
            }
            #expect(try await service.get("/api/config/nodes").json == .object(["nodes": .list([])]))
            for scheme in ["Bearer", "bearer"] {
                let answer = try await service.send(
                    "POST", "/api/config/nodes", body: body, headers: ["Authorization": "\(scheme) s3cret-token"])
                #expect(answer.status == 202)
            }
            #expect(try await service.get("/api/status/nodes/1").status == 200)
        }
        #expect(log.all.isEmpty == false)
        #expect(log.all.contains { $0.contains("s3cret") } == false)
    }

    @Test func withoutATokenOthersAreKeptOut() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("slipway-web-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try DeploymentStore(path: folder.appendingPathComponent("a.sqlite").path, time: .system)
        func opens(_ host: String, token: String?) -> Bool {
            let server = try? StatusServer(
                store: store, address: .tcp(host: host, port: 0), token: token, time: .system,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            return server != nil
        }
        #expect(opens("127.0.0.1", token: nil) && opens("::1", token: nil) && opens("localhost", token: nil))
        #expect(!opens("0.0.0.0", token: nil) && !opens("127.evil.example", token: nil) && !opens("::", token: nil))
        #expect(opens("0.0.0.0", token: "t") && !opens("127.0.0.1", token: ""))
    }

    @Test func aPortInUseIsSaidSo() async throws {
        try await TestService.run { service in
            let store = try DeploymentStore(path: service.databasePath, time: .system)
            let second = try StatusServer(
                store: store, address: .tcp(host: "127.0.0.1", port: service.port), token: nil, time: .system,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let failure = await #expect(throws: StatusServerError.self) { try await second.run() }
            #expect(failure?.message.contains("127.0.0.1:\(service.port)") == true)
        }
    }

    /// A service group that is told to stop ends the server, although a client keeps its connection open.
    @Test func stopsGracefully() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("slipway-web-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try DeploymentStore(path: folder.appendingPathComponent("a.sqlite").path, time: .system)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (addresses, running) = AsyncStream.makeStream(of: ServerAddress.self)
        // Not a port: another test may be given it the moment it is free.
        let socket = folder.appendingPathComponent("web.sock").path
        let server = try StatusServer(
            store: store, address: .unix(path: socket), token: nil, time: .system, logger: quiet,
            onRunning: { running.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = addresses.makeAsyncIterator()
            _ = await iterator.next()
            let base = "http+unix://" + socket.replacingOccurrences(of: "/", with: "%2F")
            let service = TestService(base: base, port: 0, databasePath: "")
            #expect(try await service.register(1).status == 202)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            await #expect(throws: (any Error).self) {
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(unixDomainSocketPath: socket).get()
            }
        }
        #expect(try await store.nodes().nodes.count == 1)
        try store.close()
    }
}

/// Keeps every line that is logged, at every level.
private final class LogLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set { lines.withLock { $0.append("\(String(describing: newValue))") } }
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(String(describing: event.metadata))") }
    }
}
