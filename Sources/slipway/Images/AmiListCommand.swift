import ArgumentParser
import Collector
import Fleet
import Foundation
import History
import ImageBuild

/// The builds of the last day, and what earlier ones have taught.
struct AmiListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print the builds that run, and those of before.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @OptionGroup var place: AmiPlaceOptions

    @Option(name: [.short, .customLong("output")], help: "table or json.")
    var output = Format.table

    @Option(help: "Only builds of this template.")
    var template: String?

    @Option(help: "Earlier builds that are shown at most.")
    var limit = 20

    func run() async throws {
        try await telling {
            let paths = Paths()
            try? paths.makeStateFolder()
            let history = try HistoryStore.open(paths, time: .system)
            let snapshot = try await OneLook.collecting([place.open(paths, history: history)], history: history) {
                collector, _ in
                await OneLook.settled(collector)
                return await collector.current()
            }
            let runs = (try? await history.runs(kind: .image, limit: limit)) ?? []
            let report = AmiListReport(
                items: Array(snapshot.items.values), runs: runs, template: template, now: snapshot.at)
            switch output {
            case .json:
                Output.line(String(decoding: try FleetCoder.encoder(pretty: true).encode(report), as: UTF8.self))
            case .table where report.builds.isEmpty:
                Output.line("No build is known on \(place.word); `slipway ami build -t FILE` starts one.")
            case .table:
                Output.text(PlainTable.lines(AmiListReport.titles, report.rows).joined(separator: "\n") + "\n")
            }
            if let source = snapshot.sources.values.first, source.lastSuccess == nil, let error = source.error {
                throw CommandFailure(error, advice: source.advice ?? "Try again.", status: .unreachable)
            }
        }
    }
}

/// What the builds of the last 90 days tell.
struct AmiStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Print how long builds and their packages take here, and how they fail.")

    @Option(help: "Only builds of this template.")
    var template: String?

    @Option(help: "Only builds that ended within so many days.")
    var days = BuildStatistics.window

    @Option(name: [.short, .customLong("output")], help: "table or json.")
    var output = AmiListCommand.Format.table

    func validate() throws {
        guard (1...BuildStatistics.retention).contains(days) else {
            throw ValidationError("--days must be between 1 and \(BuildStatistics.retention).")
        }
    }

    func run() async throws {
        try await telling {
            let paths = Paths()
            try? paths.makeStateFolder()
            let history = try HistoryStore.open(paths, time: .system)
            let runs = (try? await history.runs(kind: .image, profile: template, limit: 2000)) ?? []
            let report = AmiStatisticsReport(runs: runs, template: template, days: days, now: TimeSource.system.now())
            switch output {
            case .json:
                Output.line(String(decoding: try FleetCoder.encoder(pretty: true).encode(report), as: UTF8.self))
            case .table: for line in report.lines(glyphs: .here) { Output.line(line) }
            }
        }
    }
}
