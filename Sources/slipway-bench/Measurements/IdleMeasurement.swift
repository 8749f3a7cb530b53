import Glibc

/// What a program does while nobody presses a key.
struct IdleMeasurement {
    let seconds: Double
    private static let bytes = Budget("idle, nodes running: bytes", .bytesPerSecond, most: 1000)
    private static let processor = Budget("idle, nodes running: CPU of a core", .share, most: 0.005)
    private static let stillBytes = Budget("idle, nothing changes: bytes", .bytes, most: 0)
    private static let stillProcessor = Budget("idle, nothing changes: CPU of a core", .share, most: 0.005)

    func findings(in pty: Pty) -> [Finding] {
        let (bytes, processor) = watch(pty)
        return [Finding(Self.bytes, bytes / seconds), Finding(Self.processor, processor)]
    }

    func stillFindings(in pty: Pty) -> [Finding] {
        skipMinute(pty)
        let (bytes, processor) = watch(pty)
        return [Finding(Self.stillBytes, bytes), Finding(Self.stillProcessor, processor)]
    }

    private func watch(_ pty: Pty) -> (bytes: Double, processor: Double?) {
        let before = Clock.processorTime(of: pty.process.id)
        let start = Clock.now
        let bytes = pty.collect(for: seconds).count
        guard let before, let after = Clock.processorTime(of: pty.process.id) else { return (Double(bytes), nil) }
        return (Double(bytes), (after - before) / (Clock.now - start))
    }

    /// Waits for the next minute if it comes too soon: the clock on the screen is a change that is allowed.
    private func skipMinute(_ pty: Pty) {
        let left = 60 - Double(time(nil) % 60)
        if left < seconds + 2 { _ = pty.collect(for: left + 2) }
    }
}
