#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Follows a node's present run while its reports come in: where it begins, how far it is, and which of its rows tell its course.
///
/// It is kept with its node (`run`), so that neither a write nor a read needs the rows of earlier runs, nor every sign of life of this one.
struct DeploymentProgress: Codable, Equatable {
    /// How much a row tells. The raw values are stored.
    enum Weight: Int, Comparable {
        /// A repetition, a log line, an aside: only the newest of them are of interest.
        case filler = 0
        /// A phase or the run changed its state.
        case turn = 1
        /// The first row of the run or of a phase.
        case beginning = 2

        static func < (one: Weight, other: Weight) -> Bool { one.rawValue < other.rawValue }
    }

    /// What became of a row.
    struct Step: Equatable {
        var weight: Weight
        /// Whether it begins another deployment than the one that was reported on before.
        var isAnother: Bool
        /// An earlier row that tells something now: the last one of the phase in which a bare `failed` happened.
        var before: Int64?
    }

    /// The `deployment_history` row with which the present run begins; nil while there is none.
    private(set) var first: Int64?
    private(set) var stage = DeploymentStage.untouched
    /// The newest row of a phase.
    private var last: Int64?
    /// The newest status of each phase and channel; empty if its next row tells something whatever it says.
    private var said: [String: String] = [:]

    /// How many phases' newest status is remembered; those of the plan always are. A row of one that is not counts as its first.
    private static let remembered = 64

    /// Takes in a report that was stored as `id`.
    mutating func follow(_ row: DeploymentRow, id: Int64, plan: PhasePlan) -> Step {
        let meaning = row.meaning
        let next = stage.after(meaning, plan: plan)
        var step = Step(weight: .filler, isAnother: next.begins && stage != .untouched)
        if next.begins { self = DeploymentProgress() }
        if first == nil {
            first = id
            step.weight = .beginning
        }
        if next.stage != stage {
            step.weight = max(step.weight, .turn)
            if next.stage.outcome != nil, meaning.name == nil { step.before = last }
            forget()
        }
        stage = next.stage
        if let name = meaning.name {
            last = id
            step.weight = max(step.weight, weigh(name, row, isKnown: plan.place(of: name) != nil))
        }
        return step
    }

    /// Makes the next row the first of a run, whatever it says.
    mutating func beginAnew() { self = DeploymentProgress() }

    private mutating func weigh(_ name: String, _ row: DeploymentRow, isKnown: Bool) -> Weight {
        let key = "\(row.channel.rawValue) \(name)"
        let known = said[key]
        if known == row.status { return .filler }
        // A new phase ends others: if one of them speaks again, it runs again.
        if known == nil { forget() }
        if isKnown || known != nil || said.count < Self.remembered { said[key] = row.status }
        return known == nil ? .beginning : .turn
    }

    private mutating func forget() {
        for key in said.keys { said[key] = "" }
    }
}

extension DeploymentProgress {
    /// As it stands in the database; a text that cannot be read begins anew with the next report rather than stopping the reports.
    init(text: String) {
        self = (try? JSONDecoder().decode(DeploymentProgress.self, from: Data(text.utf8))) ?? DeploymentProgress()
    }

    var text: String {
        guard let data = try? JSONEncoder().encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
