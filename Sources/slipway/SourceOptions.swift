import ArgumentParser
import BareMetal
import Fleet
import Foundation
import History
import Upstream

/// Where the facts come from; shared by all commands that read them.
struct SourceOptions: ParsableArguments {
    @Option(help: "The config file instead of the usual one.")
    var config: String?

    @Option(help: ArgumentHelp("A status API to read, instead of the configured sources.", valueName: "url"))
    var metal: String?

    /// The config; what is wrong with it ends the command.
    func read(_ paths: Paths) throws -> Config {
        var config: Config
        do throws(ConfigProblems) {
            if let path = self.config {
                guard let found = try ConfigReader.read(path: path) else {
                    throw ConfigProblems([.init(file: path, line: 1, text: "there is no such file")])
                }
                config = found
            } else {
                config = try ConfigReader.read(path: paths.config) ?? Config()
            }
            if let metal { config.metal = try ConfigReader.parse("metal: \(metal)", file: "--metal").metal }
        } catch {
            throw CommandFailure(
                "The configuration is wrong.\n" + error.description,
                advice: "Mend the lines named; `slipway config init` shows every key.", status: .usage)
        }
        return config
    }
}

/// A feed with the door it holds, so that the door can be closed when the feed has ended.
struct OpenSource: Sendable {
    let feed: any Feed
    let client: StatusClient
    let close: @Sendable () async -> Void

    /// - Throws: `CommandFailure` for a source that cannot be asked at all.
    static func open(_ config: Config, time: TimeSource) async throws -> [OpenSource] {
        var open: [OpenSource] = []
        do {
            for metal in config.metal { open.append(try Self.metal(metal, time: time)) }
        } catch {
            for source in open { await source.close() }
            throw error
        }
        return open
    }

    static func metal(
        _ metal: Config.Metal, time: TimeSource, cadence: Cadence = StatusFeed.cadence
    ) throws -> OpenSource {
        do throws(UpstreamProblem) {
            let door = try HTTPClientDoor(base: metal.url, token: metal.token, certificateAuthority: metal.ca)
            let client = StatusClient(door: door, name: metal.name)
            let feed = StatusFeed(
                client: client,
                options: .init(
                    id: SourceID(metal.name), address: metal.url, zone: metal.zone, limits: metal.limits,
                    cadence: cadence),
                time: time)
            return OpenSource(feed: feed, client: client, close: { await door.close() })
        } catch {
            throw CommandFailure(error.sentence, advice: error.advice, status: .usage)
        }
    }
}

/// Finds sources that nobody configured.
enum SourceDetection {
    static let defaultURL = "http://127.0.0.1:8080"

    /// The config with what was found; the same config if it has sources, or if nothing was found.
    static func complete(_ config: Config) async -> Config {
        guard config.metal.isEmpty, let door = try? HTTPClientDoor(base: defaultURL, environment: [:]) else {
            return config
        }
        let question = HTTPQuestion(target: "/api/status/summary", deadline: 1, bodyLimit: 1 << 20)
        let reply = try? await door.ask(question)
        await door.close()
        guard let reply, reply.status == 200, (try? JSONDecoder().decode(WireSummary.self, from: reply.body)) != nil
        else { return config }
        var found = config
        found.metal = [Config.Metal(name: "localhost:8080", url: defaultURL)]
        return found
    }
}

extension HistoryStore {
    /// The history of this user, or one in memory if it cannot be had; the store's notice says why.
    static func open(_ paths: Paths, time: TimeSource) throws -> HistoryStore {
        do {
            return try HistoryStore(path: paths.history, time: time)
        } catch {
            throw CommandFailure(
                "\(error)", advice: "Use that newer version, or move \(Paths.short(paths.history)) away.",
                status: .failed)
        }
    }
}
