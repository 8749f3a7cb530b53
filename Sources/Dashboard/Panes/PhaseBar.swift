import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Phase {
    /// The phase's own bar: what it has taken of its limit, with ticks at the usual time and at the limit. Nil without either.
    func bar(at now: Date, hasTrack: Bool = true) -> Bar? {
        guard let taken = elapsed(at: now), let end = limit ?? usualHigh.map({ $0 * 2 }), end > 0 else { return nil }
        // The limit stands a little before the end, so that one can see what lies beyond it.
        let scale = end * 1.15
        let share = taken / scale
        let role: Role = state == .failed ? .statusFail : limit.map { taken > $0 } == true ? .statusWarn : .barFill
        return Bar(
            done: state == .running ? 0 : share, running: state == .running ? share : 0,
            usual: usual.map { $0 / scale },
            limit: limit.map { $0 / scale }, role: role, hasTrack: hasTrack)
    }
}

extension Progress {
    /// What is done as a bar; while it runs, the step that is being worked on stands out on top of it.
    func bar(of state: Item.State, role: Role = .barFill) -> Bar {
        // Packages differ too much for equal shares: what runs is seen, but not how much it is.
        let most = unit == "packages" ? 0.05 : 1
        let step = state == .running && percent < 100 ? min(most, 1 / Double(max(1, total))) : 0
        return Bar(done: Double(percent) / 100, running: step, role: role)
    }

    /// `44% 21/48`, where the column or its title says what is counted.
    var short: String { "\(percent)% \(done)/\(total)" }
}
