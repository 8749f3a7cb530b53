import Synchronization

/// Notices that nothing has been heard for too long, without asking a clock: it looks from time to time whether anything was.
final class Silence: Sendable {
    /// How many looks make up the patience: more of them find silence sooner after its time.
    private static let looks = 4
    private let heard = Mutex(0)

    /// Something was heard.
    func isBroken() { heard.withLock { $0 &+= 1 } }

    /// Returns when nothing was heard for so many seconds, or up to a quarter longer.
    ///
    /// - Throws: `CancellationError`.
    func lasts(_ patience: Double) async throws {
        var last = heard.withLock { $0 }
        var quiet = 0
        while quiet < Self.looks {
            try await Task.sleep(for: .seconds(patience / Double(Self.looks)))
            let now = heard.withLock { $0 }
            quiet = now == last ? quiet + 1 : 0
            last = now
        }
    }
}
