import Foundation
import Glibc

/// `slipway serve` on this machine, with a database of its own and nodes in it.
final class StatusService {
    let port: UInt16
    let process: ChildProcess
    private(set) var nodes = 0
    /// Nodes 0..<running are being deployed.
    private(set) var running = 0

    /// - Parameter pool: the kube context of a pool that it manages.
    init(_ place: Place, isPinned: Bool = false, pool: String? = nil) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw BenchProblem("No pipe can be had: \(String(cString: strerror(errno))).") }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let launch = place.launch(
            ["serve", "--port", "0", "--database", place.folder + "/status.db"] + (pool.map { ["--pool", $0] } ?? []))
        do {
            defer { close(ends[1]) }
            process = try ChildProcess(isPinned ? launch.pinned : launch, errors: ends[1])
        }
        port = try Self.port(toldOn: ends[0])
    }

    /// It says where it listens on standard error, once it does.
    private static func port(toldOn file: Int32) throws -> UInt16 {
        let deadline = Clock.now + 20
        var told = ""
        while Clock.now < deadline {
            var wish = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            guard poll(&wish, 1, 100) > 0 else { continue }
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            told += String(decoding: buffer.prefix(count), as: UTF8.self)
            let line = told.split(separator: "\n").first { $0.contains("http://") }
            if told.contains("\n"), let port = line?.split(separator: ":").last.flatMap({ UInt16($0) }) { return port }
        }
        throw BenchProblem("The service did not start: \(told.isEmpty ? "it said nothing in 20 s." : told)")
    }

    /// Registers nodes and lets them report: a quarter is being deployed; of the others most are done, some failed, some have yet to begin.
    ///
    /// - Parameter running: that many are being deployed instead, one has failed, and all others are done.
    func fill(_ count: Int, running: Int? = nil) throws {
        let load = LoadGenerator(port: port)
        let registered = try load.send(count) { index in
            .init(path: "/api/config/nodes", body: Self.registration(index))
        }
        let moving = running ?? count / 4
        self.running = moving
        let reported = try load.sendAll(count) { Self.reports(of: $0, running: moving, all: running != nil) }
        guard registered.acknowledged == count, reported.refused == 0 else {
            throw BenchProblem("The service refused \(registered.refused + reported.refused) posts.")
        }
        nodes = count
    }

    /// Ends the deployments that run: from now on nothing moves.
    func finishAll() throws {
        let running = self.running
        _ = try LoadGenerator(port: port).send(running) {
            Self.report($0, phase: "health_validation", status: "success", text: "all checks passed")
        }
        self.running = 0
    }

    /// Lets nodes that are being deployed say something new, a change a post.
    func change(_ count: Int, rate: Double) throws {
        let running = max(1, self.running)
        _ = try LoadGenerator(port: port, connections: 4).send(count, rate: rate) { index in
            Self.report(
                index % running, phase: "image_download", status: "in_progress", text: "image at \(index) MB of 4096")
        }
    }

    /// Rows of the phase channel that the service has of all nodes.
    func storedReports() throws -> Int {
        let connection = try HTTPConnection(port: port)
        return try (1...max(1, nodes)).reduce(0) { sum, node in
            let body = try connection.get("/api/status/history/\(node)").body
            return sum + body.components(separatedBy: "\"phase\":").count - 1
        }
    }

    static func name(_ index: Int) -> String { "rack\(index / 40 + 1)-unit\(index % 40 + 1)" }

    static func address(_ index: Int) -> String { "10.\(20 + index / 60_000).\(index / 240 % 250).\(index % 240 + 1)" }

    static func report(_ index: Int, phase: String, status: String, text: String) -> LoadGenerator.Post {
        .init(
            path: "/api/status/phase",
            body: """
                {"server_ip":"\(address(index))","phase":"\(phase)","status":"\(status)","message":"\(text)"}
                """)
    }

    private static func registration(_ index: Int) -> String {
        """
        {"node_config":{"node_name":"\(name(index))","server_profile":"bx2-metal-\(index % 3 + 1)",\
        "management_ip":"\(address(index))"}}
        """
    }

    /// The words are those of the orchestrator's phase table.
    private static let phases = [
        "ipxe_boot", "config_download", "foundation_start", "storage_discovery", "image_download", "installation",
        "cluster_formation", "dns_registration", "health_validation",
    ]

    private static func reports(of index: Int, running: Int, all: Bool) -> [LoadGenerator.Post] {
        func passed(_ count: Int) -> [LoadGenerator.Post] {
            phases.prefix(count).map { report(index, phase: $0, status: "success", text: "\($0) is done") }
        }
        if index < running {
            let at = all ? 4 : index % 8
            return passed(at) + [
                report(index, phase: phases[at], status: "in_progress", text: "working on \(phases[at])")
            ]
        }
        let hasFailed = all ? index == running : index % 15 == 13
        if hasFailed {
            return passed(3) + [report(index, phase: phases[3], status: "failed", text: "no disk was found")]
        }
        return !all && index % 5 == 4 ? [] : passed(phases.count)
    }
}
