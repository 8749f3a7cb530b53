import Foundation

/// One line of the table: what is measured, and what it may be at most or must be at least.
struct Budget: Sendable {
    enum Unit: Sendable { case seconds, bytes, bytesPerSecond, share, memory, perSecond, ratio, count }

    let measure: String
    let unit: Unit
    private var most: Double?
    private var least: Double?

    init(_ measure: String, _ unit: Unit, most: Double? = nil, least: Double? = nil) {
        self.measure = measure
        self.unit = unit
        self.most = most
        self.least = least
    }

    func holds(_ value: Double) -> Bool { value <= most ?? .infinity && value >= least ?? -.infinity }

    var isSet: Bool { most != nil || least != nil }

    var text: String {
        if let most { return "≤ " + text(most) }
        if let least { return "≥ " + text(least) }
        return ""
    }

    func text(_ value: Double) -> String {
        switch unit {
        case .seconds: String(format: value < 0.01 ? "%.2f ms" : "%.0f ms", value * 1000)
        case .bytes: String(format: "%.0f B", value)
        case .bytesPerSecond: String(format: "%.0f B/s", value)
        case .share: String(format: "%.2f %%", value * 100)
        case .memory: String(format: "%.1f MB", value / 1e6)
        case .perSecond: String(format: "%.0f/s", value)
        case .ratio: String(format: "%.2f", value)
        case .count: String(format: "%.0f", value)
        }
    }
}

/// A measured value.
struct Finding: Sendable {
    let budget: Budget
    let value: Double

    init(_ budget: Budget, _ value: Double?) {
        self.budget = budget
        // What could not be measured holds no budget.
        self.value = value ?? .nan
    }
}
