import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The events of a stack, folded: what its present operation has done to each resource. Pure; events may come in any order and more than once.
public struct StackHistory: Sendable, Equatable {
    public struct Event: Sendable, Equatable {
        public var id: String
        public var at: Date
        public var logicalID: String
        public var type: String
        public var status: String
        public var reason: String?
        /// Every instance type and time limit that its properties name; the properties themselves may hold secrets.
        public var instanceTypes: [String]
        public var waitLimit: Double?
        public var isStack: Bool
        /// What AWS calls the resource itself; empty at first.
        public var physicalID: String
    }

    /// All events, oldest first.
    public private(set) var events: [Event] = []
    private var known: Set<String> = []

    public init() {}

    /// Reasons quote addresses of scripts, which may be presigned; their other words are needed as they are.
    private static func harmless(_ reason: String) -> String {
        reason.contains("://") || reason.contains("AKIA") || reason.contains("ASIA")
            ? SecretText.hidden(reason) : reason
    }

    /// Whether it is known; a page is read on only as far as something is not.
    public func contains(_ event: WireStackEvent) -> Bool { event.eventId.map(known.contains) ?? false }

    /// The instance id of the newest head node that the events name; also of one that is gone.
    var headNodeID: String? {
        events.last { $0.logicalID == "HeadNode" && $0.physicalID.hasPrefix("i-") }?.physicalID
    }

    /// Takes in one page; events without a time or a resource say nothing.
    public mutating func take(_ page: [WireStackEvent]) {
        var isSorted = true
        for wire in page.reversed() {
            guard let logicalID = wire.logicalResourceId, let status = wire.resourceStatus,
                let at = wire.timestamp.flatMap({ WireTime.date($0, zone: .gmt) })
            else { continue }
            let id = wire.eventId ?? "\(logicalID) \(status) \(wire.timestamp ?? "")"
            guard known.insert(id).inserted else { continue }
            let type = wire.resourceType ?? ""
            let properties = StackProperties(wire.resourceProperties)
            if let last = events.last, last.at > at { isSorted = false }
            events.append(
                Event(
                    id: id, at: at, logicalID: SafeText.line(logicalID, limit: 128),
                    type: SafeText.line(type, limit: 128), status: SafeText.line(status, limit: 64),
                    reason: wire.resourceStatusReason.map { SafeText.line(Self.harmless($0), limit: 400) },
                    instanceTypes: properties.instanceTypes, waitLimit: properties.waitLimit,
                    isStack: type == "AWS::CloudFormation::Stack" && logicalID == wire.stackName,
                    physicalID: SafeText.line(wire.physicalResourceId ?? "", limit: 200)))
        }
        guard !isSorted else { return }
        // CloudFormation's clock has milliseconds, and one resource's events must keep their order within one.
        events = events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }
}

/// What of a resource's properties is used. They are parsed and dropped: user data and parameters may hold secrets.
struct StackProperties {
    private(set) var instanceTypes: [String] = []
    /// `Timeout` of a wait condition, in seconds.
    private(set) var waitLimit: Double?

    init(_ text: String?) {
        guard let text, text.utf8.count <= 256 << 10, text.contains("InstanceType") || text.contains("Timeout"),
            let value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
        else { return }
        var types: Set<String> = []
        value.walk { key, text in
            if key == "InstanceType", text.contains("."), text.utf8.count < 40 { types.insert(SafeText.line(text)) }
        }
        instanceTypes = types.sorted()
        if case .object(let object) = value, case .text(let timeout)? = object["Timeout"] {
            waitLimit = Double(timeout)
        }
    }

    /// JSON of any shape, of bounded depth.
    private enum Value: Decodable {
        case text(String)
        case object([String: Value])
        case list([Value])
        case other

        init(from decoder: any Decoder) throws {
            guard decoder.codingPath.count < 24 else {
                self = .other
                return
            }
            let box = try decoder.singleValueContainer()
            if let text = try? box.decode(String.self) {
                self = .text(text)
            } else if let object = try? box.decode([String: Value].self) {
                self = .object(object)
            } else if let list = try? box.decode([Value].self) {
                self = .list(list)
            } else if let number = try? box.decode(Double.self) {
                self = .text("\(number)")
            } else {
                self = .other
            }
        }

        func walk(_ visit: (String, String) -> Void) {
            switch self {
            case .object(let object):
                for (key, value) in object {
                    if case .text(let text) = value { visit(key, text) }
                    value.walk(visit)
                }
            case .list(let list): for value in list { value.walk(visit) }
            case .text, .other: break
            }
        }
    }
}
