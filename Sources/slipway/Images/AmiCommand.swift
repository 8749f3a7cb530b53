import ArgumentParser
import Collector
import Fleet
import Foundation
import History
import ImageBuild
import Terminal
import Upstream

#if canImport(Glibc)
import Glibc
#endif

/// `slipway ami`: builds of machine images.
struct AmiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ami", abstract: "Build a template's Spack packages, and follow such builds.",
        discussion: """
            A build goes on without the terminal: `slipway ami watch` comes back to it, and the dashboard shows it.
            Exit status: 0 done, 1 failed, 2 usage, 4 unreachable.
            """,
        subcommands: [
            AmiBuildCommand.self, AmiImageCommand.self, AmiWatchCommand.self, AmiListCommand.self, AmiStatsCommand.self,
            AmiStopCommand.self,
        ])
}

/// How much is told of a build, and how.
struct AmiOutputOptions: ParsableArguments {
    @Flag(help: "Tell the packages, too.")
    var progress = false

    @Flag(help: "Tell everything: dependencies, phases, files, log, disks.")
    var verbose = false

    @Option(name: [.short, .customLong("output")], help: "text, or json: one item a line.")
    var output = WatchCommand.Format.text

    var level: AmiLevel { verbose ? .everything : progress ? .packages : .summary }

    /// Over itself in a terminal, a line for each change elsewhere, one object a line for programs.
    var printer: any WatchPrinting {
        if output == .json { return WatchPrinter(format: .json) }
        guard isatty(1) == 1 else { return AmiLines(level: level, glyphs: AmiGlyphs.here) { Output.line($0) } }
        return AmiPainter(
            level: level, glyphs: AmiGlyphs.here, size: { (Output.columns, Output.rows) }, write: { Output.text($0) })
    }
}

extension AmiGlyphs {
    /// What this terminal can show.
    static var here: AmiGlyphs {
        TerminalCapabilities.detect(environment: ProcessInfo.processInfo.environment).isUTF8 ? .box : .ascii
    }
}

/// Where builds are looked for.
struct AmiPlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The builder, reached by ssh; this machine without it.", valueName: "user@host"))
    var on: String?

    func validate() throws {
        if let on, let fault = SSHLine(host: on).fault { throw ValidationError(fault) }
    }

    func open(_ paths: Paths, history: HistoryStore) -> OpenSource {
        on.map { ImageSources.builder($0, paths, history: history, time: .system) }
            ?? ImageSources.here(paths, history: history, time: .system)
    }

    var word: String { on ?? "this machine" }

    func stop(_ id: String, _ paths: Paths) async throws(UpstreamProblem) {
        if let on {
            try await ImageSources.remote(on, paths, time: .system).stop(id)
        } else {
            try await ImageSources.local(paths, time: .system).stop(id)
        }
    }
}

/// Starts a build and follows it.
struct AmiBuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build a template's packages in order, compilers first.",
        discussion: """
            Ctrl-C ends the build, a second one at once. A terminal that is closed leaves it running.
            With --create-image an AMI is made of the machine that has built, when all packages are installed and found; \
            without it nothing in AWS is touched. `slipway ami image ID` makes it where this command has ended before.
            """)

    @Option(name: [.short, .long], help: ArgumentHelp("The template.", valueName: "file"))
    var template: String

    @OptionGroup var place: AmiPlaceOptions
    @OptionGroup var options: AmiOutputOptions

    @Flag(help: "Make an EC2 image (AMI) of the machine when the packages are installed.")
    var createImage = false

    @OptionGroup var image: AmiImageOptions

    @Option(help: "The spack of the machine that builds.")
    var spack = "spack"

    @Option(help: ArgumentHelp("Minutes after which the build is ended.", valueName: "minutes"))
    var deadline = Int(BuildRecord.usualDeadline / 60)

    @Flag(help: "Start it and leave it; `slipway ami watch` follows it.")
    var detach = false

    @OptionGroup var recording: RecordOptions

    func validate() throws {
        guard !detach || recording.record == nil else {
            throw ValidationError("A build that is left is not recorded: --detach or --record, not both.")
        }
        guard (1...14_400).contains(deadline) else {
            throw ValidationError("--deadline must be between 1 and 14400 minutes.")
        }
        guard createImage || image.isEmpty else { throw ValidationError("An image is made with --create-image only.") }
        try image.check(host: place.on)
    }

    func run() async throws {
        try await telling {
            let paths = Paths()
            let found = try Self.read(template)
            try? paths.makeStateFolder()
            let history = try HistoryStore.open(paths, time: .system)
            var request = BuildRequest(found, program: spack)
            if createImage {
                // Whatever keeps it from being made is told now, not after hours.
                request.image = try await image.prepare(template: found.cluster.name, host: place.on)
                request.imageName = image.imageName
            }
            let recorders = try await recording.recorders()
            if options.output == .text { await announce(found, history) }
            request.file = URL(fileURLWithPath: template).path
            request.deadline = Double(deadline) * 60
            let record = try await start(request, paths)
            if options.output == .text {
                Output.error("slipway: The build \(record.id) has begun on \(place.word).")
            }
            guard !detach else {
                if createImage { Output.error("  `slipway ami image \(record.id)` makes its image when it has ended.") }
                return
            }
            let status = try await follow(record, paths, history, recorders)
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }

    private func follow(
        _ record: BuildRecord, _ paths: Paths, _ history: HistoryStore, _ recorders: [Recorder]
    ) async throws -> ExitStatus {
        let follower = AmiFollower(
            id: record.id, options: options, place: place.word, recorders: recorders, isNew: true)
        let source = place.open(paths, history: history)
        guard createImage else {
            return try await follower.follow(source, history: history) { try await stop(record.id, paths) }
        }
        let work = AmiImageWork(.makes, id: record.id, host: place.on, paths)
        let (interruption, interrupt) = AsyncStream.makeStream(of: Void.self)
        return try await work.beside(interruption) {
            try await follower.follow(source, history: history) {
                if await work.isBuilt() { interrupt.yield() } else { try await stop(record.id, paths) }
            }
        }
    }

    private static func read(_ path: String) throws -> ImageTemplate {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(
                "The template \(SafeText.line(path, limit: 200)) cannot be read.",
                advice: "Check the path and its rights.", status: .usage)
        }
        let found: ImageTemplate
        do throws(TemplateProblems) {
            found = try ImageTemplate.read(bytes, name: (path as NSString).lastPathComponent)
        } catch {
            throw CommandFailure(error.report(file: path), advice: "Nothing was started.", status: .usage)
        }
        guard !found.packages.isEmpty else {
            throw CommandFailure(
                "\(SafeText.line(path, limit: 200)) asks for no packages.",
                advice: "Name them under `software: spack_packages:`.", status: .usage)
        }
        return found
    }

    /// What is known before it hurts: the packages that take long.
    private func announce(_ template: ImageTemplate, _ history: HistoryStore) async {
        let runs = (try? await history.runs(kind: .image, limit: 200)) ?? []
        let order = template.buildOrder
        for note in order.notes { Output.line(note) }
        let announcement = AmiAnnouncement(
            template: template.cluster.name, packages: order.specs.map(\.text), memory: BuildMemory(runs: runs),
            builder: place.on,
            imageName: createImage
                ? image.imageName ?? ImageName.usual(template: template.cluster.name, build: "ID") : nil,
            now: TimeSource.system.now())
        let columns = isatty(1) == 1 ? Output.columns : nil
        for line in announcement.lines(columns: columns, glyphs: .here) { Output.line(line) }
    }

    private func start(_ request: BuildRequest, _ paths: Paths) async throws -> BuildRecord {
        do throws(UpstreamProblem) {
            if let host = place.on {
                return try await ImageSources.remote(host, paths, time: .system).start(request)
            }
            return try await ImageSources.local(paths, time: .system).start(request)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// - Throws: what kept it from being ended; who cannot be reached is not waited for.
    private func stop(_ id: String, _ paths: Paths) async throws {
        do throws(UpstreamProblem) {
            try await place.stop(id, paths)
        } catch {
            let on = place.on.map { " --on \(ShellText.word($0))" } ?? ""
            throw CommandFailure(
                "\(error.sentence) The build \(id) may still run.",
                advice: "\(error.advice)\n  `slipway ami stop \(id)\(on)` ends it.",
                status: CommandFailure(error).status)
        }
    }
}

/// Comes back to a build, or follows any log of Spack.
struct AmiWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follow a build to its end, or any log of Spack.",
        discussion: """
            Without an id it is the newest build. Leaving it does nothing to the build. An image that another command has \
            begun is followed to its end; one that nobody has begun is not made: `slipway ami image ID` does that.
            """)

    @Argument(help: "The build's id, as `slipway ami list` shows it, or its beginning.")
    var id: String?

    @Option(help: ArgumentHelp("A log of Spack, or of pctl's script.", valueName: "file"))
    var log: String?

    @OptionGroup var place: AmiPlaceOptions
    @OptionGroup var options: AmiOutputOptions
    @OptionGroup var recording: RecordOptions

    func validate() throws {
        if id != nil, log != nil { throw ValidationError("Give an id or --log, not both.") }
    }

    func run() async throws {
        try await telling {
            let paths = Paths()
            try? paths.makeStateFolder()
            let history = try HistoryStore.open(paths, time: .system)
            let follower = AmiFollower(
                id: log.map { URL(fileURLWithPath: $0).path } ?? id, options: options, place: place.word,
                recorders: try await recording.recorders())
            let status: ExitStatus
            if let log {
                let path = URL(fileURLWithPath: log).path
                let source = OpenSource(
                    feed: ImageSources.feed(
                        LogFileBuild(path: path, time: .system), .init(id: SourceID("log"), place: "this machine"),
                        history: history, time: .system),
                    close: {})
                status = try await follower.follow(source, history: history, onStop: nil)
            } else {
                let source = place.open(paths, history: history)
                status = try await AmiImageWork(.watches, id: id, host: place.on, paths).beside {
                    try await follower.follow(source, history: history, onStop: nil)
                }
            }
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }
}

/// Ends a build with everything that it started.
struct AmiStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stop", abstract: "End a build that runs.")

    @Argument(help: "The build's id.")
    var id: String

    @OptionGroup var place: AmiPlaceOptions

    func run() async throws {
        try await telling {
            do throws(UpstreamProblem) {
                try await place.stop(id, Paths())
            } catch {
                throw CommandFailure(error)
            }
            Output.line("stopped")
        }
    }
}

extension CommandFailure {
    /// A place that cannot be reached is another matter than one where something is missing.
    init(_ problem: UpstreamProblem) {
        let status: ExitStatus =
            switch problem.reason {
            case .misconfigured, .status: .usage
            case .unreachable, .timedOut, .untrusted, .cut, .tooLarge, .unreadable: .unreachable
            }
        self.init(problem.sentence, advice: problem.advice, status: status)
    }
}
