import Fleet
import Yams

/// One line of `Rules/event-patterns.yaml`: an event that matters.
struct EventPattern: Sendable, Decodable {
    var id: String
    /// Any of these, in any case.
    var reasons: [String]
    /// The kinds of the object, any of them, in any case.
    var kinds: [String]
    /// What the message must have; nil for every message.
    var message: EventNeedle?
    /// `Normal` or `Warning`; nil for both.
    var type: String?
    var phase: ProvisioningPhase
    var severity: DeploymentDetail.Milestone.Severity
    /// What is shown; `{message}` and `{name}` stand for the event's message and its object's name.
    var says: String
    /// Whose controllers say it; nil for those that every provider has.
    var provider: String?
    /// Seconds within which the same reason of the same object is told once.
    var window: Double
    /// The name of this news, where several events tell it: it is told once until the deployment has been ready.
    var once: String?
    /// Before this phase it is to be expected, and says nothing.
    var from: ProvisioningPhase?

    private enum CodingKeys: String, CodingKey {
        case id, reasons, kinds, message, type, phase, severity, says, provider, window, once, from
    }

    init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        id = try box.decode(String.self, forKey: .id)
        reasons = try box.decode([String].self, forKey: .reasons)
        kinds = try box.decode([String].self, forKey: .kinds)
        message = try box.decodeIfPresent(EventNeedle.self, forKey: .message)
        type = try box.decodeIfPresent(String.self, forKey: .type)
        phase = try box.decode(ProvisioningPhase.self, forKey: .phase)
        severity = try box.decodeIfPresent(DeploymentDetail.Milestone.Severity.self, forKey: .severity) ?? .info
        says = try box.decode(String.self, forKey: .says)
        provider = try box.decodeIfPresent(String.self, forKey: .provider)
        window = try box.decodeIfPresent(Double.self, forKey: .window) ?? 30
        once = try box.decodeIfPresent(String.self, forKey: .once)
        from = try box.decodeIfPresent(ProvisioningPhase.self, forKey: .from)
    }

    /// Whether the parts that are not in the index hold.
    func fits(_ event: WireEvent) -> Bool {
        (type.map { $0 == event.type } ?? true) && (message.map { $0.isIn(event.message) } ?? true)
    }

    func text(for event: WireEvent) -> String {
        let text = says.split(separator: "{", omittingEmptySubsequences: false).enumerated().map { index, part in
            guard index > 0, let end = part.firstIndex(of: "}") else { return String(part) }
            let rest = part[part.index(after: end)...]
            return (part[..<end] == "message" ? event.message : event.object.name) + rest
        }
        return SafeText.line(text.joined(), limit: 200)
    }
}

/// `Rules/event-patterns.yaml`: which events matter, and which are known to be noise.
struct EventPatterns: Sendable, Decodable {
    struct Noise: Sendable, Decodable {
        /// Found anywhere in the reason.
        var reasons: [EventNeedle]
        /// The same, for events of type Warning only.
        var warnings: [EventNeedle]
        /// Found anywhere in the message.
        var messages: [EventNeedle]
    }

    let noise: Noise
    let patterns: [EventPattern]
    /// The patterns of a reason and a kind, in the order of the file.
    private let index: [String: [Int]]

    /// Nil if the data are broken, which a test keeps from happening.
    static let shared: EventPatterns? = try? YAMLDecoder().decode(
        EventPatterns.self, from: String(decoding: PackageResources.event_patterns_yaml, as: UTF8.self))

    private enum CodingKeys: String, CodingKey { case noise, patterns }

    init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        noise = try box.decode(Noise.self, forKey: .noise)
        patterns = try box.decode([EventPattern].self, forKey: .patterns)
        var index: [String: [Int]] = [:]
        for (place, pattern) in patterns.enumerated() {
            for reason in pattern.reasons {
                for kind in pattern.kinds { index[Self.key(reason, kind), default: []].append(place) }
            }
        }
        self.index = index
    }

    func isNoise(_ event: WireEvent) -> Bool {
        noise.reasons.contains { $0.isIn(event.reason) }
            || event.isWarning && noise.warnings.contains { $0.isIn(event.reason) }
            || noise.messages.contains { $0.isIn(event.message) }
    }

    /// - Returns: the first that fits; nil for an event that is not listed.
    func pattern(for event: WireEvent) -> EventPattern? {
        index[Self.key(event.reason, event.object.kind)]?.lazy.map { patterns[$0] }.first { $0.fits(event) }
    }

    private static func key(_ reason: String, _ kind: String) -> String { "\(reason)/\(kind)".lowercased() }
}
