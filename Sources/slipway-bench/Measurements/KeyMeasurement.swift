/// From a key to the first byte that answers it. People press a key each 40 to 60 ms when they are quick.
struct KeyMeasurement {
    let presses: Int
    private static let median = Budget("key → first byte, median", .seconds, most: 0.002)
    private static let slow = Budget("key → first byte, p99", .seconds, most: 0.008)
    /// A key that was not answered counts as one that took so long.
    private static let patience = 0.5

    /// - Parameter isLong: whether the list is longer than the screen; the second half of the keys then scrolls it.
    func findings(_ subject: Subject, in pty: Pty, isLong: Bool) -> [Finding] {
        let samples = latencies(subject, in: pty, isLong: isLong)
        return [Finding(Self.median, samples.median), Finding(Self.slow, samples.quantile(0.99))]
    }

    /// Seconds for each key.
    func latencies(_ subject: Subject, in pty: Pty, isLong: Bool) -> Samples {
        let reach = max(1, subject.reach)
        return Samples(
            (0..<presses).map { press in
                let scrolls = isLong && press > presses / 2
                let key = scrolls || press / reach % 2 == 0 ? subject.down : subject.up
                return latency(of: key, in: pty)
            })
    }

    private func latency(of key: String, in pty: Pty) -> Double {
        _ = pty.collect(for: .random(in: 0.04...0.06))
        let pressed = Clock.now
        pty.write(key)
        guard pty.read(until: pressed + Self.patience) != nil else { return Self.patience }
        return Clock.now - pressed
    }
}
