import Fleet

/// At most one update in ten seconds, and nothing lost: events that come sooner wait and become one, the state that comes sooner is told as
/// it is by then. Source: task 11 of the seed.
struct MonitorPacing: Sendable, Equatable {
    /// Seconds between two updates that can wait.
    static let interval: Double = 10
    /// Texts that are joined; more are counted.
    private static let joined = 5

    enum Due: Equatable {
        case event(ProgressUpdate)
        /// The state as it is now.
        case state
    }

    /// When the last update was published, in uptime.
    private var last = -Double.infinity
    private var held: ProgressUpdate?
    private var texts: [String] = []
    private var more = 0
    private(set) var isStateHeld = false

    func mayPublish(at uptime: Double) -> Bool { uptime >= last + Self.interval }

    mutating func published(at uptime: Double) { last = uptime }

    mutating func hold(_ event: ProgressUpdate) {
        if texts.count < Self.joined { texts.append(event.message) } else { more += 1 }
        guard let before = held else {
            held = event
            return
        }
        // The worst one names the reason and the object, the newest of those that are equally bad.
        var worst = Self.severity(event) >= Self.severity(before) ? event : before
        worst.timestamp = max(before.timestamp, event.timestamp)
        held = worst
    }

    private static func severity(_ update: ProgressUpdate) -> ProgressUpdate.Severity { update.severity ?? .info }

    mutating func holdState() { isStateHeld = true }

    /// The state was published, or needs not be.
    mutating func releaseState() { isStateHeld = false }

    /// All events that wait, as one.
    mutating func releaseEvents() -> ProgressUpdate? {
        guard var update = held else { return nil }
        update.message = SafeText.line(texts.joined(separator: "; ") + (more > 0 ? "; \(more) more" : ""))
        held = nil
        texts = []
        more = 0
        return update
    }

    /// What has waited long enough; events first, for they are older.
    mutating func due(at uptime: Double) -> Due? {
        guard mayPublish(at: uptime) else { return nil }
        if let event = releaseEvents() { return .event(event) }
        guard isStateHeld else { return nil }
        isStateHeld = false
        return .state
    }

    /// When something that waits may go, in uptime; nil when nothing waits.
    var deadline: Double? { held != nil || isStateHeld ? last + Self.interval : nil }
}
