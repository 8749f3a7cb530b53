/// Chooses the rows of a run that a page shows: those that tell its course before those that are merely new.
///
/// Whoever works out a `DeploymentRun` from them gets the beginning, end, outcome and phases of the whole run, however often a node
/// gives signs of life.
struct DeploymentExcerpt {
    /// The rows of an entry, and how many of them may be log lines.
    static let limit = 64
    static let logLines = 16

    let plan: PhasePlan

    /// - Parameters:
    ///   - telling: rows of the run, oldest first; the first of them is the run's.
    ///   - logs: log lines of the run, oldest first.
    func rows(telling: [DeploymentReader.Stored], logs: [DeploymentReader.Stored]) -> [DeploymentReader.Stored] {
        var chosen: [Int64: DeploymentReader.Stored] = [:]
        func take(_ rows: some Sequence<DeploymentReader.Stored>) {
            for row in rows where chosen.count < Self.limit { chosen[row.id] = row }
        }
        let newestFirst = telling.reversed()
        let beginnings = newestFirst.filter { $0.weight == .beginning }
        take(telling.prefix(1))
        take(end(of: telling))
        take(telling.suffix(1))
        // Of very many phases, those of the plan: the others are words that nobody knows.
        take(beginnings.filter { $0.row.meaning.name.flatMap(plan.place(of:)) != nil })
        take(beginnings)
        take(newestFirst.filter { $0.weight == .turn })
        let fillers = newestFirst.filter { $0.weight == .filler } + logs.suffix(Self.logLines)
        take(fillers.sorted { $0.id > $1.id })
        return chosen.values.sorted { $0.id < $1.id }
    }

    /// The row that ended the run, and the row of the phase in which it did.
    private func end(of telling: [DeploymentReader.Stored]) -> [DeploymentReader.Stored] {
        var stage = DeploymentStage.untouched
        var end: Int?
        for (index, stored) in telling.enumerated() {
            let next = stage.after(stored.row.meaning, plan: plan).stage
            if next != stage { end = next.outcome == nil ? nil : index }
            stage = next
        }
        guard let end else { return [] }
        let before = telling[..<end].last { $0.row.meaning.name != nil }
        return [telling[end]] + (before.map { [$0] } ?? [])
    }
}
