import AsyncHTTPClient
import Foundation
import GRDB
import NIOCore
import NIOPosix
import Testing

@testable import Web

/// One after the other: the endless upload keeps the event loops so busy that the short times of the tests beside it would run out.
@Suite(.serialized) struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let method: String
        let path: String
        var body: String?
        let status: Int
        /// What the error must name.
        let says: String
        var testDescription: String { "\(method) \(path) \((body ?? "").prefix(60))" }
    }

    private static func phase(_ body: String, _ status: Int, _ says: String) -> Case {
        Case(method: "POST", path: "/api/status/phase", body: body, status: status, says: says)
    }

    private static func installer(_ body: String, _ status: Int, _ says: String) -> Case {
        Case(method: "POST", path: "/api/installation/status", body: body, status: status, says: says)
    }

    private static func config(_ body: String, _ status: Int, _ says: String) -> Case {
        Case(method: "POST", path: "/api/config/nodes", body: body, status: status, says: says)
    }

    private static func get(_ path: String, _ status: Int, _ says: String) -> Case {
        Case(method: "GET", path: path, status: status, says: says)
    }

    static let cases = [
        phase("", 400, "empty"), phase("{oops", 400, "JSON"), phase("[1]", 400, "JSON object"),
        phase("null", 400, "JSON object"),
        phase(#"{"server_ip":"10.240.0.11","phase":"installation"}"#, 400, "Missing required field: status"),
        phase(#"{"server_ip":"10.240.0.11","phase":"i","status":"s"}"#, 400, "message"),
        phase(#"{"phase":"i","status":"s","message":"m"}"#, 400, "server_ip"),
        phase(
            #"{"server_ip":"not-an-ip","phase":"i","status":"s","message":"m"}"#, 400, "server_ip must be an IP address"
        ),
        phase(#"{"server_ip":"10.240.0.11:80","phase":"i","status":"s","message":"m"}"#, 400, "server_ip"),
        phase(#"{"server_ip":"\u001b[31m","phase":"i","status":"s","message":"m"}"#, 400, "\u{FFFD}[31m"),
        phase(#"{"server_ip":7,"phase":"i","status":"s","message":"m"}"#, 400, "server_ip must be a text"),
        phase(#"{"server_ip":"10.240.0.11","phase":7,"status":"s","message":"m"}"#, 400, "phase must be a text"),
        phase(#"{"server_ip":"10.240.0.11","phase":"i","status":null,"message":"m"}"#, 400, "status"),
        phase(#"{"server_ip":"10.240.0.11","phase":" ","status":"s","message":"m"}"#, 400, "phase must not be empty"),
        phase(#"{"server_ip":"10.240.0.11","phase":"i","status":"s","message":""}"#, 400, "message must not be empty"),
        phase(#"{"server_ip":"10.240.0.11","phase":"i","status":"s","message":["m"]}"#, 400, "message must be a text"),
        phase(
            #"{"server_ip":"10.240.0.11","phase":"i","status":"s","message":"m","server_status":1}"#, 400,
            "server_status"),
        phase(
            #"{"server_ip":"10.240.0.11","phase":"\#(String(repeating: "p", count: 101))","status":"s","message":"m"}"#,
            400,
            "phase must not be longer than 100"),
        phase(
            #"{"server_ip":"10.240.0.11","phase":"p","status":"\#(String(repeating: "s", count: 51))","message":"m"}"#,
            400,
            "status must not be longer than 50"),
        phase(
            #"{"server_ip":"10.240.0.11","phase":"p","status":"s","message":"\#(String(repeating: "m", count: 4001))"}"#,
            400,
            "message must not be longer than 4000"),
        phase(#"{"server_ip":"10.9.9.9","phase":"i","status":"s","message":"m"}"#, 404, "Server 10.9.9.9 not found"),
        phase(String(repeating: "[", count: 60_000), 400, "JSON"),
        phase(#"{"server_ip":"\#(String(repeating: "1", count: 70_000))"}"#, 413, "65536"),
        installer(#"{"management_ip":"10.240.0.11"}"#, 400, "phase and message"),
        installer(#"{"management_ip":"zzz","phase":4,"message":"m"}"#, 400, "management_ip"),
        installer(#"{"management_ip":"10.9.9.9","phase":4,"message":"m"}"#, 404, "10.9.9.9"),
        installer(#"{"node_id":99,"phase":4,"message":"m"}"#, 404, "Node 99"),
        installer(#"{"node_id":-1,"phase":4,"message":"m"}"#, 400, "node_id"),
        installer(#"{"node_id":1e300,"phase":4,"message":"m"}"#, 400, "node_id"),
        installer(#"{"node_id":"1","phase":4,"message":"m"}"#, 400, "node_id"),
        installer(#"{"node_id":1,"phase":4.5,"message":"m"}"#, 400, "phase"),
        installer(#"{"node_id":1,"phase":true,"message":"m"}"#, 400, "phase"),
        installer(#"{"node_id":1,"phase":4,"message":4}"#, 400, "message"),
        config("{}", 400, "node_config"), config(#"{"node_config":[]}"#, 400, "node_config"),
        config(#"{"node_config":{"server_profile":"p","management_ip":"10.0.0.1"}}"#, 400, "node_config.node_name"),
        config(#"{"node_config":{"node_name":"n","management_ip":"10.0.0.1"}}"#, 400, "node_config.server_profile"),
        config(#"{"node_config":{"node_name":"n","server_profile":"p"}}"#, 400, "node_config.management_ip"),
        config(
            #"{"node_config":{"node_name":"n","server_profile":"p","management_ip":"10.0.0"}}"#, 400, "management_ip"),
        config(
            #"{"node_config":{"node_name":"\#(String(repeating: "n", count: 201))","server_profile":"p","management_ip":"10.0.0.1"}}"#,
            400, "node_config.node_name must not be longer than 200"),
        config(
            #"{"node_config":{"node_name":"n","server_profile":"p","management_ip":"10.240.0.11"}}"#, 409,
            "management_ip"),
        config(
            #"{"node_config":{"node_name":"nutanix-poc-bm-node-01","server_profile":"p","management_ip":"10.240.0.11"}}"#,
            409,
            "cleanup"),
        get("/api/status/nodes/999", 404, "Node not found"), get("/api/status/nodes/-1", 400, "node id"),
        get("/api/status/nodes/0", 400, "node id"), get("/api/status/nodes/99999999999999999999", 400, "node id"),
        get("/api/status/nodes/x%1b", 400, "node id"), get("/api/status/deployment/10.9.9.9", 404, "Server not found"),
        get("/api/status/deployment/not-an-ip", 400, "IP address"),
        get("/api/status/history/999", 404, "Node not found"),
        get("/api/status/history", 400, "server_ip parameter is required"),
        get("/api/status/history?server_ip=10.9.9.9", 404, "History not available for server IP"),
        get("/api/status/history?server_ip=x", 400, "server_ip"), get("/api/status?since=-1", 400, "since"),
        get("/api/status?since=abc", 400, "since"), get("/api/status?limit=0", 400, "limit"),
        get("/api/config/nodes/999", 404, "Node not found"), get("/api/status/nope", 404, "Not found"),
        get("/", 404, "Not found"),
        get("/api/status/phase", 405, "POST"), get("/api/cleanup/node/1", 405, "POST"),
        Case(method: "DELETE", path: "/api/config/nodes/1", status: 405, says: "GET, HEAD"),
        Case(method: "POST", path: "/api/status", body: "{}", status: 405, says: "GET, HEAD"),
        Case(method: "PUT", path: "/api/config/nodes", body: "{}", status: 405, says: "GET, HEAD, POST"),
        Case(method: "POST", path: "/api/cleanup/node/77", status: 404, says: "Node not found"),
    ]

    @Test func everyRefusalSaysWhereAndStoresNothing() async throws {
        try await TestService.run { service in
            try await service.register(1)
            try await service.report("installation", "in_progress", server: "10.240.0.11")
            let before = try await service.get("/api/status").headers["etag"]
            for bad in Self.cases {
                let answer = try await service.send(bad.method, bad.path, body: bad.body)
                #expect(answer.status == bad.status, "\(bad.testDescription): \(answer.body)")
                #expect(answer.error?.contains(bad.says) == true, "\(bad.testDescription): \(answer.body)")
                if answer.status == 405 { #expect(answer.headers["allow"] != nil) }
            }
            #expect(try await service.get("/api/status").headers["etag"] == before)
            guard case .list(let rows) = try await service.get("/api/status/history/1").json?["deployment_history"]
            else {
                Issue.record("no history")
                return
            }
            #expect(rows.count == 1)
        }
    }

    /// A body without a declared length is cut off where it becomes too large, although more of it is still to come.
    @Test func anEndlessUploadIsCutOff() async throws {
        try await TestService.run { service in
            let endless = AsyncStream<ByteBuffer> { ByteBuffer(repeating: 0x20, count: 16 << 10) }
            let answer = try await service.send("POST", "/api/status/phase", bytes: .stream(endless, length: .unknown))
            #expect(answer.status == 413 && answer.headers["connection"] == "close")
            #expect(answer.error?.contains("65536") == true)
            #expect(try await service.get("/health").status == 200)
        }
    }

    /// Senders who never finish lose their connection, and nobody else notices them.
    @Test func hangingUploadsAreDropped() async throws {
        var limits = StatusServer.Limits()
        limits.idle = 1
        limits.connections = 8
        try await TestService.run(limits: limits, keepsConnections: false) { service in
            try await service.register(1)
            let starts = [
                "", "POST /api/status/ph", "POST /api/status/phase HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
            ]
            var hanging: [any Channel] = []
            for start in starts + starts {
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: service.port).get()
                if !start.isEmpty { try await channel.writeAndFlush(ByteBuffer(string: start)) }
                hanging.append(channel)
            }
            #expect(try await service.report("ipxe_boot", "in_progress", server: "10.240.0.11").status == 200)
            // Each is closed by the service; a test that hangs here has found one that is not.
            for channel in hanging { try await channel.closeFuture.get() }
            #expect(try await service.get("/api/status/nodes/1").status == 200)
        }
    }

    /// Somebody who asks for much and reads nothing is dropped: with one connection in all, the next one is served only then.
    @Test func whoDoesNotReadIsDropped() async throws {
        var limits = StatusServer.Limits()
        limits.stalled = 1
        limits.connections = 1
        try await TestService.run(limits: limits, keepsConnections: false) { service in
            try await service.register(1)
            let text = String(repeating: "\u{1F6A2}", count: 3900)
            for _ in 0..<300 {
                try await service.report("installation", "in_progress", server: "10.240.0.11", message: text)
            }
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false)
                .channelOption(.socketOption(.so_rcvbuf), value: 4096)
                .connect(host: "127.0.0.1", port: service.port).get()
            try await channel.writeAndFlush(
                ByteBuffer(string: "GET /api/status/history/1 HTTP/1.1\r\nHost: x\r\n\r\n"))
            let answer = try await service.get("/health")
            #expect(answer.status == 200)
            channel.close(promise: nil)
        }
    }

    @Test func whatIsOddIsKeptAsItCame() async throws {
        try await TestService.run { service in
            try await service.register(1)
            var body = ByteBuffer(
                string: #"{"server_ip":"10.240.0.11","phase":"\u001b]0;x\u0007","status":"s\n","message":"a\u0000b"#)
            body.writeBytes([0xFF])
            body.writeString(#""}"#)
            #expect(try await service.send("POST", "/api/status/phase", bytes: .bytes(body)).status == 200)
            let answer = try await service.get("/api/status/nodes/1")
            #expect(answer.json?["current_phase"] == .text("\u{1B}]0;x\u{07}"))
            // SQLite's texts cannot hold a NUL, and no text can hold a stray byte.
            #expect(answer.json?["message"] == .text("a\u{FFFD}b\u{FFFD}"))
            // On the wire nothing is raw.
            #expect(answer.body.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A })
            // Another spelling of an address is the same address.
            #expect(
                try await service.send(
                    "POST", "/api/config/nodes",
                    body: #"{"node_config":{"node_name":"six","server_profile":"p","management_ip":"2001:DB8:0::1"}}"#
                ).status == 202)
            #expect(try await service.get("/api/status/deployment/2001:db8::1").status == 200)
            #expect(try await service.get("/api/status/deployment/2001%3Adb8%3A%3A1").status == 200)
        }
    }

    @Test func aFullDiskIsToldAndHealthToo() async throws {
        try await TestService.run(maximumBytes: 200_000) { service in
            try await service.register(1)
            let text = String(repeating: "x", count: 3000)
            var answer = try await service.report("installation", "in_progress", server: "10.240.0.11", message: text)
            var stored = 0
            while answer.status == 200, stored < 500 {
                stored += 1
                answer = try await service.report("installation", "in_progress", server: "10.240.0.11", message: text)
            }
            #expect(answer.status == 503 && answer.error?.contains("full") == true)
            // Reading goes on.
            #expect(try await service.get("/api/status/nodes/1").status == 200)
            #expect(try await service.get("/health").status == 200)
            try await DatabaseQueue(path: service.databasePath).write { db in
                try db.execute(sql: "ALTER TABLE nodes RENAME TO lost")
            }
            let health = try await service.get("/health")
            #expect(
                health.status == 500 && health.json?["status"] == .text("unhealthy")
                    && health.body.contains("cannot be read"))
            #expect(try await service.get("/api/status/summary").status == 503)
        }
    }
}
