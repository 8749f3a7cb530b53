import Fleet
import Synchronization

/// A sleep that somebody else can break off, without ending the task that sleeps.
public final class Nap: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)

    public init() {}

    /// Returns after so many seconds, when it is broken off, or when the task is cancelled.
    ///
    /// It stays with the actor that calls it: nobody gets in between the decision to sleep and the sleep that can be broken off.
    public func sleep(
        _ seconds: Double, _ time: TimeSource, isolation: isolated (any Actor)? = #isolation
    ) async {
        let sleeping = Task<Void, Never> { try? await time.sleep(seconds) }
        task.withLock { $0 = sleeping }
        await withTaskCancellationHandler {
            await sleeping.value
        } onCancel: {
            sleeping.cancel()
        }
        task.withLock { $0 = nil }
    }

    /// - Returns: false when nobody was asleep.
    @discardableResult
    public func breakOff() -> Bool {
        let sleeping = task.withLock { $0 }
        sleeping?.cancel()
        return sleeping != nil
    }
}
