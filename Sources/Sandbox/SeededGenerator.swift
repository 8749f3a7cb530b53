/// Chance that can be repeated: the same seed gives the same numbers (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A factor around 1 as durations scatter: seldom under 0.6 or over 1.7 for a spread of 0.25.
    mutating func factor(spread: Double) -> Double {
        // The sum of twelve uniform numbers is as good as normal here, and needs no logarithm.
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + unit() }
        return exponential(normal * spread)
    }

    /// e to the power of x for small x, by its series: keeps the room free of a maths library.
    private func exponential(_ x: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        for n in 1...24 {
            term *= x / Double(n)
            sum += term
        }
        return max(0.05, sum)
    }
}
