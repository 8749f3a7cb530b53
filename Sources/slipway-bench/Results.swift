/// All findings, as a table with a row a budget and a column a program and size.
struct Results {
    /// Whether a column is ours, and so must hold the budgets, or something to compare with.
    struct Column: Hashable {
        let name: String
        let isOurs: Bool
    }

    private let columns: [Column]
    private var budgets: [Budget] = []
    private var values: [String: [Column: Double]] = [:]

    init(columns: [Column]) { self.columns = columns }

    mutating func note(_ findings: [Finding], in column: Column) {
        for finding in findings {
            if values[finding.budget.measure] == nil { budgets.append(finding.budget) }
            values[finding.budget.measure, default: [:]][column] = finding.value
        }
    }

    var isMissed: Bool { budgets.contains { isMissed($0) } }

    private func isMissed(_ budget: Budget) -> Bool {
        (values[budget.measure] ?? [:]).contains { $0.key.isOurs && !budget.holds($0.value) }
    }

    /// A Markdown table that can be read as it is too.
    var text: String {
        let titles = ["measure", "budget"] + columns.map(\.name) + ["verdict"]
        let rows = budgets.map { budget in
            [budget.measure, budget.text] + columns.map { values[budget.measure]?[$0].map(budget.text) ?? "-" }
                + [budget.isSet ? isMissed(budget) ? "MISSED" : "ok" : ""]
        }
        let widths = titles.indices.map { index in ([titles] + rows).map { $0[index].count }.max() ?? 0 }
        let lines = ([titles, widths.map { String(repeating: "-", count: $0) }] + rows).map { cells in
            let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        return lines.joined(separator: "\n")
    }
}
