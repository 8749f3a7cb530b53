import Fleet
import Foundation
import ImageBuild
import Synchronization
import Upstream

/// A place whose builds and logs are told to it.
final class ScriptedBuilds: BuildDoor {
    private struct State {
        var builds: [KnownBuild] = []
        var problem: UpstreamProblem?
        var logs: [String: AsyncStream<BuildPiece?>] = [:]
        var writers: [String: AsyncStream<BuildPiece?>.Continuation] = [:]
        var follows: [BuildPlace] = []
    }

    private let state = Mutex(State())

    func set(_ builds: [KnownBuild], problem: UpstreamProblem? = nil) {
        state.withLock { ($0.builds, $0.problem) = (builds, problem) }
    }

    /// Where following began, each time.
    var follows: [BuildPlace] { state.withLock { $0.follows } }

    /// The next piece of a log; nil breaks the connection.
    func write(_ piece: BuildPiece?, to id: String) { _ = writer(id).yield(piece) }

    func finish(_ id: String) { writer(id).finish() }

    private func writer(_ id: String) -> AsyncStream<BuildPiece?>.Continuation {
        state.withLock { Self.writer(id, &$0) }
    }

    private static func writer(_ id: String, _ state: inout State) -> AsyncStream<BuildPiece?>.Continuation {
        if let writer = state.writers[id] { return writer }
        let (stream, writer) = AsyncStream.makeStream(of: BuildPiece?.self)
        state.logs[id] = stream
        state.writers[id] = writer
        return writer
    }

    func builds() async throws(UpstreamProblem) -> [KnownBuild] {
        let (builds, problem) = state.withLock { ($0.builds, $0.problem) }
        if let problem { throw problem }
        return builds
    }

    func follow(
        _ id: String, from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {
        let log = state.withLock { state in
            state.follows.append(place)
            _ = Self.writer(id, &state)
            return state.logs[id]
        }
        guard let log else { return }
        for await piece in log {
            guard let piece else {
                throw UpstreamProblem(.cut, "The connection was lost.", advice: "It is tried again.")
            }
            await take(piece)
        }
    }
}

/// What a feed reports, put together.
final class Reports: Sendable {
    private struct State {
        var items: [ItemID: Item] = [:]
        var wholes = 0
        var changes = 0
        var gone: [ItemID] = []
        var source: Source?
    }

    private let state = Mutex(State())

    func take(_ report: FeedReport) {
        state.withLock { state in
            switch report {
            case .whole(_, let items):
                state.wholes += 1
                state.items = Dictionary(items.map { ($0.id, $0) }) { $1 }
            case .changed(let items, let gone):
                state.changes += 1
                for item in items { state.items[item.id] = item }
                for id in gone { state.items[id] = nil }
                state.gone += gone
            case .source(let source): state.source = source
            }
        }
    }

    var wholes: Int { state.withLock { $0.wholes } }
    var changes: Int { state.withLock { $0.changes } }
    var source: Source? { state.withLock { $0.source } }
    var names: [String] { state.withLock { $0.items.values.map(\.name).sorted() } }

    func item(_ name: String) -> Item? { state.withLock { $0.items.values.first { $0.name == name } } }
}
