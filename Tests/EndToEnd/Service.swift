import Foundation

/// `slipway serve`, and a node's script that posts to it with curl.
final class Service: Sendable {
    let url: String
    let port: Int
    let child: Child
    private let stage: Stage

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - database: a file in the home folder instead of the usual one.
    ///   - pool: the kube context of a pool that it manages.
    static func start(
        _ stage: Stage, port: Int = 0, database: String? = nil, pool: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Service {
        let child = try stage.start(
            Program.slipway,
            ["serve", "--port", String(port)] + (database.map { ["--database", stage.home.path + "/" + $0] } ?? [])
                + (pool.map { ["--pool", $0] } ?? []),
            environment: environment)
        let url = try await eventually("The service", seen: { child.complained }) { () -> String? in
            guard let line = child.complained.split(separator: "\n").first(where: { $0.contains("listens on http") })
            else { return nil }
            return line.components(separatedBy: "listens on ").last
        }
        return Service(url: url, child: child, stage: stage)
    }

    private init(url: String, child: Child, stage: Stage) {
        self.url = url
        port = URL(string: url)?.port ?? 0
        self.child = child
        self.stage = stage
    }

    struct Answer: Sendable {
        let status: Int
        let body: String
    }

    func curl(_ path: String, post body: String? = nil) async throws -> Answer {
        var arguments = ["-s", "--max-time", "20", "-w", "\n%{http_code}", url + path]
        if let body { arguments += ["-X", "POST", "-d", body] }
        let outcome = try await stage.run(Program.curl, arguments)
        var lines = outcome.out.components(separatedBy: "\n")
        let status = Int(lines.removeLast()) ?? 0
        return Answer(status: status, body: lines.joined(separator: "\n"))
    }

    /// Registers a node, as the orchestrator's users do.
    func register(_ name: String, address: String) async throws {
        let answer = try await curl(
            "/api/config/nodes",
            post: """
                {"node_config": {"node_name": "\(name)", "server_profile": "bx2d-metal-48x192", "management_ip": "\(address)"}}
                """)
        guard answer.status == 202 else { throw StoryProblem("Registering \(name) was answered \(answer)") }
    }

    /// One line of a node's script.
    func report(_ address: String, _ phase: String, _ status: String = "in_progress", _ message: String = "")
        async throws
    {
        let text = message.isEmpty ? "\(phase) \(status)" : message
        let answer = try await curl(
            "/api/status/phase",
            post: """
                {"server_ip": "\(address)", "phase": "\(phase)", "status": "\(status)", "message": "\(text)"}
                """)
        guard answer.status == 200 else { throw StoryProblem("Reporting \(phase) was answered \(answer)") }
    }

    /// All phases of a node that needs no person, up to `deployed`.
    func deploy(_ address: String) async throws {
        for phase in Self.phases { try await report(address, phase, "success") }
        try await report(address, "deployed", "success")
    }

    /// In the order in which nodes go through them.
    static let phases = [
        "ipxe_boot", "config_download", "foundation_start", "storage_discovery", "image_download", "installation",
        "cluster_formation", "dns_registration", "health_validation",
    ]
}
