import Foundation
import Logging
import Synchronization

/// Writes log lines to a file: the screen is not for them. The file starts anew at 4 MiB, keeping the one before.
final class LogFile: Sendable {
    private static let limit = 4 << 20
    private let path: String
    private let file: Mutex<FileHandle?>

    init(path: String) {
        self.path = path
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        if size > Self.limit {
            try? FileManager.default.removeItem(atPath: path + ".1")
            try? FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        }
        if !FileManager.default.fileExists(atPath: path) {
            FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        let handle = FileHandle(forWritingAtPath: path)
        _ = try? handle?.seekToEnd()
        file = Mutex(handle)
    }

    /// For the runtime's own warnings; nil when the file could not be opened.
    var descriptor: Int32? { file.withLock { $0?.fileDescriptor } }

    func write(_ line: String) {
        file.withLock { try? $0?.write(contentsOf: Data((line + "\n").utf8)) }
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
