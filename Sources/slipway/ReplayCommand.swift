import ArgumentParser
import Collector
import Dashboard
import Fleet
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// A recording, on the screen or as the snapshot of an instant.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Open the dashboard on a recording, with time travel.",
        discussion: """
            TIME is 14:03, -2h (before the end), +10m (after the beginning) or 2026-11-20T14:03:00Z.
            With -o the fleet of that time is printed as `slipway status` prints it; without --at that of the end.
            """)

    @Argument(help: ArgumentHelp("What was written with --record.", valueName: "file"))
    var file: String

    @Option(parsing: .unconditional, help: ArgumentHelp("Where it begins.", valueName: "time"))
    var at: String?

    @Option(help: "Seconds of the recording in a second, 0.1 to 1000.")
    var speed = 1.0

    @Option(name: [.short, .customLong("output")], help: "Print that time and exit: table, json or yaml.")
    var output: StatusCommand.Format?

    @OptionGroup var screen: ScreenOptions

    @Option(help: "The config file instead of the usual one; of the screen.")
    var config: String?

    func validate() throws {
        guard (0.1...1000).contains(speed) else { throw ValidationError("--speed must be between 0.1 and 1000.") }
    }

    @MainActor
    func run() async throws {
        try await telling {
            let (recording, start) = try open()
            for trouble in recording.troubles(now: TimeSource.system.now()) {
                Output.error("slipway: \(trouble.sentence)\n  \(trouble.advice)")
            }
            if let output {
                try print(recording, at: start ?? recording.range.upperBound, as: output)
                return
            }
            if screen.isPlain {
                try printLines(recording, from: start ?? recording.range.lowerBound)
                return
            }
            let setting = ReplaySetting(
                name: URL(fileURLWithPath: file).lastPathComponent, range: recording.range, start: start, speed: speed)
            let paths = Paths()
            try? paths.makeStateFolder()
            try await screen.open(
                try Config.read(config, paths), paths, past: PastFleet(recording), change: { $0.replay = setting }
            ) { driver, _ in await driver.replay() }
        }
    }

    private func open() throws -> (recording: Recording, start: Date?) {
        do throws(RecordingProblem) {
            let recording = try Recording(path: file)
            // Whatever is wrong with it is told before a screen opens.
            var start: Date?
            if let at { start = try recording.instant(at, zone: .current) }
            _ = try recording.look(at: start ?? recording.range.lowerBound)
            return (recording, start)
        } catch {
            throw CommandFailure(error)
        }
    }

    private func print(_ recording: Recording, at date: Date, as format: StatusCommand.Format) throws {
        let look: Recording.Look
        do throws(RecordingProblem) { look = try recording.look(at: date) } catch { throw CommandFailure(error) }
        Output.text(try StatusCommand.text(look.snapshot, as: format))
        if let trouble = look.trouble { Output.error("slipway: \(trouble.sentence)\n  \(trouble.advice)") }
        if let gap = recording.gap(at: date) {
            Output.error(
                "slipway: Nothing was recorded from \(WireTime.text(gap.lowerBound)) to \(WireTime.text(gap.upperBound)).\n"
                    + "  This is what was known before.")
        }
    }

    /// How it was, and then everything that happened.
    private func printLines(_ recording: Recording, from start: Date) throws {
        let look: Recording.Look
        do throws(RecordingProblem) { look = try recording.look(at: start) } catch { throw CommandFailure(error) }
        for line in PlainLines.summary(look.snapshot) { Output.line(line) }
        let events = recording.events(in: start...recording.range.upperBound, limit: .max)
        for event in events { Output.line(PlainLines.text(event)) }
    }
}
