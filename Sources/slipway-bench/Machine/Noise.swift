import Foundation

/// How quiet the machine is: figures taken on a busy one say little.
struct Noise {
    /// Runnable processes in the mean of the last minute.
    let load: Double
    /// How much longer the slowest of equal loops took than the median one, as a share.
    let spread: Double

    init() {
        var loads = [0.0, 0, 0]
        load = getloadavg(&loads, 3) > 0 ? loads[0] : .nan
        var times: [Double] = []
        for _ in 0..<40 {
            let start = Clock.now
            var value: UInt64 = 88_172_645_463_325_252
            for _ in 0..<2_000_000 {
                value ^= value << 13
                value ^= value >> 7
                value ^= value << 17
            }
            // The result is used, so that the loop is not left out.
            times.append(Clock.now - start + (value == 0 ? 1 : 0))
        }
        let samples = Samples(times)
        spread = (samples.most ?? 0) / max(samples.median ?? 0, 1e-9) - 1
    }

    var text: String { String(format: "load %.1f, a fixed loop at worst %.0f %% over its median", load, spread * 100) }
}
