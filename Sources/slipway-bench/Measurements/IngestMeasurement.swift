/// Whether the service takes in a thousand reports a second on one core, soon, and loses none.
struct IngestMeasurement {
    let seconds: Double
    private static let offered = 1200.0
    private static let nodes = 24
    private static let rate = Budget("ingest, one core: stored", .perSecond, least: 1000)
    private static let median = Budget("ingest, one core: answer, median", .seconds)
    private static let slow = Budget("ingest, one core: answer, p99", .seconds, most: 0.05)
    private static let lost = Budget("ingest, one core: acknowledged, not stored", .count, most: 0)
    private static let most = Budget("ingest, one core: most, not paced", .perSecond)

    func findings(program: String) throws -> [Finding] {
        let place = try Place(program: program)
        let service = try StatusService(place, isPinned: true)
        defer { service.process.end() }
        try service.fill(Self.nodes)
        let before = try service.storedReports()
        let load = LoadGenerator(port: service.port)
        let paced = try load.send(Int(Self.offered * seconds), rate: Self.offered, Self.post)
        let stored = try service.storedReports() - before
        let flood = try load.send(Int(Self.offered * seconds / 2), Self.post)
        let latencies = Samples(paced.latencies)
        return [
            Finding(Self.rate, Double(stored) / paced.duration),
            Finding(Self.median, latencies.median),
            Finding(Self.slow, latencies.quantile(0.99)),
            Finding(Self.lost, Double(abs(paced.acknowledged - stored))),
            Finding(Self.most, flood.rate),
        ]
    }

    @Sendable private static func post(_ index: Int) -> LoadGenerator.Post {
        StatusService.report(
            index % nodes, phase: "image_download", status: "in_progress", text: "image at \(index) MB of 4096")
    }
}
