import Fleet

/// Who holds a fleet and tells what changes in it: the collector of this machine, the far side of a link, a recording. The screen and
/// everything else that follows a fleet knows no more of it.
public protocol FleetPublisher: Sendable {
    /// Works until the task is cancelled, then ends all subscriptions.
    func run() async

    /// The fleet now, and everything that changes from now on. `run` must have been called, or be about to be.
    func subscribe() async -> (fleet: Snapshot, changes: Subscription)
    func unsubscribe(_ subscription: Subscription) async
    func current() async -> Snapshot

    /// Asks one source now, or all of them.
    func refresh(_ source: SourceID?) async

    /// Earlier runs of an item, newest first.
    func runs(of item: ItemID, limit: Int) async -> [Run]

    /// Trouble that belongs to no source, in one sentence.
    func notice() async -> String?
}

extension FleetCollector: FleetPublisher {}
