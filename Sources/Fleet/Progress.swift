/// How far an item is. A percentage is never shown without what it counts.
public struct Progress: Codable, Sendable, Equatable {
    /// 0…100.
    public var percent: Int
    public var done: Int
    public var total: Int
    /// What `done` and `total` count, in the plural: `phases`, `resources`, `packages`.
    public var unit: String

    public init(percent: Int, done: Int, total: Int, unit: String) {
        self.percent = min(100, max(0, percent))
        self.done = done
        self.total = total
        self.unit = unit
    }

    /// `44% (5/9 phases)`
    public var text: String { "\(percent)% (\(done)/\(total) \(unit))" }
}
