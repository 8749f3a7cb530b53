import Fleet
import Foundation
import History
import ImageBuild
import Upstream
import Yams

/// The places whose image builds are read.
enum ImageSources {
    static let here = SourceID("builds")

    /// Whether a build was ever started on this machine.
    static func hasBuilds(_ paths: Paths) -> Bool { FileManager.default.fileExists(atPath: paths.state + "/builds") }

    static func local(_ paths: Paths, time: TimeSource) -> LocalBuilds {
        LocalBuilds(state: paths.state, commands: SubprocessDoor(time: time), time: time)
    }

    static func remote(_ host: String, _ paths: Paths, time: TimeSource) -> RemoteBuilds {
        let commands = SubprocessDoor(time: time)
        return RemoteBuilds(
            line: BuilderLine(host: host), local: local(paths, time: time), commands: commands, time: time)
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

    static func feed(
        _ door: any BuildDoor, _ options: ImageFeed.Options, history: HistoryStore?, time: TimeSource
    ) -> ImageFeed {
        ImageFeed(
            door: door, options: options, time: time,
            // A template takes as long wherever it is built: the builds of all places teach.
            recall: { (try? await history?.runs(kind: .image, limit: 200)) ?? [] })
    }
}

extension ConfigReader {
    mutating func builders(_ node: Node) -> [String] {
        var hosts: [String] = []
        for node in node.sequence.map(Array.init) ?? [node] {
            let host = node.scalar?.string ?? ""
            if let fault = BuilderLine(host: host).fault {
                complain(node, "images: \(fault)")
            } else if hosts.contains(host) {
                complain(node, "images: \(host) is there twice")
            } else {
                hosts.append(host)
            }
        }
        return hosts
    }
}
