import Glibc

/// A program in a terminal of its own, seen from the other end.
final class Pty {
    let process: ChildProcess
    private let master: Int32
    /// When the program was started, on `Clock`.
    let start: Double
    private(set) var isClosed = false

    init(_ launch: ChildProcess.Launch, columns: UInt16, rows: UInt16) throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &name, nil, &size) == 0 else {
            throw BenchProblem("No terminal can be opened: \(String(cString: strerror(errno))).")
        }
        // Held until the program has opened it too: a terminal whose last user leaves hangs up.
        defer { close(slave) }
        for file in [master, slave] { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
        self.master = master
        start = Clock.now
        let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        process = try ChildProcess(launch, terminal: path)
    }

    deinit { close(master) }

    func write(_ text: String) {
        var bytes = Array(text.utf8)
        while !bytes.isEmpty {
            let count = Glibc.write(master, bytes, bytes.count)
            guard count > 0 else { return }
            bytes.removeFirst(count)
        }
    }

    /// What the program writes next, as soon as there is something; nil when nothing came until the deadline.
    func read(until deadline: Double) -> [UInt8]? {
        var wish = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        let rest = max(0, deadline - Clock.now)
        // Rounded up: a wait of less than a millisecond must not become a busy loop.
        guard poll(&wish, 1, Int32((rest * 1000).rounded(.up))) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(master, &buffer, buffer.count)
        guard count > 0 else {
            isClosed = true
            return nil
        }
        return Array(buffer.prefix(count))
    }

    /// Everything the program writes in the next seconds.
    func collect(for seconds: Double) -> [UInt8] {
        let deadline = Clock.now + seconds
        var all: [UInt8] = []
        while Clock.now < deadline, !isClosed {
            if let chunk = read(until: deadline) { all += chunk }
        }
        return all
    }

    /// Lets several programs write for so many seconds: one whose terminal is full stands still.
    static func drain(_ ptys: [Pty], for seconds: Double) {
        let deadline = Clock.now + seconds
        while Clock.now < deadline {
            var wishes = ptys.map { pollfd(fd: $0.master, events: Int16(POLLIN), revents: 0) }
            poll(&wishes, nfds_t(wishes.count), Int32(max(1, (deadline - Clock.now) * 1000)))
            for (pty, wish) in zip(ptys, wishes) where wish.revents != 0 {
                _ = pty.read(until: 0)
                // One that has ended would be ready for ever.
                if pty.isClosed { Clock.sleep(0.01) }
            }
        }
    }

    /// Everything until nothing more came for a while, but at most so many seconds.
    @discardableResult
    func settle(quiet: Double = 0.15, atMost patience: Double = 10) -> [UInt8] {
        let deadline = Clock.now + patience
        var all: [UInt8] = []
        while Clock.now < deadline, let chunk = read(until: min(deadline, Clock.now + quiet)) { all += chunk }
        return all
    }

    /// When the program had written a text, on `Clock`; nil if it did not in time.
    ///
    /// - Parameter look: is called ten times a second and whenever something came, before it is looked at.
    func wait(for text: String, atMost patience: Double, look: () -> Void = {}) -> Double? {
        let deadline = Clock.now + patience
        let wanted = Array(text.utf8)
        var tail: [UInt8] = []
        while Clock.now < deadline, !isClosed {
            let chunk = read(until: min(deadline, Clock.now + 0.1))
            look()
            guard let chunk else { continue }
            let seen = Clock.now
            tail += chunk
            if wanted.isEmpty || tail.contains(wanted) { return seen }
            tail = tail.suffix(wanted.count)
        }
        return nil
    }
}

extension Array where Element == UInt8 {
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard count >= part.count else { return false }
        return (0...(count - part.count)).contains { self[$0..<($0 + part.count)].elementsEqual(part) }
    }
}
