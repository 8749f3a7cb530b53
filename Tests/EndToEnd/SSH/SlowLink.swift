import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A long way to a port of this machine: what goes through it comes later, and no faster than so many bytes a second. It can be cut,
/// clogged and closed.
final class SlowLink: Sendable {
    let port: UInt16
    private let target: UInt16
    /// Seconds in each direction.
    private let delay: Double
    /// Bytes a second in each direction.
    private let rate: Double
    /// Bytes that are on their way at a time, in each direction: beyond them nobody may send.
    private static let window = 16 << 10
    private static let piece = 2 << 10

    private struct State {
        var listener: Int32?
        var pairs: [Int: (near: Int32, far: Int32)] = [:]
        var count = 0
        var isClogged = false
    }
    private let state = Mutex(State())

    /// - Parameter target: the port at its other end.
    static func start(_ stage: Stage, to target: UInt16, delay: Double, rate: Double) throws -> SlowLink {
        let (listener, port) = try listen(port: 0)
        let link = SlowLink(port: port, target: target, delay: delay, rate: rate)
        link.accept(on: listener)
        stage.atEnd { link.close() }
        return link
    }

    private init(port: UInt16, target: UInt16, delay: Double, rate: Double) {
        self.port = port
        self.target = target
        self.delay = delay
        self.rate = rate
    }

    // MARK: what may happen to it

    /// How many go through it now.
    var connections: Int { state.withLock { $0.pairs.count } }

    /// Ends all connections, and takes new ones.
    func cut() {
        state.withLock { state in
            // Whoever carries them closes them.
            for pair in state.pairs.values { for end in [pair.near, pair.far] { shutdown(end, Int32(SHUT_RDWR)) } }
        }
    }

    /// While it is clogged nothing goes towards who came through it, and nothing is taken from the other end.
    func clog(_ isClogged: Bool) { state.withLock { $0.isClogged = isClogged } }

    /// Ends all connections, and takes no more.
    func close() {
        state.withLock { state in
            if let listener = state.listener { shutdown(listener, Int32(SHUT_RDWR)) }
            state.listener = nil
            state.isClogged = false
        }
        cut()
    }

    /// Takes connections again after `close`, at the same port.
    func open() throws { accept(on: try Self.listen(port: port).socket) }

    // MARK: carrying

    private func accept(on listener: Int32) {
        state.withLock { $0.listener = listener }
        Thread.detachNewThread { [self] in
            while case let near = Glibc.accept(listener, nil, nil), near >= 0 {
                let far = Self.socket()
                guard Self.address(target, { connect(far, $0, $1) }) == 0 else {
                    for end in [near, far] { Glibc.close(end) }
                    continue
                }
                carry(near, far)
            }
            Glibc.close(listener)
        }
    }

    private func carry(_ near: Int32, _ far: Int32) {
        for end in [near, far] {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let id = state.withLock { state in
            state.count += 1
            state.pairs[state.count] = (near, far)
            // It was closed while somebody came.
            if state.listener == nil { for end in [near, far] { shutdown(end, Int32(SHUT_RDWR)) } }
            return state.count
        }
        let left = Countdown(2)
        for (from, to) in [(near, far), (far, near)] {
            Thread.detachNewThread { [self] in
                Direction(from: from, to: to, delay: delay, rate: rate).carry {
                    from == far && self.state.withLock { $0.isClogged }
                }
                // The other direction ends, too.
                for end in [from, to] { shutdown(end, Int32(SHUT_RDWR)) }
                guard left.isLast() else { return }
                state.withLock { $0.pairs[id] = nil }
                for end in [from, to] { Glibc.close(end) }
            }
        }
    }

    private final class Countdown: Sendable {
        private let count: Mutex<Int>
        init(_ count: Int) { self.count = Mutex(count) }
        func isLast() -> Bool {
            count.withLock { count in
                count -= 1
                return count == 0
            }
        }
    }

    /// Carries one way, until either end closes.
    private struct Direction {
        let from: Int32
        let to: Int32
        let delay: Double
        let rate: Double
        private var underWay: [(bytes: ArraySlice<UInt8>, due: ContinuousClock.Instant)] = []
        private var size = 0
        /// When the next byte may go.
        private var free = ContinuousClock.now

        init(from: Int32, to: Int32, delay: Double, rate: Double) {
            (self.from, self.to, self.delay, self.rate) = (from, to, delay, rate)
        }

        func carry(isClogged: () -> Bool) {
            var way = self
            while way.step(isClogged()) {}
        }

        private mutating func step(_ isClogged: Bool) -> Bool {
            let now = ContinuousClock.now
            let due = underWay.first.map { max($0.due, free) }
            // Whether it is clogged is asked again in a moment.
            var wait = isClogged ? 50 : 1000
            if let due, !isClogged { wait = due <= now ? 1000 : min(1000, 1 + Int((due - now) / .milliseconds(1))) }
            var ends = [
                pollfd(fd: from, events: isClogged || size >= SlowLink.window ? 0 : Int16(POLLIN), revents: 0),
                pollfd(fd: to, events: !isClogged && due.map { $0 <= now } == true ? Int16(POLLOUT) : 0, revents: 0),
            ]
            // What has hung up would be told at once and always: it is heard of when it is read.
            if ends[0].events == 0 { ends[0].fd = -1 }
            guard poll(&ends, 2, Int32(wait)) >= 0 else { return errno == EINTR }
            if Int32(ends[1].revents) & (POLLERR | POLLHUP) != 0 { return false }
            if ends[0].revents != 0, !read() { return false }
            return ends[1].revents == 0 || write()
        }

        private mutating func read() -> Bool {
            var bytes = [UInt8](repeating: 0, count: SlowLink.piece)
            let count = recv(from, &bytes, bytes.count, 0)
            guard count > 0 else { return count < 0 && errno == EAGAIN }
            underWay.append((bytes[..<count], .now + .seconds(delay)))
            size += count
            return true
        }

        private mutating func write() -> Bool {
            guard let first = underWay.first else { return true }
            let count = first.bytes.withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return errno == EAGAIN }
            size -= count
            free = max(free, .now) + .seconds(Double(count) / rate)
            if count == first.bytes.count {
                underWay.removeFirst()
            } else {
                underWay[0].bytes = first.bytes.dropFirst(count)
            }
            return true
        }
    }

    // MARK: sockets

    /// Whoever sends is soon told to wait, also by a link that takes nothing.
    private static func socket() -> Int32 {
        let file = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var size: Int32 = 8 << 10
        setsockopt(file, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var yes: Int32 = 1
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        return file
    }

    private static func listen(port: UInt16) throws -> (socket: Int32, port: UInt16) {
        let file = socket()
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening =
            address(port) { bind(file, $0, $1) } == 0 && Glibc.listen(file, 16) == 0
            && withUnsafeMutablePointer(to: &bound) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(file, $0, &length) == 0 }
            }
        guard isListening else {
            Glibc.close(file)
            throw StoryProblem("No port to listen on: \(String(cString: strerror(errno)))")
        }
        return (file, UInt16(bigEndian: bound.sin_port))
    }

    /// - Parameter port: of this machine.
    private static func address(_ port: UInt16, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
