import Fleet

/// What the first painted frame needs, small enough to be read before anything else: last known values, most urgent first.
public struct FirstFrame: Codable, Sendable, Equatable {
    public static let mostItems = 80
    public static let mostEvents = 50

    /// The most urgent items, and all sources. The report lines of bare-metal nodes are left out: they are long, and come with the node's
    /// first answer.
    public var report: StatusReport
    /// How many items of each kind are in each state, those included that the report leaves out.
    public var tallies: [Kind: [Item.State: Int]]
    /// The newest, oldest first.
    public var events: [Event]

    public init(snapshot: Snapshot) {
        report = StatusReport(snapshot, limit: Self.mostItems)
        for place in report.items.indices {
            guard case .metal(var detail) = report.items[place].item.detail else { continue }
            detail.reports = []
            report.items[place].item.detail = .metal(detail)
        }
        tallies = [:]
        for item in snapshot.items.values { tallies[item.kind, default: [:]][item.state, default: 0] += 1 }
        events = snapshot.events.suffix(Self.mostEvents)
    }

    /// As many values as the frame holds: items, sources and events.
    public var snapshot: Snapshot {
        var snapshot = report.snapshot
        snapshot.events = events
        return snapshot
    }

    private enum CodingKeys: String, CodingKey { case report, phases, tallies, events }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        report = try box.decode(StatusReport.self, forKey: .report)
        let tracks = try box.decode(PhaseColumns.self, forKey: .phases).tracks(report.items.count)
        for (place, track) in tracks.enumerated() { report.items[place].item.phases = track }
        events = try box.decode([Event].self, forKey: .events)
        tallies = [:]
        for (kind, counts) in try box.decode([String: [String: Int]].self, forKey: .tallies) {
            guard let kind = Kind(rawValue: kind) else { continue }
            for (state, count) in counts {
                if let state = Item.State(rawValue: state) { tallies[kind, default: [:]][state] = count }
            }
        }
    }

    /// Tallies are objects keyed by the public words: `{"metal": {"running": 3}}`; the items' tracks are kept beside the report.
    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        var bare = report
        for place in bare.items.indices { bare.items[place].item.phases = [] }
        try box.encode(bare, forKey: .report)
        try box.encode(PhaseColumns(report.items.map(\.item.phases)), forKey: .phases)
        try box.encode(events, forKey: .events)
        var words: [String: [String: Int]] = [:]
        for (kind, counts) in tallies {
            for (state, count) in counts { words[kind.rawValue, default: [:]][state.rawValue] = count }
        }
        try box.encode(words, forKey: .tallies)
    }
}
