import Foundation
import UnixSignals

/// Work that goes on until it is done or the program is told to end, and is ended in order then: what it holds is written down.
enum GracefulEnd {
    /// - Returns: what the program was told to end by; nil when the work ended by itself.
    static func run(_ body: @escaping @Sendable () async throws -> Void) async throws -> UnixSignal? {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let work = Task { try await body() }
        return try await withThrowingTaskGroup(of: UnixSignal?.self) { group in
            group.addTask {
                var first: UnixSignal?
                for await signal in signals {
                    // Who says it twice means at once.
                    if first != nil { Foundation.exit(128 + signal.rawValue) }
                    first = signal
                    work.cancel()
                }
                return first
            }
            let result: Result<Void, any Error>
            do { result = .success(try await work.value) } catch { result = .failure(error) }
            group.cancelAll()
            let signal = try await group.next() ?? nil
            // Whoever was cancelled may end by saying so.
            if signal == nil { try result.get() }
            return signal
        }
    }
}
