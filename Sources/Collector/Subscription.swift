import Fleet
import OrderedCollections
import Synchronization

/// One follower's end of the change stream. Changes wait here until they are taken, the newest value of each item and source only,
/// so that a slow follower holds up nobody and never loses the last value.
public final class Subscription: Sendable {
    private struct Pending {
        var values: OrderedDictionary<String, Change> = [:]
        var events: [Change] = []
    }

    /// Yields when something waits to be taken; ends when the collector does.
    public let signals: AsyncStream<Void>

    private let pending = Mutex(Pending())
    private let signal: AsyncStream<Void>.Continuation

    public init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Everything that waits, in the order in which it first changed; events last.
    public func take() -> [Change] {
        pending.withLock { pending in
            defer { pending = Pending() }
            return Array(pending.values.values) + pending.events
        }
    }

    /// Puts changes where they wait; nobody is waited for.
    public func offer(_ changes: [Change]) {
        pending.withLock { pending in
            for change in changes {
                switch change {
                case .item(let item): pending.values[item.id.text] = change
                case .gone(let id): pending.values[id.text] = change
                // An item's name holds slashes; a source's key cannot be taken for one.
                case .source(let source): pending.values[" " + source.id.text] = change
                case .event:
                    pending.events.append(change)
                    if pending.events.count > Snapshot.eventLimit { pending.events.removeFirst() }
                }
            }
        }
        signal.yield()
    }

    /// Ends `signals`.
    public func finish() { signal.finish() }
}
