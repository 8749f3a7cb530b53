import Fleet
import Foundation
import Synchronization
import Upstream

@testable import Attach

/// A host that collects, and the way to it.
final class FarHost: AttachWay {
    typealias Serve = @Sendable (any Conversation) async -> Void

    private struct State {
        var serve: Serve?
        var pipes: [MemoryPipe] = []
        var quality = MemoryPipe.Quality()
        var tries = 0
    }

    let place: String
    private let time: TimeSource
    private let state = Mutex(State())

    init(_ place: String = "ops", _ time: TimeSource, quality: MemoryPipe.Quality = .init()) {
        self.place = place
        self.time = time
        state.withLock { $0.quality = quality }
    }

    /// What answers from now on; nil: nobody.
    func answers(_ serve: Serve?) { state.withLock { $0.serve = serve } }
    func answers(_ server: AttachServer) { answers { await server.serve($0) } }

    /// The present connection.
    var pipe: MemoryPipe? { state.withLock { $0.pipes.last } }
    var tries: Int { state.withLock { $0.tries } }
    /// Connections that are still open.
    var open: Int { state.withLock { $0.pipes.count { !$0.isCut } } }

    func open(_ body: @escaping @Sendable (any Conversation) async throws -> Void) async throws(UpstreamProblem) {
        let (pipe, serve) = state.withLock { state -> (MemoryPipe, Serve?) in
            state.tries += 1
            let pipe = MemoryPipe(time, quality: state.quality)
            if state.serve != nil { state.pipes.append(pipe) }
            return (pipe, state.serve)
        }
        guard let serve else { throw problem(said: []) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await serve(pipe.far)
                pipe.cut()
            }
            group.addTask {
                try? await body(pipe.near)
                pipe.cut()
            }
        }
    }

    func problem(said: [String]) -> UpstreamProblem {
        UpstreamProblem(.unreachable, "\(place) cannot be reached: \(said.last ?? "nobody there")", advice: "Wait.")
    }
}

struct NeverCame: Error, CustomStringConvertible { let description: String }

/// Waits until it is so; bounded, by real time, because many tests share the machine.
func eventually(_ what: String, _ isSo: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
        if try await isSo() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw NeverCame(description: "it never came to that: \(what)")
}
