import Fleet

/// A fleet that is recorded while it works: to whoever follows it, the fleet itself.
public struct RecordedFleet: FleetPublisher {
    private let fleet: any FleetPublisher
    private let recorders: [Recorder]

    public init(_ fleet: any FleetPublisher, by recorders: [Recorder]) {
        self.fleet = fleet
        self.recorders = recorders
    }

    /// The fleet's own work and that of the recorders; all is written when it returns.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for recorder in recorders { group.addTask { await recorder.run(fleet) } }
            await fleet.run()
        }
    }

    public func subscribe() async -> (fleet: Snapshot, changes: Subscription) { await fleet.subscribe() }
    public func unsubscribe(_ subscription: Subscription) async { await fleet.unsubscribe(subscription) }
    public func current() async -> Snapshot { await fleet.current() }
    public func refresh(_ source: SourceID?) async { await fleet.refresh(source) }
    public func runs(of item: ItemID, limit: Int) async -> [Run] { await fleet.runs(of: item, limit: limit) }

    public func notice() async -> String? {
        if let notice = await fleet.notice() { return notice }
        for recorder in recorders { if let notice = await recorder.notice { return notice } }
        return nil
    }
}
