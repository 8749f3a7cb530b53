import Fleet
import Foundation
import History
import ImageBuild
import Upstream

/// The places whose image builds are read.
enum ImageSources {
    static let here = SourceID("builds")

    /// Whether a build was ever started on this machine.
    static func hasBuilds(_ paths: Paths) -> Bool { FileManager.default.fileExists(atPath: paths.state + "/builds") }

    /// The folders of pctl and petal that are there.
    static func folders(home: String) -> [String] {
        BuildFolder.paths(home: home).filter { FileManager.default.fileExists(atPath: $0) }
    }

    static func local(_ paths: Paths, time: TimeSource) -> LocalBuilds {
        LocalBuilds(state: paths.state, commands: SubprocessDoor(time: time), time: time)
    }

    static func remote(_ host: String, _ paths: Paths, time: TimeSource) -> RemoteBuilds {
        let commands = SubprocessDoor(time: time)
        return RemoteBuilds(
            line: SSHLine(host: host), local: local(paths, time: time), commands: commands, time: time)
    }

    static func here(_ paths: Paths, history: HistoryStore?, time: TimeSource) -> OpenSource {
        OpenSource(
            feed: feed(
                local(paths, time: time), .init(id: here, place: "this machine"), history: history, time: time),
            close: {})
    }

    static func builder(_ host: String, _ paths: Paths, history: HistoryStore?, time: TimeSource) -> OpenSource {
        OpenSource(
            feed: feed(
                remote(host, paths, time: time), .init(id: SourceID(host), place: host, cadence: ImageFeed.remote),
                history: history, time: time),
            close: {})
    }

    /// The builds of pctl and petal; those that are in both folders are shown once.
    ///
    /// - Parameter asksAws: else the files alone are read.
    static func files(_ images: Config.Images, asksAws: Bool = true, time: TimeSource) -> PctlBuilds {
        PctlBuilds(
            folders: images.folders.map { BuildFiles(path: $0).folder(named: Paths.short($0)) },
            aws: asksAws
                ? AwsQuestions(program: images.aws, profile: images.profile, commands: SubprocessDoor(time: time))
                : nil,
            time: time)
    }

    static func pctl(_ images: Config.Images, history: HistoryStore?, time: TimeSource) -> OpenSource {
        OpenSource(
            feed: feed(
                files(images, time: time),
                .init(
                    id: SourceID("pctl"), place: images.folders.map { Paths.short($0) }.joined(separator: ", "),
                    cadence: ImageFeed.remote), history: history, time: time),
            close: {})
    }

    /// The images of `pcluster build-image` in a region.
    ///
    /// - Parameters:
    ///   - id: what the screen calls the region.
    ///   - door: the one that its clusters are read through, too.
    static func region(
        _ id: String, _ region: String, door: any PclusterDoor, history: HistoryStore?, time: TimeSource,
        close: @escaping @Sendable () async -> Void
    ) -> OpenSource {
        OpenSource(
            feed: feed(
                PclusterImages(region: region, door: door, time: time),
                .init(id: SourceID("images:\(id)"), place: region, cadence: ImageFeed.region), history: history,
                time: time),
            close: close)
    }

    static func feed(
        _ door: any BuildDoor, _ options: ImageFeed.Options, history: HistoryStore?, time: TimeSource
    ) -> ImageFeed {
        ImageFeed(
            door: door, options: options, time: time,
            // A template takes as long wherever it is built: the builds of all places teach.
            recall: { (try? await history?.runs(kind: .image, limit: 200)) ?? [] })
    }
}
