import Foundation
import Logging
import Synchronization

/// Writes log lines to a file: the screen is not for them. Several processes may write to one file; at 4 MiB it starts anew, and the one
/// before is kept.
final class LogFile: Sendable {
    private static let limit = 4 << 20
    private let path: String
    private let file: Mutex<FileHandle?>

    init(path: String) {
        self.path = path
        file = Mutex(Self.open(path))
    }

    /// For the runtime's own warnings; nil when the file could not be opened.
    var descriptor: Int32? { file.withLock { $0?.fileDescriptor } }

    func write(_ line: String) {
        file.withLock { file in
            if let size = try? file?.offset(), size > Self.limit {
                rename(path, path + ".1")
                file = Self.open(path)
            }
            try? file?.write(contentsOf: Data((line + "\n").utf8))
        }
    }

    /// Appending, so that another process's lines are never overwritten.
    private static func open(_ path: String) -> FileHandle? {
        let descriptor = Foundation.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        _ = try? handle.seekToEnd()
        return handle
    }
}

/// swift-log's way into the file.
struct FileLogHandler: LogHandler {
    let file: LogFile
    let label: String
    let now: @Sendable () -> String
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        file.write("\(now()) \(event.level) \(label): \(event.message)")
    }
}
