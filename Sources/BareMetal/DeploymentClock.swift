#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Measures how long phases take while their reports come in: which are open, since when, and the row that has their newest report.
///
/// It is kept with its node (`open_phases`) because reading a whole history to write one row would cost more with every row. Phases
/// begin and end by the same rules as in the track that is shown.
struct DeploymentClock: Codable, Equatable {
    struct Open: Codable, Equatable {
        /// Seconds since 1970.
        var since: Double
        /// The `deployment_history` row that gets the duration when the phase ends without a word of its own.
        var row: Int64
    }

    private(set) var open: [String: Open] = [:]

    /// Phases that a report ended, with the row that tells how long they took.
    struct Ended: Equatable {
        var row: Int64
        var duration: Double
    }

    /// Takes in a report that was stored as `id`.
    mutating func note(_ row: DeploymentRow, id: Int64, plan: PhasePlan) -> [Ended] {
        let now = row.at.timeIntervalSince1970
        let meaning = row.meaning
        guard let name = meaning.name else {
            return meaning.outcome != nil ? close(at: now) { _ in true } : []
        }
        var ended: [Ended] = []
        if open[name] == nil {
            let place = plan.place(of: name)
            ended = close(at: now) { other in
                guard let otherPlace = plan.place(of: other) else { return true }
                // An unknown word does not end a known phase, and a late report does not end one behind it.
                return place.map { otherPlace <= $0 } ?? false
            }
        }
        if row.status == "success" || row.status == "failed" {
            if let begun = open.removeValue(forKey: name) {
                ended.append(Ended(row: id, duration: max(0, now - begun.since)))
            }
        } else {
            open[name] = Open(since: open[name]?.since ?? now, row: id)
        }
        return ended
    }

    private mutating func close(at now: Double, where isOver: (String) -> Bool) -> [Ended] {
        let names = open.keys.filter(isOver)
        return names.compactMap { name in
            open.removeValue(forKey: name).map { Ended(row: $0.row, duration: max(0, now - $0.since)) }
        }
    }
}

extension DeploymentClock {
    /// As it stands in the database; a text that cannot be read measures nothing rather than stopping the reports.
    init(text: String) {
        self = (try? JSONDecoder().decode(DeploymentClock.self, from: Data(text.utf8))) ?? DeploymentClock()
    }

    var text: String {
        guard let data = try? JSONEncoder().encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
