#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How long something may still take that has already taken longer than all that is known.
///
/// Up to the edge of what is known the logarithm of a duration is about normal. Beyond it the tail goes on as a power law that meets the
/// normal one at the edge, and gets heavier the further beyond it is: what takes many times longer than ever is probably not the thing
/// that was measured. The heaviest has the exponent 1, where what remains is as likely above as below what was already taken.
struct Tail {
    /// The longest duration that is still within what is known, in seconds.
    let edge: Double
    /// Deviation of the durations' logarithms.
    let spread: Double
    /// The exponent at the edge.
    let exponent: Double

    /// - Parameter deviations: how many `spread` the edge is above the mean of the logarithms.
    init(edge: Double, spread: Double, deviations: Double) {
        self.edge = edge
        self.spread = spread
        exponent = max(1, deviations / spread)
    }

    /// The share of the tail that is still possible for something that has taken `elapsed` seconds.
    func share(beyond elapsed: Double) -> Double { elapsed <= edge ? 1 : pow(elapsed / edge, -exponent) }

    /// The duration below which `share` of those end that take longer than both the edge and `elapsed` seconds.
    func duration(_ share: Double, beyond elapsed: Double) -> Double {
        let start = max(edge, elapsed)
        let heavier = exponent / (1 + log(start / edge) / spread)
        return start * pow(1 - share, -1 / max(1, heavier))
    }
}
