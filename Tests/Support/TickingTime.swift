import Fleet

/// A clock that runs many times as fast as the real one, in small steps that are taken by a task among all others: where the machine is busy,
/// the clock goes more slowly, too, so that nothing that is waited for is ever late because of other tests.
public struct TickingTime: Sendable {
    /// Steps in a real second, where the machine is not busy.
    private static let rate = 100.0

    private let time = ManualTime()
    private let ticking: Task<Void, Never>

    public var source: TimeSource { time.source }

    /// - Parameter speed: seconds of this clock in a real one.
    public init(speed: Double) {
        let time = self.time
        ticking = Task {
            while (try? await Task.sleep(for: .seconds(1 / Self.rate))) != nil { time.advance(by: speed / Self.rate) }
        }
    }

    /// So many seconds pass at once.
    public func jump(by seconds: Double) { time.advance(by: seconds) }

    /// The clock stands still from now on.
    public func end() { ticking.cancel() }
}
