import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lines of one answer, kept up to a limit.
final class LineCollector: Sendable {
    private let limit: Int
    private let lines = Mutex(Data())

    /// - Parameter limit: bytes in all.
    init(limit: Int) { self.limit = limit }

    func add(_ line: Data) {
        lines.withLock { lines in
            // Once beyond the limit nothing more is kept; what is there tells that there was too much.
            if lines.count <= limit { lines += line + Data("\n".utf8) }
        }
    }

    /// nil if there was more than the limit.
    var data: Data? { lines.withLock { $0.count <= limit ? $0 : nil } }
}
