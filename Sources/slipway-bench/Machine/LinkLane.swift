import Glibc

/// One direction of a link: bytes go in, are as long on their way as it takes, and come out.
struct LinkLane {
    /// What may be on its way or wait at the other end; who writes more than that has to wait. Without a limit of the rate it is ssh's own
    /// window, with one what a connection holds that never got quick.
    private static let room = (wide: 2 << 20, slow: 64 << 10)
    private static let readSize = 64 << 10
    /// A slow line is cut into pieces of so many seconds: else bytes would come in heaps that no line makes.
    private static let pieceTime = 0.02

    private let input: Int32
    private let output: Int32
    private let counter: LinkBoard.Field
    private var pieces: [(bytes: ArraySlice<UInt8>, due: Double)] = []
    private var waiting = 0
    private var room = Self.room.wide
    /// When the line has sent what it was given.
    private var freeAt = 0.0
    private(set) var hasEnded = false
    private var isClosed = false

    init(from input: Int32, to output: Int32, counter: LinkBoard.Field) {
        (self.input, self.output, self.counter) = (input, output, counter)
        for file in [input, output] { _ = fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_NONBLOCK) }
    }

    /// All that went in has come out, or nobody takes it.
    var isEmpty: Bool { hasEnded && pieces.isEmpty || isClosed }

    /// What to wait for.
    func wishes(at now: Double) -> [pollfd] {
        guard !isClosed else { return [] }
        var wishes: [pollfd] = []
        if !hasEnded, waiting < room { wishes.append(pollfd(fd: input, events: Int16(POLLIN), revents: 0)) }
        if let first = pieces.first, first.due <= now {
            wishes.append(pollfd(fd: output, events: Int16(POLLOUT), revents: 0))
        }
        return wishes
    }

    /// When something comes out next without anything else happening.
    func nextDue(after now: Double) -> Double? { pieces.first.flatMap { $0.due > now ? $0.due : nil } }

    mutating func take(_ board: LinkBoard, at now: Double) {
        guard !hasEnded, !isClosed else { return }
        let rate = board[.rate]
        let size = rate > 0 ? max(64, Int(rate * Self.pieceTime)) : Self.readSize
        room = rate > 0 ? Self.room.slow : Self.room.wide
        var buffer = [UInt8](repeating: 0, count: size)
        while waiting < room {
            let count = read(input, &buffer, size)
            if count == 0 { hasEnded = true }
            guard count > 0 else { return }
            freeAt = max(now, freeAt) + (rate > 0 ? Double(count) / rate : 0)
            pieces.append((buffer[..<count], freeAt + board[.roundTrip] / 2))
            waiting += count
        }
    }

    mutating func give(_ board: LinkBoard, at now: Double) {
        while let first = pieces.first, first.due <= now, !isClosed {
            let count = first.bytes.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            guard count >= 0 else { return finish() }
            waiting -= count
            board[counter] += Double(count)
            if count == first.bytes.count { pieces.removeFirst() } else { pieces[0].bytes.removeFirst(count) }
        }
        if hasEnded, pieces.isEmpty { finish() }
    }

    private mutating func finish() {
        guard !isClosed else { return }
        isClosed = true
        close(output)
    }
}
