import Foundation
import Glibc
import Synchronization

/// Somebody who looks at what an agent collects and does nothing with it: speaks the change stream over the agent's socket, until `end`.
final class StreamViewer: Sendable {
    /// Who is silent for longer is asked whether it is still there.
    private static let pingPeriod = 10.0
    private static let clock = "2026-11-21T19:07:27.000Z"

    private struct Standing {
        var file: Int32?
        var received = 0
    }

    private let standing: Mutex<Standing>

    init(socket path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw BenchProblem("The path of the agent's socket is too long: \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let file = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard file >= 0, result == 0 else {
            close(file)
            throw BenchProblem("No agent answers at \(path).")
        }
        standing = Mutex(Standing(file: file))
        Self.say(
            #"{"hello":{"capabilities":[],"clock":"\#(Self.clock)","host":"bench","program":"bench","protocol":"1.0"}}"#,
            to: file)
        Thread.detachNewThread { [self] in follow(file) }
    }

    /// Bytes that it was told.
    var received: Int { standing.withLock { $0.received } }

    func end() { standing.withLock { if let file = $0.file { shutdown(file, Int32(SHUT_RDWR)) } } }

    private func follow(_ file: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var pinged = Clock.now
        while true {
            var wish = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            if poll(&wish, 1, 1000) > 0 {
                let count = read(file, &buffer, buffer.count)
                guard count > 0 else { break }
                standing.withLock { $0.received += count }
            }
            if Clock.now - pinged > Self.pingPeriod {
                pinged = Clock.now
                Self.say(#"{"ping":{"clock":"\#(Self.clock)"}}"#, to: file)
            }
        }
        standing.withLock {
            $0.file = nil
            close(file)
        }
    }

    private static func say(_ line: String, to file: Int32) {
        let bytes = Array((line + "\n").utf8)
        _ = write(file, bytes, bytes.count)
    }
}
