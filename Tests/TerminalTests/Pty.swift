import Dispatch
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// A terminal whose other end the test holds. What is written to it is drained at once by another thread, so that no
/// paint ever waits for the test.
@MainActor
final class Pty {
    let master: Int32
    let slave: Int32
    let path: String
    private let source: any DispatchSourceRead
    private let chunks: AsyncStream<[UInt8]>

    struct NoTerminal: Error {}

    init(columns: UInt16 = 80, rows: UInt16 = 24) throws {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &name, nil, &size) == 0 else { throw NoTerminal() }
        self.master = master
        self.slave = slave
        path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let (chunks, feed) = AsyncStream<[UInt8]>.makeStream()
        self.chunks = chunks
        source = Pty.drain(master, into: feed)
    }

    nonisolated private static func drain(
        _ master: Int32, into feed: AsyncStream<[UInt8]>.Continuation
    ) -> any DispatchSourceRead {
        let source = DispatchSource.makeReadSource(fileDescriptor: master, queue: DispatchQueue(label: "pty"))
        source.setEventHandler {
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = read(master, &buffer, buffer.count)
            if count > 0 { feed.yield(Array(buffer[..<count])) }
        }
        source.resume()
        return source
    }

    /// All that was written until `text` was, and that with it.
    func output(until text: String) async -> String {
        var bytes: [UInt8] = []
        let end = Array(text.utf8)
        for await chunk in chunks {
            bytes += chunk
            if bytes.count >= end.count, bytes.suffix(end.count + 4096).contains(end) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a person types.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// The modes as `stty` would show them.
    var modes: [UInt32] {
        var modes = termios()
        tcgetattr(slave, &modes)
        return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
    }

    func hangUp() {
        source.cancel()
        Glibc.close(master)
    }

    isolated deinit {
        source.cancel()
        Glibc.close(slave)
    }
}
