import Fleet
import Synchronization
import Upstream

/// What a feed has reported so far.
public final class Heard: Sendable {
    public struct State: Sendable {
        public var whole: Set<String>?
        public var items: [String: Item] = [:]
        public var source: Source?

        public var isLive: Bool { source?.state == .live && source?.lastSuccess != nil && source?.error == nil }
    }

    private let kept = Mutex(State())

    public init() {}

    public var state: State { kept.withLock { $0 } }

    public func take(_ report: FeedReport) {
        kept.withLock { state in
            switch report {
            case .whole(_, let items):
                state.whole = Set(items.map(\.name))
                for item in items { state.items[item.name] = item }
            case .changed(let items, let gone):
                for item in items { state.items[item.name] = item }
                for id in gone { state.items = state.items.filter { $0.value.id != id } }
            case .source(let source): state.source = source
            }
        }
    }

    struct Never: Error, CustomStringConvertible { var description: String }

    /// Waits until it is so; bounded.
    ///
    /// - Parameter clock: moved on meanwhile, a second at a time.
    public func waits(moving clock: ManualTime? = nil, until isSo: (State) -> Bool) async throws {
        for _ in 0..<3000 {
            if isSo(state) { return }
            clock?.advance(by: 1)
            try await Task.sleep(for: .milliseconds(clock == nil ? 10 : 2))
        }
        throw Never(
            description: "it never came to that: \(String(describing: state.source)), \(state.items.keys.sorted())")
    }
}
