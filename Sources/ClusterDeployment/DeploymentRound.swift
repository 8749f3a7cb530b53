import Fleet
import Upstream

/// What the watches of one round know of each other: which deployments there are, and whether all have been told.
actor DeploymentRound {
    private var left: Int
    private var ended: Set<String?> = []
    private var scope = EventScope()
    private var waiting: [AsyncStream<Void>.Continuation] = []
    /// The resource was not there.
    nonisolated let absences: AsyncStream<Void>
    private nonisolated let absence: AsyncStream<Void>.Continuation

    /// - Parameter count: how many namespaces are told, each by a watch of its own.
    init(_ count: Int) {
        left = count
        (absences, absence) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func insert(_ key: DeploymentKey) { scope.insert(key) }

    func owns(_ event: WireEvent) -> Bool { scope.owner(of: event) != nil }

    /// One namespace has been told, or has failed to be.
    ///
    /// - Returns: true for the one that completes the round.
    func ends(_ namespace: String?) -> Bool {
        guard ended.insert(namespace).inserted else { return false }
        left -= 1
        guard left == 0 else { return false }
        for one in waiting { one.finish() }
        waiting = []
        return true
    }

    /// Until all namespaces have been told, or the task is cancelled.
    func waits() async {
        guard left > 0 else { return }
        let (end, finish) = AsyncStream.makeStream(of: Void.self)
        waiting.append(finish)
        for await _ in end {}
    }

    nonisolated func isAbsent() { absence.yield() }
}

/// Events that were there before we looked come in no order: they are kept until all are there, and told by their times.
actor EventBacklog {
    /// The newest are worth more than the oldest.
    private static let limit = 20_000
    private var kept: [WireEvent]? = []

    var isOver: Bool { kept == nil }

    func take(_ event: WireEvent) {
        kept?.append(event)
        guard let count = kept?.count, count > 2 * Self.limit else { return }
        kept = Array(EventFold.byTime(kept ?? []).suffix(Self.limit))
    }

    func end() -> [WireEvent] {
        defer { kept = nil }
        return EventFold.byTime(kept ?? [])
    }
}
