import ArgumentParser
import Collector
import Fleet
import Foundation
import History
import ImageBuild
import Upstream

/// Makes the image of a build whose packages are there.
struct AmiImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Make the image of a build whose packages are installed.",
        discussion: "An image that an earlier command has begun is found and followed: there are never two.")

    @Argument(help: "The build's id, as `slipway ami list` shows it, or its beginning.")
    var id: String

    @OptionGroup var place: AmiPlaceOptions
    @OptionGroup var image: AmiImageOptions
    @OptionGroup var options: AmiOutputOptions
    @OptionGroup var recording: RecordOptions

    func validate() throws { try image.check(host: place.on) }

    func run() async throws {
        try await telling {
            let paths = Paths()
            try? paths.makeStateFolder()
            let build = try await found(paths)
            if let there = build.image, there.state == .available, image.isEmpty {
                Output.line("The image of \(build.id) is there: \(there.id ?? "-")")
                return
            }
            let history = try HistoryStore.open(paths, time: .system)
            let recorders = try await recording.recorders()
            try await begin(build, paths)
            let work = AmiImageWork(.makes, id: build.id, host: place.on, paths)
            let (stops, stop) = AsyncStream.makeStream(of: Void.self)
            let follower = AmiFollower(
                id: build.id, options: options, place: place.word, recorders: recorders)
            let source = place.open(paths, history: history)
            let status = try await work.beside(stops) {
                try await follower.follow(source, history: history) { stop.yield() }
            }
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }

    private func found(_ paths: Paths) async throws -> KnownBuild {
        let work = AmiImageWork(.watches, id: id, host: place.on, paths)
        let builds: [KnownBuild]
        do throws(UpstreamProblem) { builds = try await work.door.builds() } catch { throw CommandFailure(error) }
        let matches =
            builds.filter { $0.id == id }.isEmpty
            ? builds.filter { $0.id.hasPrefix(id) } : builds.filter { $0.id == id }
        guard let build = matches.first, matches.count == 1 else {
            let what = matches.isEmpty ? "no build" : "more than one build"
            throw CommandFailure(
                "There is \(what) \(SafeText.line(id, limit: 80)) on \(place.word).",
                advice: "`slipway ami list` names them.", status: .usage)
        }
        guard case .ended(let end) = build.life, end.status == 0 else {
            throw CommandFailure(
                build.isOver
                    ? "The packages of \(build.id) are not all installed, so no image is made of it."
                    : "The build \(build.id) still runs.",
                advice: build.isOver
                    ? "Build it again: what is installed already is found."
                    : "`slipway ami watch \(ShellText.word(build.id))` follows it.",
                status: .usage)
        }
        return build
    }

    /// Writes down that it is being made, so that it is nobody else's and the build is told as one that goes on.
    private func begin(_ build: KnownBuild, _ paths: Paths) async throws {
        let record = build.record
        // A pending image goes on as it was begun; one that has failed is made anew.
        let earlier = build.image?.wish ?? record.image
        if build.image?.state == .pending, build.image?.id != nil, image.isEmpty { return }
        let template = record.template ?? record.name
        let wish = try await image.prepare(
            template: template, build: build.id, name: record.imageName, wish: earlier, host: place.on)
        let name = image.imageName ?? record.imageName ?? ImageName.usual(template: template, build: build.id)
        var begun = ImageMaker.begun(name, wish, now: TimeSource.system.now())
        if var there = build.image, there.state == .pending, there.name == name, there.wish?.instance == wish.instance,
            there.region == wish.region
        {
            // The same image, looked at with other credentials.
            there.wish = wish
            begun = there
        }
        do throws(UpstreamProblem) {
            try ImageSources.local(paths, time: .system).note(begun, of: build.id)
        } catch {
            throw CommandFailure(error)
        }
    }
}
