import Foundation

/// A build that the program itself has started and that runs as long as the bench wants: in Spack's place stands a script that waits. What
/// it would print is written into the log by the bench.
final class RunningBuild {
    static let name = "bench-rig"
    private static let package = "rig-app-1.0-abcdefghijklmnopqrstuvwxyz234567"
    /// Minutes after which it ends in any case.
    private static let deadline = 20

    private let place: Place
    private let folder: String
    private let log: FileHandle
    private var flag: String { place.folder + "/go" }

    init(_ place: Place) throws {
        self.place = place
        let template = try Self.furnish(place)
        let start = try ChildProcess(
            place.launch([
                "ami", "build", "-t", template, "--spack", place.folder + "/spack", "--detach", "--deadline",
                "\(Self.deadline)",
            ]))
        guard start.hasEnded(within: 60) else { throw BenchProblem("slipway ami build did not start a build in 60 s.") }
        let builds = place.folder + "/state/slipway/builds"
        guard let id = try? FileManager.default.contentsOfDirectory(atPath: builds).first,
            let log = FileHandle(forWritingAtPath: "\(builds)/\(id)/log")
        else { throw BenchProblem("slipway ami build started no build.") }
        folder = builds + "/" + id
        self.log = log
        // Only ever added to, as the build's own processes do.
        _ = fcntl(log.fileDescriptor, F_SETFL, O_WRONLY | O_APPEND)
        let patience = Clock.now + 30
        while try !String(contentsOfFile: folder + "/log", encoding: .utf8).contains("phase: 'build'") {
            guard Clock.now < patience else { throw BenchProblem("The build printed nothing in 30 s.") }
            Clock.sleep(0.1)
        }
    }

    deinit { end() }

    /// Adds a line to its log, in one write.
    func write(_ line: String) throws { try log.write(contentsOf: Data((line + "\n").utf8)) }

    /// Lets it end, and waits for that.
    func end() {
        guard unlink(flag) == 0 else { return }
        let patience = Clock.now + 20
        while access(folder + "/end", F_OK) != 0, Clock.now < patience { Clock.sleep(0.1) }
    }

    /// - Returns: the template.
    private static func furnish(_ place: Place) throws -> String {
        let script = place.folder + "/spack"
        let template = place.folder + "/template.yaml"
        try """
        #!/bin/sh
        case $1 in
        install)
            echo "==> Installing \(package) [1/1]"
            echo "==> rig-app: Executing phase: 'build'"
            while [ -f "\(place.folder)/go" ]; do sleep 1; done
            echo "==> rig-app: Successfully installed \(package)"
            ;;
        find) echo rig-app@1.0 ;;
        esac

        """.write(toFile: script, atomically: true, encoding: .utf8)
        chmod(script, 0o755)
        try "".write(toFile: place.folder + "/go", atomically: true, encoding: .utf8)
        try """
        cluster: {name: \(name), region: us-west-2}
        compute:
          head_node: c5.large
          queues:
            - {name: compute, instance_types: [c5.2xlarge], min_count: 0, max_count: 2}
        software:
          spack_packages: [rig-app@1.0]

        """.write(toFile: template, atomically: true, encoding: .utf8)
        return template
    }
}
