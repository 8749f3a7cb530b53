import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// The original orchestrator, as far as it was recorded, on plain sockets; and everything that can go wrong with it.
final class Orchestrator: Sendable {
    enum Mood: Sendable, Equatable {
        case well
        /// Takes the question and never answers.
        case hanging
        case html
        /// An answer that ends within its JSON.
        case halfJSON
        /// A connection that ends within its answer.
        case cut
        case failing
        /// Answers that are far larger than any fleet.
        case huge
    }

    let port: Int
    var url: String { "http://127.0.0.1:\(port)" }
    private let state: Mutex<State>
    private let answers: [String: Reply]

    struct Reply: Sendable {
        var status = 200
        var type = "application/json"
        var body: String
    }

    private struct State {
        var mood: Mood
        var listener: Int32?
        var connections: Set<Int32> = []
    }

    /// - Parameter answers: by path; a path that is not there is answered with 404.
    static func start(_ stage: Stage, _ mood: Mood = .well, answers: [String: Reply]) throws -> Orchestrator {
        let (listener, port) = try listen(port: 0)
        let orchestrator = Orchestrator(port: port, mood: mood, answers: answers)
        orchestrator.accept(on: listener)
        stage.atEnd { orchestrator.stop() }
        return orchestrator
    }

    private init(port: Int, mood: Mood, answers: [String: Reply]) {
        self.port = port
        self.answers = answers
        state = Mutex(State(mood: mood))
    }

    func become(_ mood: Mood) { state.withLock { $0.mood = mood } }

    /// Ends all connections, and takes no more.
    func stop() {
        state.withLock { state in
            // Whoever reads from these wakes up, closes its own and ends.
            if let listener = state.listener { shutdown(listener, Int32(SHUT_RDWR)) }
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
            state.listener = nil
        }
    }

    /// Takes connections again after `stop`, at the same port.
    func resume() throws { accept(on: try Self.listen(port: port).socket) }

    // MARK: sockets

    private static func listen(port: Int) throws -> (socket: Int32, port: Int) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // Programs that are started meanwhile must not hold it open.
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        var yes: Int32 = 1
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(file, $0, length) == 0 && Glibc.listen(file, 64) == 0 && getsockname(file, $0, &length) == 0
            }
        }
        guard isListening else {
            close(file)
            throw StoryProblem("No port to listen on: \(String(cString: strerror(errno)))")
        }
        return (file, Int(in_port_t(bigEndian: address.sin_port)))
    }

    private func accept(on listener: Int32) {
        state.withLock { $0.listener = listener }
        Thread.detachNewThread {
            while case let connection = Glibc.accept(listener, nil, nil), connection >= 0 {
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                self.state.withLock { _ = $0.connections.insert(connection) }
                Thread.detachNewThread {
                    while self.answerOne(on: connection) {}
                    self.state.withLock { _ = $0.connections.remove(connection) }
                    close(connection)
                }
            }
            close(listener)
        }
    }

    /// - Returns: whether another question may follow on the connection.
    private func answerOne(on connection: Int32) -> Bool {
        guard let path = Self.question(on: connection) else { return false }
        switch state.withLock({ $0.mood }) {
        case .well:
            return send(answers[path] ?? Reply(status: 404, body: #"{"error":"Not found"}"#), on: connection)
        case .hanging:
            // Until the other side gives up.
            _ = Self.question(on: connection)
            return false
        case .html: return send(Reply(type: "text/html", body: "<html><h1>It works!</h1></html>"), on: connection)
        case .halfJSON: return send(Reply(body: #"{"nodes": [{"id": 1, "node_na"#), on: connection)
        case .cut:
            Self.write(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"nodes\"",
                to: connection)
            return false
        case .failing: return send(Reply(status: 500, body: #"{"error":"database is locked"}"#), on: connection)
        case .huge:
            let size = 50 << 20
            Self.write(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(size)\r\n\r\n", to: connection)
            let piece = String(repeating: "[", count: 1 << 20)
            for _ in 0..<50 where !Self.write(piece, to: connection) { return false }
            return false
        }
    }

    private func send(_ reply: Reply, on connection: Int32) -> Bool {
        Self.write(
            "HTTP/1.1 \(reply.status) Said\r\nContent-Type: \(reply.type)\r\nContent-Length: \(reply.body.utf8.count)\r\n\r\n"
                + reply.body, to: connection)
    }

    /// The path of a question; nil when the other side has gone. The questions that are asked here have no body.
    private static func question(on connection: Int32) -> String? {
        var head: [UInt8] = []
        var byte = [UInt8](repeating: 0, count: 1)
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), head.count < 16_384 {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            head.append(byte[0])
        }
        let words = String(decoding: head, as: UTF8.self).split(separator: " ")
        guard words.count > 1 else { return nil }
        return words[1].split(separator: "?").first.map(String.init)
    }

    @discardableResult
    private static func write(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

/// What the original orchestrator really answered.
enum Recorded {
    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/bare-metal")

    static func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(name + ".json")), as: UTF8.self)
    }

    /// Its four nodes: one is installing, one is deployed, one has failed, one reported with an unusual word.
    static func answers() throws -> [String: Orchestrator.Reply] {
        var answers = [
            "/api/status": Orchestrator.Reply(status: 500, body: try text("status-root-get")),
            "/api/status/summary": .init(body: try text("summary")),
            "/api/config/nodes": .init(body: try text("nodes")), "/health": .init(body: try text("health")),
            "/api/status/nodes/1": .init(body: try text("deployment-by-ip")),
            "/api/status/nodes/2": .init(body: try text("node-status-deployed")),
            "/api/status/nodes/3": .init(body: try text("node-status-failed")),
            "/api/status/nodes/4": .init(body: try text("node-status-phase-outside-the-nine")),
            "/api/status/history/1": .init(body: try text("history")),
        ]
        // Of the others, the newest report was recorded, in the summary.
        let summary = try JSONDecoder().decode(Summary.self, from: Data(try text("summary").utf8))
        for entry in summary.recent where entry.node != 1 {
            answers["/api/status/history/\(entry.node)"] = .init(
                body: """
                    {"deployment_history": [{"phase": "\(entry.phase)", "status": "\(entry.status)", "message": "\(entry.message)", \
                    "timestamp": "\(entry.timestamp)"}], "node_name": "\(entry.name)", "server_ip": "10.240.0.1\(entry.node)"}
                    """)
        }
        return answers
    }

    private struct Summary: Decodable {
        struct Entry: Decodable {
            let node: Int
            let name: String
            let phase: String
            let status: String
            let message: String
            let timestamp: String

            enum CodingKeys: String, CodingKey {
                case node = "node_id"
                case name = "node_name"
                case phase = "current_phase"
                case status, message, timestamp
            }
        }

        let recent: [Entry]

        enum CodingKeys: String, CodingKey { case recent = "recent_deployments" }
    }
}
