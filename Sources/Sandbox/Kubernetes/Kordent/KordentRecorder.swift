import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes events of what is told, as the recorder in every controller does: the same words about the same object are one event with a count.
struct KordentRecorder: Sendable {
    private struct Seen {
        var name: String
        var first: Date
        var last: Date
        var count: Int
    }

    /// The API server forgets events after an hour, and then they are counted anew.
    private static let memory: Double = 3600

    private var seen: [KordentSighting: Seen] = [:]
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    mutating func event(_ sighting: KordentSighting, at date: Date) -> JSONValue {
        if seen.count > 4000 { seen = seen.filter { date.timeIntervalSince($0.value.last) < Self.memory } }
        var found =
            seen[sighting].flatMap { date.timeIntervalSince($0.last) < Self.memory ? $0 : nil }
            ?? Seen(name: name(for: sighting, at: date), first: date, last: date, count: 0)
        found.count += 1
        found.last = date
        seen[sighting] = found
        return [
            "apiVersion": "v1", "kind": "Event",
            "metadata": [
                "name": .text(found.name), "namespace": .text(sighting.namespace),
                "creationTimestamp": .time(found.first),
            ],
            "involvedObject": [
                "apiVersion": .text(sighting.apiVersion), "kind": .text(sighting.kind), "name": .text(sighting.name),
                "namespace": .text(sighting.namespace), "uid": .text(sighting.uid),
            ],
            "type": .text(sighting.type), "reason": .text(sighting.reason), "message": .text(sighting.message),
            "source": ["component": .text(sighting.component)], "reportingComponent": .text(sighting.component),
            "reportingInstance": "", "eventTime": .null, "firstTimestamp": .time(found.first),
            "lastTimestamp": .time(date), "count": .whole(found.count),
        ]
    }

    private func name(for sighting: KordentSighting, at date: Date) -> String {
        let words = "\(sighting.kind)/\(sighting.reason)/\(sighting.message)/\(date.timeIntervalSince1970)"
        var chance = SeededGenerator(named: "\(sighting.namespace)/\(sighting.name)/\(words)", seed: seed)
        return "\(sighting.name).\(chance.hexadecimal(16))"
    }
}
