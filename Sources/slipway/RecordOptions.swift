import ArgumentParser
import Collector
import Fleet
import Foundation

/// `--record FILE`, for all commands that collect.
struct RecordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Record what is seen to this file, for `slipway replay`; of more than 256 MB the oldest goes.",
            valueName: "file"))
    var record: String?

    /// Who writes the file.
    ///
    /// - Parameter time: that of what is recorded, in the demo its own.
    /// - Returns: nil when nothing is to be recorded.
    /// - Throws: `CommandFailure` when it cannot be written or is another sort of file, before anything is collected.
    func recorder(time: TimeSource) async throws -> Recorder? {
        guard let record else { return nil }
        let recorder = Recorder(.file(record), time: time)
        do throws(RecordingProblem) {
            try await recorder.begin()
        } catch {
            throw CommandFailure(error)
        }
        return recorder
    }

    /// Records a fleet while `body` works with it; what was seen until then is written when this returns. The fleet's own `run` is the
    /// caller's, and is on its way.
    func recording<Result: Sendable>(
        _ fleet: any FleetPublisher, time: TimeSource = .system,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let recorder = try await recorder(time: time) else { return try await body() }
        let result: Swift.Result<Result, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.run(fleet) }
            defer { group.cancelAll() }
            do { return .success(try await body()) } catch { return .failure(error) }
        }
        // A disk that filled up meanwhile is told when the screen is gone.
        if let notice = await recorder.notice { Output.error("slipway: \(notice)") }
        return try result.get()
    }

    /// Who records a fleet while it runs: to the file that was named, and to what is kept for going back in the dashboard.
    ///
    /// - Parameter kept: where that is kept; nil keeps nothing.
    func recorders(kept: String? = nil, time: TimeSource) async throws -> [Recorder] {
        let keeper = kept.map { Recorder(.folder($0), time: time) }
        return [try await recorder(time: time), keeper].compactMap { $0 }
    }
}

extension Recorder {
    init(_ store: RecordingStore, time: TimeSource) {
        self.init(
            store, program: "slipway \(SlipwayCommand.version)", host: DashboardCommand.hostName,
            epoch: UUID().uuidString, time: time)
    }
}

/// A folder for what is kept only as long as somebody looks: of a demo, and of other hosts.
struct KeptForNow {
    let folder = NSTemporaryDirectory() + "/slipway-\(UUID().uuidString)"

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

extension Paths {
    /// What is kept of the last day for going back in the dashboard.
    var changes: String { state + "/changes" }
}

extension CommandFailure {
    /// A recording that cannot be read or written.
    init(_ problem: RecordingProblem) { self.init(problem.sentence, advice: problem.advice, status: .usage) }
}
