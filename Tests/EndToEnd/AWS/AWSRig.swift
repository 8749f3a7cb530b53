import Foundation
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A fake AWS of a story's own, for the real `pcluster`. What happens to its clusters is told here, step by step.
///
/// Every time is when something happened in AWS; without one it happened now. Where a command takes `since` and `at`, it
/// began and ended there. Commands are not counted as requests, and work while a fault is switched on.
final class AWSRig: Sendable {
    static let region = "us-east-1"

    /// What a program needs in order to find this AWS; `pcluster` is first on its path.
    let environment: [String: String]
    let url: String
    private let stage: Stage
    private let child: Child
    private let commands: FileHandle
    private let asked = Mutex(0)

    static func start(_ stage: Stage) async throws -> AWSRig {
        guard let python, let pcluster else { throw StoryProblem("\(venv.path) has no pcluster. \(remedy)") }
        // The driver ends with its input, so it cannot outlive the tests, however they end.
        let pipe = stage.home.path + "/aws-\(UUID().uuidString.prefix(8))"
        let file = mkfifo(pipe, 0o600) == 0 ? open(pipe, O_RDWR | O_CLOEXEC) : -1
        guard file >= 0 else { throw StoryProblem("\(pipe) was not made: \(String(cString: strerror(errno)))") }
        // -B: nothing is written beside the sources.
        let child = try stage.start(
            "/bin/sh",
            ["-c", #"exec "$0" -B "$1" < "$2""#, python, folder.appendingPathComponent("aws_driver.py").path, pipe])
        let ready = try await eventually("The fake AWS", within: 40, seen: { child.complained }) {
            child.printed.split(separator: "\n").first.map(String.init)
        }
        let port = try JSONDecoder().decode([String: Int].self, from: Data(ready.utf8))["port"] ?? 0
        return AWSRig(
            url: "http://127.0.0.1:\(port)", programs: URL(fileURLWithPath: pcluster).deletingLastPathComponent().path,
            stage: stage, child: child, commands: FileHandle(fileDescriptor: file, closeOnDealloc: true))
    }

    private init(url: String, programs: String, stage: Stage, child: Child, commands: FileHandle) {
        self.url = url
        self.stage = stage
        self.child = child
        self.commands = commands
        environment = [
            "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing", "AWS_EC2_METADATA_DISABLED": "true",
            "PATH": programs + ":" + (stage.environment["PATH"] ?? "/usr/bin:/bin"),
        ]
    }

    /// Runs the real `pcluster` to its end.
    func pcluster(_ arguments: String...) async throws -> Outcome {
        try await stage.run(Self.pcluster, arguments, environment: environment)
    }

    /// Makes a cluster's stack: in progress, with its own first event only.
    func create(
        _ name: String, region: String = AWSRig.region, at: Date? = nil, rollback: Bool = true, logs: Bool = true,
        scheduler: String = "slurm", version: String? = nil, tags: [String: String] = [:]
    ) async throws -> AWSCluster {
        let cluster = AWSCluster(rig: self, region: region, name: name)
        var command = Command("create", cluster, at: at)
        command.rollback = rollback
        command.logs = logs
        command.scheduler = scheduler
        command.version = version
        command.tags = tags
        _ = try await tell(command)
        return cluster
    }

    /// Makes clusters named `prefix` and 000 and up, each with some resources complete.
    func createMany(
        _ count: Int, prefix: String, region: String = AWSRig.region, steps: Int = 20, since: Date? = nil,
        at: Date? = nil
    ) async throws -> [AWSCluster] {
        var command = Command("many", region: region, at: at, since: since)
        command.prefix = prefix
        command.count = count
        command.steps = steps
        _ = try await tell(command)
        return (0..<count).map {
            let number = String($0)
            let zeros = String(repeating: "0", count: max(0, 3 - number.count))
            return AWSCluster(rig: self, region: region, name: prefix + zeros + number)
        }
    }

    /// Adds stacks that are no clusters. AWS lists stacks by 50, so a page of clusters may be empty and not the last.
    func addStrangers(_ count: Int, region: String = AWSRig.region) async throws {
        var command = Command("strangers", region: region)
        command.count = count
        _ = try await tell(command)
    }

    enum Fault: String, Encodable, Sendable {
        /// CloudFormation answers "Rate exceeded": `describe-cluster` then never returns.
        case throttle
        /// Every service calls the credentials expired.
        case expire
        /// CloudFormation refuses this user.
        case deny
        /// CloudFormation takes the question and never answers.
        case hang
    }

    /// - Parameters:
    ///   - fault: nil switches off the one of the same region, or the one of all regions.
    ///   - region: nil: all.
    func fault(_ fault: Fault?, region: String? = nil) async throws {
        var command = Command("fault", region: region)
        command.kind = fault
        _ = try await tell(command)
    }

    /// How often each action was asked for, such as `DescribeStackEvents`; S3's are called `s3:GET`.
    ///
    /// - Parameter cluster: counts CloudFormation's questions about this cluster only.
    func requests(region: String? = nil, cluster: String? = nil, reset: Bool = false) async throws -> [String: Int] {
        var command = Command("requests", region: region)
        command.cluster = cluster
        command.reset = reset
        return try await tell(command).requests ?? [:]
    }

    // MARK: the driver

    /// What can be told to the driver; it has defaults for what is absent.
    struct Command: Encodable, Sendable {
        let command: String
        var region: String?
        var cluster: String?
        var at: Date?
        var since: Date?
        var n: Int?
        var begin: Bool?
        var resource: String?
        var reason: String?
        var state: String?
        var status: String?
        var fleet: String?
        var queue: String?
        var log: String?
        var lines: [String]?
        var instance: String?
        var rollback: Bool?
        var logs: Bool?
        var scheduler: String?
        var version: String?
        var tags: [String: String]?
        var prefix: String?
        var count: Int?
        var steps: Int?
        var kind: Fault?
        var reset: Bool?

        init(_ command: String, region: String?, at: Date? = nil, since: Date? = nil) {
            self.command = command
            self.region = region
            self.at = at
            self.since = since
        }

        init(_ command: String, _ cluster: AWSCluster, at: Date? = nil, since: Date? = nil) {
            self.init(command, region: cluster.region, at: at, since: since)
            self.cluster = cluster.name
        }
    }

    struct Answer: Decodable, Sendable {
        let ok: Bool
        let error: String?
        let stream: String?
        let requests: [String: Int]?
    }

    func tell(_ command: Command) async throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: try await exchange(command))
    }

    func state(after command: Command) async throws -> AWSCluster.State {
        try JSONDecoder().decode(AWSCluster.State.self, from: try await exchange(command))
    }

    private func exchange(_ command: Command) async throws -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        let text = try encoder.encode(command) + Data("\n".utf8)
        // Answers come in the order of the questions, after the line with the port.
        let number = try asked.withLock { asked in
            try commands.write(contentsOf: text)
            asked += 1
            return asked
        }
        let line = try await eventually("The answer to \(command.command)", seen: { child.complained }) {
            let lines = child.printed.components(separatedBy: "\n")
            return lines.count > number + 1 ? lines[number] : nil
        }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
        guard answer.ok else { throw StoryProblem("The fake AWS refuses \(command.command): \(answer.error ?? line)") }
        return Data(line.utf8)
    }

    // MARK: what it needs

    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()

    /// Named by `SLIPWAY_VENV`, or `.venv` at the top of the checkout, where setup makes it.
    private static let venv: URL = {
        if let named = ProcessInfo.processInfo.environment["SLIPWAY_VENV"], !named.isEmpty {
            return URL(fileURLWithPath: named)
        }
        return (0..<3).reduce(folder) { path, _ in path.deletingLastPathComponent() }.appendingPathComponent(".venv")
    }()

    private static let python = program("python")
    /// The real one.
    static let pcluster = program("pcluster")
    static let remedy = "The README's test command installs it."

    private static func program(_ name: String) -> String? {
        let path = venv.appendingPathComponent("bin/\(name)").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }
}

extension Trait where Self == ConditionTrait {
    /// The story asks the real `pcluster`.
    static var needsAWS: Self {
        .enabled("the real pcluster is not installed; the README's test command installs it") { AWSRig.pcluster != nil }
    }
}
