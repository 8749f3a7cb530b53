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

    func validate() throws {
        if record?.isEmpty == true { throw ValidationError("--record needs the name of a file.") }
    }

    /// Who records a fleet while it runs: to the file that was named, and to what is kept for going back in the dashboard.
    ///
    /// - Parameters:
    ///   - kept: where that is kept; nil keeps nothing.
    ///   - time: that of what is recorded, in the demo its own.
    /// - Throws: `CommandFailure` when the file cannot be written or is another sort of file, before anything is collected.
    func recorders(kept: String? = nil, time: TimeSource = .system) async throws -> [Recorder] {
        let keeper = kept.map { Recorder(.folder($0), time: time) }
        guard let record else { return [keeper].compactMap(\.self) }
        let recorder = Recorder(.file(record), time: time)
        do throws(RecordingProblem) {
            try await recorder.begin()
        } catch {
            throw CommandFailure(error)
        }
        return [recorder, keeper].compactMap(\.self)
    }

    /// A disk that filled up while it was recorded is told at the end, where no screen has told it.
    static func complain(_ recorders: [Recorder]) async {
        for recorder in recorders { if let notice = await recorder.notice { Output.error("slipway: \(notice)") } }
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
