import Foundation
import Glibc

/// What reading ParallelCluster costs: one creating cluster against one process of `pcluster`, and twenty of them in two regions.
struct ClusterMeasurement {
    let seconds: Double
    private static let poll = Budget("one poll of a creating cluster, of one pcluster process", .share, most: 0.05)
    private static let pollTime = Budget("one poll of a creating cluster: CPU", .seconds)
    private static let processTime = Budget("one pcluster process: CPU", .seconds)
    private static let twenty = Budget("20 creating clusters in two regions: CPU of a core", .share, most: 0.10)
    private static let ours = Budget("20 creating clusters: CPU of slipway itself", .share)
    private static let memory = Budget("20 creating clusters: memory of the interpreters", .memory)
    /// The status of a cluster in progress is asked so often, in seconds.
    private static let period = 10.0
    private static let many = 20

    func findings(program: String) throws -> [Finding] {
        guard let aws = try FakeAWS.installed() else {
            throw BenchProblem("The real pcluster is not installed; `bash .ci/setup --test` does that.")
        }
        defer { aws.end() }
        try aws.create(1, prefix: "one", region: "us-east-1")
        let process = try processorTime(ofOne: aws)
        let alone = try watch(aws, program: program, regions: ["us-east-1"])
        let poll = alone.total / seconds * Self.period
        try aws.create(9, prefix: "east", region: "us-east-1")
        try aws.create(10, prefix: "west", region: "eu-west-1")
        let many = try watch(aws, program: program, regions: ["us-east-1", "eu-west-1"])
        return [
            Finding(Self.processTime, process), Finding(Self.pollTime, poll), Finding(Self.poll, poll / process),
            Finding(Self.twenty, many.total / seconds), Finding(Self.ours, many.own / seconds),
            Finding(Self.memory, many.memory),
        ] + many.keys
    }

    private func processorTime(ofOne aws: FakeAWS) throws -> Double {
        let place = NSTemporaryDirectory()
        let times = try (0..<3).map { _ in
            let before = Self.childrenTime
            let child = try ChildProcess(
                .init(
                    program: aws.pcluster, arguments: ["describe-cluster", "-n", "one000", "-r", "us-east-1"],
                    environment: Place.environment(place).merging(aws.environment) { $1 }))
            guard child.hasEnded(within: 60) else { throw BenchProblem("pcluster did not end in 60 s.") }
            return Self.childrenTime - before
        }
        return times.sorted()[times.count / 2]
    }

    /// CPU seconds of all children that have ended.
    private static var childrenTime: Double {
        var usage = rusage()
        getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    private func watch(
        _ aws: FakeAWS, program: String, regions: [String]
    ) throws -> (total: Double, own: Double, memory: Double, keys: [Finding]) {
        let place = try Place(program: program)
        try "pcluster: [\(regions.joined(separator: ", "))]\n".write(
            toFile: place.folder + "/config/slipway/config.yaml", atomically: true, encoding: .utf8)
        var launch = place.launch([])
        launch.environment.merge(aws.environment) { $1 }
        let pty = try Pty(launch, columns: Subject.columns, rows: Subject.rows)
        defer { pty.process.end() }
        guard pty.wait(for: "one000", atMost: 30) != nil else {
            throw BenchProblem("slipway showed no cluster in 30 s.")
        }
        pty.write("3")
        // The first round asks everything of every cluster.
        _ = pty.collect(for: 20)
        let before = ProcessTree(pty.process.id)
        _ = pty.collect(for: seconds)
        let after = ProcessTree(pty.process.id)
        let subject = Subject.slipway(place, nodes: Self.many)
        let keys = KeyMeasurement(presses: 120).findings(subject, in: pty, isLong: false)
        return (after.processorTime - before.processorTime, after.own - before.own, after.childrenMemory, keys)
    }
}
