import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// Lines on standard output and standard error, there at once, also in a pipe.
enum Output {
    static func line(_ text: String) { self.text(text + "\n") }

    /// Text as it is. When nobody reads any more, nothing is left to do: the program ends, as programs in a pipe do.
    static func text(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            Foundation.exit(ExitStatus.done.rawValue)
        }
    }

    static func error(_ text: String) {
        // Without a place for errors the exit status has to do.
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    /// Columns of the terminal that standard output goes to; 80 where that is not known.
    static var columns: Int { size.map { Int($0.ws_col) }.flatMap { $0 > 0 ? $0 : nil } ?? 80 }

    /// Its rows; 24 where that is not known.
    static var rows: Int { size.map { Int($0.ws_row) }.flatMap { $0 > 0 ? $0 : nil } ?? 24 }

    private static var size: winsize? {
        var size = winsize()
        return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
    }
}
