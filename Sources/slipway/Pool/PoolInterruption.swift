import ArgumentParser
import ClusterPool
import Fleet
import Foundation
import UnixSignals

/// What becomes of work when the command that does it is told to stop.
enum PoolInterruption {
    /// Whether a manager runs is not waited for longer, in seconds: whoever stops a command wants it to end.
    private static let patience: Double = 3

    private enum Outcome: Sendable {
        case ended(Result<ExitStatus, any Error>)
        case told(UnixSignal)
    }

    /// Runs `body`; when the program is told to stop meanwhile, says what is left and who goes on with it.
    ///
    /// - Throws: the exit code of a program that a signal has ended.
    static func ending(
        _ clusters: [String], _ work: PoolWork,
        _ body: @escaping @Sendable () async throws -> ExitStatus
    ) async throws -> ExitStatus {
        let (stops, stop) = AsyncStream.makeStream(of: UnixSignal.self)
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let listener = Task {
            var isFirst = true
            for await signal in signals {
                // Who says it twice means at once.
                if !isFirst { Foundation.exit(128 + signal.rawValue) }
                isFirst = false
                stop.yield(signal)
            }
        }
        defer { listener.cancel() }
        let outcome = await withTaskGroup(of: Outcome?.self) { group -> Outcome? in
            group.addTask {
                do { return .ended(.success(try await body())) } catch { return .ended(.failure(error)) }
            }
            group.addTask {
                for await signal in stops { return .told(signal) }
                return nil
            }
            defer { group.cancelAll() }
            while let next = await group.next() { if let next { return next } }
            return nil
        }
        switch outcome {
        case .ended(let result): return try result.get()
        case .told(let signal):
            for cluster in clusters { await tell(cluster, work) }
            throw ExitCode(128 + signal.rawValue)
        case nil: return .failed
        }
    }

    private static func tell(_ cluster: String, _ work: PoolWork) async {
        guard let item = await work.manager.item(cluster), item.isBeingWorkedOn else { return }
        let step = item.currentPhase.map { " at \"\($0.name)\"" } ?? ""
        let desk = work.manager.desk
        let keeper = await work.time.within(patience) { try? await desk.keeper() } ?? nil
        Output.error("slipway: The \(item.operationWord) of \(cluster) is left\(step).")
        let context = ShellText.quoted(work.pool.context)
        Output.error(
            (keeper ?? nil).map { "  \($0) goes on with it; `slipway watch pool \(cluster)` follows it." }
                ?? "  No manager runs: `slipway pool maintain --once --context \(context)` goes on with it.")
    }
}
