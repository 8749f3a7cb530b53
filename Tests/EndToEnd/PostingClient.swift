import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A node that reports as fast as it is answered, on one connection, until the service has gone.
final class PostingClient: Sendable {
    private let port: Int
    private let address: String
    private let state = Mutex<(acknowledged: [String], isOver: Bool)>(([], false))

    /// The messages of the reports that were answered with 200.
    var acknowledged: [String] { state.withLock { $0.acknowledged } }
    var isOver: Bool { state.withLock { $0.isOver } }

    init(port: Int, address: String) {
        self.port = port
        self.address = address
    }

    func start() {
        Thread.detachNewThread {
            self.postAll()
            self.state.withLock { $0.isOver = true }
        }
    }

    private func postAll() {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(file) }
        var service = sockaddr_in()
        service.sin_family = sa_family_t(AF_INET)
        service.sin_port = in_port_t(port).bigEndian
        service.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &service) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return }
        var answer = [UInt8](repeating: 0, count: 4096)
        for number in 0..<100_000 {
            let message = "report \(number)"
            let body = """
                {"server_ip": "\(address)", "phase": "installation", "status": "in_progress", "message": "\(message)"}
                """
            let request = Array(
                "POST /api/status/phase HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    .utf8)
            guard send(file, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return }
            // The answer is so short that it comes in one piece.
            let count = recv(file, &answer, answer.count, 0)
            guard count > 0, String(decoding: answer.prefix(count), as: UTF8.self).hasPrefix("HTTP/1.1 200") else {
                return
            }
            state.withLock { $0.acknowledged.append(message) }
        }
    }
}
