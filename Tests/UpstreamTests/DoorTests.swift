import Foundation
import Synchronization
import Testing

@testable import Upstream

/// The real door against a server of plain sockets that misbehaves in every way.
@Suite struct DoorTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok", 200, "ok"),
        ("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 500, ""),
        ("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", 302, ""),
    ])
    func everyStatusIsAnAnswer(reply: String, status: Int, body: String) async throws {
        let server = try RawServer(reply: reply)
        let answer = try await Self.ask(server)
        #expect(answer.status == status)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
        #expect(server.requests.first?.hasPrefix("GET /x HTTP/1.1") == true)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf", UpstreamProblem.Reason.cut),
        ("", .cut), ("this is not http\r\n\r\n", .cut),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n" + String(repeating: "x", count: 4096), .tooLarge(1024)),
    ])
    func whatIsNoAnswerIsAProblem(reply: String, reason: UpstreamProblem.Reason) async throws {
        let server = try RawServer(reply: reply)
        await #expect { try await Self.ask(server, bodyLimit: 1024) } throws: {
            ($0 as? UpstreamProblem)?.reason == reason
        }
    }

    @Test func aHangingServerIsGivenUpAtTheDeadline() async throws {
        let server = try RawServer(reply: nil)
        await #expect { try await Self.ask(server, deadline: 0.2) } throws: {
            ($0 as? UpstreamProblem)?.reason == .timedOut
        }
    }

    @Test func nobodyThereIsUnreachable() async throws {
        let server = try RawServer(reply: "")
        server.stop()
        await #expect { try await Self.ask(server) } throws: { ($0 as? UpstreamProblem)?.reason == .unreachable }
    }

    @Test func theTokenIsReadAnewForEachQuestion() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        let server = try RawServer(reply: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        try await Self.withDoor("http://127.0.0.1:\(server.port)", token: .file(file.path)) { door in
            await #expect { try await door.ask(HTTPQuestion(target: "/x")) } throws: {
                let problem = $0 as? UpstreamProblem
                return problem?.reason == .misconfigured && problem?.sentence.contains(file.path) == true
            }
            for token in ["first-secret", "second-secret\n"] {
                try Data(token.utf8).write(to: file)
                _ = try await door.ask(HTTPQuestion(target: "/x"))
                #expect(server.requests.last?.contains("Bearer \(token.trimmingCharacters(in: .newlines))\r\n") == true)
            }
        }
    }

    @Test(arguments: ["", "host:8080", "ftp://host", "http://", "http://user:pass@host", "http://host?x=1"])
    func wrongAddressesAreToldAtOnce(address: String) {
        #expect { try HTTPClientDoor(base: address, environment: [:]) } throws: {
            ($0 as? UpstreamProblem)?.reason == .misconfigured
        }
    }

    private static func ask(
        _ server: RawServer, deadline: Double = 5, bodyLimit: Int = 1 << 20
    ) async throws -> HTTPReply {
        try await withDoor("http://127.0.0.1:\(server.port)/") { door in
            try await door.ask(HTTPQuestion(target: "/x", deadline: deadline, bodyLimit: bodyLimit))
        }
    }

    /// A door that is closed again, whatever happens.
    private static func withDoor<Result>(
        _ base: String, token: BearerToken? = nil, _ body: (HTTPClientDoor) async throws -> Result
    ) async throws -> Result {
        let door = try HTTPClientDoor(base: base, token: token, environment: [:])
        do {
            let result = try await body(door)
            await door.close()
            return result
        } catch {
            await door.close()
            throw error
        }
    }
}

/// A TCP server that reads a request and writes some bytes, or none, and closes.
final class RawServer: Sendable {
    let port: Int
    private let socket: Int32
    private let seen = Mutex<[String]>([])
    private let stopped = Mutex(false)

    var requests: [String] { seen.withLock { $0 } }

    /// - Parameter reply: nil never answers.
    init(reply: String?) throws {
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = self.socket
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, size) == 0 && listen(socket, 16) == 0 && getsockname(socket, pointer, &size) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let peer = accept(socket, nil, nil)
                guard peer >= 0 else { return }
                Thread.detachNewThread { [self] in serve(peer, reply) }
            }
        }
    }

    deinit { stop() }

    /// Once only: a second close would hit whoever was given the number meanwhile.
    func stop() {
        let isFirst = stopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    private func serve(_ peer: Int32, _ reply: String?) {
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = receive(peer, &buffer)
        if count > 0 { seen.withLock { $0.append(String(decoding: buffer[..<count], as: UTF8.self)) } }
        // Without a reply it waits until the other side gives up.
        guard let reply else {
            _ = receive(peer, &buffer)
            close(peer)
            return
        }
        let bytes = Array(reply.utf8)
        _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        close(peer)
    }

    /// A signal to another part of the test program must not look like the end of the connection.
    private func receive(_ peer: Int32, _ buffer: inout [UInt8]) -> Int {
        while true {
            let count = read(peer, &buffer, buffer.count)
            if count >= 0 || errno != EINTR { return count }
        }
    }
}
