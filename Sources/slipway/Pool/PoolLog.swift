import Fleet
import Logging

/// Where managers write what they do.
struct PoolLog: Sendable {
    private let logger: Logger

    init(_ paths: Paths) {
        let now = TimeSource.system.now
        let file = LogFile(path: paths.log)
        logger = Logger(label: "pool") { FileLogHandler(file: file, label: $0, now: { WireTime.text(now()) }) }
    }

    func note(_ text: String) { logger.info("\(text)") }
}
