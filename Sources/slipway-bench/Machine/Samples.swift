/// Measured values of one kind, in order of size.
struct Samples: Sendable {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var count: Int { sorted.count }
    var median: Double? { quantile(0.5) }
    var most: Double? { sorted.last }
    var least: Double? { sorted.first }

    /// The smallest value that at least this share of all values does not exceed; nil without values.
    func quantile(_ share: Double) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let place = (Double(sorted.count) * share).rounded(.up)
        return sorted[min(sorted.count - 1, max(0, Int(place) - 1))]
    }
}
