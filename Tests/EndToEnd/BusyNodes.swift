import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Nodes that are deployed all the time: each reports where it is, on one connection to the service, until they are told to stop.
final class BusyNodes: Sendable {
    /// The same numbers for the same seed (SplitMix64), so that what went wrong can be done again.
    struct Dice: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    enum Pace: Sendable {
        case still
        /// A few reports a second.
        case usual
        /// As many as the service takes, with long messages that nothing makes shorter.
        case wild
    }

    private let port: Int
    private let count: Int
    private let pace = Mutex(Pace.still)
    private let problem = Mutex<String?>(nil)

    init(_ service: Service, count: Int) {
        port = service.port
        self.count = count
    }

    /// What the service would not take; nil when all is well.
    var trouble: String? { problem.withLock { $0 } }

    func become(_ pace: Pace) { self.pace.withLock { $0 = pace } }

    /// Registers them, and begins to report.
    func start(seed: UInt64) {
        become(.usual)
        Thread.detachNewThread { [self] in
            let file = connected()
            defer { close(file) }
            for node in 0..<count {
                let body = """
                    {"node_config": {"node_name": "rack\(node / 10)-n0\(node % 10)", "server_profile": \
                    "bx2d-metal-48x192", "management_ip": "\(address(node))"}}
                    """
                guard post(file, "/api/config/nodes", body) else { return }
            }
            var dice = Dice(seed: seed)
            var phases = (0..<count).map { _ in 0 }
            while case let pace = self.pace.withLock({ $0 }), pace != .still {
                let node = Int.random(in: 0..<count, using: &dice)
                if Int.random(in: 0..<4, using: &dice) == 0 { phases[node] = (phases[node] + 1) % Service.phases.count }
                let words = pace == .wild ? 100 : 1
                let message = (0..<words).map { _ in String(dice.next(), radix: 36) }.joined(separator: " ")
                let body = """
                    {"server_ip": "\(address(node))", "phase": "\(Service.phases[phases[node]])", \
                    "status": "in_progress", "message": "\(message)"}
                    """
                guard post(file, "/api/status/phase", body) else { return }
                if pace == .usual { usleep(30_000) }
            }
        }
    }

    private func address(_ node: Int) -> String { "10.0.1.\(node + 1)" }

    private func connected() -> Int32 {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var service = sockaddr_in()
        service.sin_family = sa_family_t(AF_INET)
        service.sin_port = in_port_t(port).bigEndian
        service.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &service) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return file
    }

    private func post(_ file: Int32, _ path: String, _ body: String) -> Bool {
        let request = Array(
            "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
        var answer = [UInt8](repeating: 0, count: 8192)
        guard send(file, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return fail("closed") }
        // The answer is so short that it comes in one piece.
        let count = recv(file, &answer, answer.count, 0)
        let text = String(decoding: answer.prefix(max(0, count)), as: UTF8.self)
        return text.hasPrefix("HTTP/1.1 20") || fail("\(path) \(body) was answered \(text)")
    }

    private func fail(_ sentence: String) -> Bool {
        problem.withLock { $0 = $0 ?? sentence }
        return false
    }
}
