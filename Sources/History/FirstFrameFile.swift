import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The file that holds the `FirstFrame`.
public struct FirstFrameFile: Sendable {
    /// A file beyond this is not ours: 200 items take well under a megabyte.
    static let mostBytes = 8 << 20

    public let path: String

    public init(path: String) { self.path = path }

    /// Writes the file so that a reader sees the old frame or the new one, never a part, and nobody else may read it (0600).
    ///
    /// - Throws: `HistoryError`; the old frame then stays.
    public func write(_ frame: FirstFrame) throws {
        let data = try StoredCoder.encoder().encode(frame)
        // Two processes that write at the same time must not share the temporary file.
        let temporary = "\(path).new-\(getpid())"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure() }
        let isWhole = writeAll(data, to: file)
        // A failing close is how some file systems tell that the disk is full.
        let isClosed = close(file) == 0
        guard isWhole, isClosed, rename(temporary, path) == 0 else {
            let error = failure()
            unlink(temporary)
            throw error
        }
    }

    /// The frame, or nil if there is none, or none that can be read: the first frame is then empty, and nobody needs to hear of it.
    public func read() -> FirstFrame? {
        guard let data = bytes(), let frame = try? StoredCoder.decoder().decode(FirstFrame.self, from: data),
            frame.report.version == StatusReport.version
        else { return nil }
        return frame
    }

    private func failure() -> HistoryError {
        let reason = String(cString: strerror(errno))
        return HistoryError(
            "The first frame \(path) cannot be written: \(reason). Check its folder and the free space.")
    }

    private func writeAll(_ data: Data, to file: Int32) -> Bool {
        data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
                #if canImport(Glibc)
                let count = Glibc.write(file, start, rest.count)
                #elseif canImport(Musl)
                let count = Musl.write(file, start, rest.count)
                #else
                let count = Darwin.write(file, start, rest.count)
                #endif
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    private func bytes() -> Data? {
        var status = stat()
        // Only a plain file: opening a pipe would wait for its writer.
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.mostBytes else {
            return nil
        }
        return try? Data(contentsOf: URL(filePath: path))
    }
}
