/// What a program holds in memory after it has loaded, and after it has worked for a while.
struct MemoryMeasurement {
    let minutes: Double
    private static let resident = Budget("memory, resident", .memory, most: 60_000_000)
    private static let proportional = Budget("memory, shared pages by share", .memory)
    private static let growth = Budget("memory, growth while nodes change", .share, most: 0.05)
    private static let changesPerSecond = 20.0

    func findings(of pty: Pty) -> [Finding] {
        let memory = Memory(of: pty.process.id)
        return [Finding(Self.resident, memory?.resident), Finding(Self.proportional, memory?.proportional)]
    }

    /// The growth is counted from the first minute's end on: until then caches and buffers take their size.
    func growth(of pty: Pty, service: StatusService) throws -> [Finding] {
        let warmUp = min(60, minutes * 60 / 3)
        try change(for: warmUp, pty, service)
        let before = Memory(of: pty.process.id)
        try change(for: minutes * 60 - warmUp, pty, service)
        let after = Memory(of: pty.process.id)
        guard let before, let after else { return [Finding(Self.growth, nil)] }
        return [Finding(Self.growth, after.resident / before.resident - 1)]
    }

    /// In pieces of a second, so that the terminal is read meanwhile: a full one would hold up the program.
    private func change(for seconds: Double, _ pty: Pty, _ service: StatusService) throws {
        let end = Clock.now + seconds
        while Clock.now < end {
            try service.change(Int(Self.changesPerSecond), rate: Self.changesPerSecond)
            _ = pty.collect(for: 0.01)
        }
    }
}
