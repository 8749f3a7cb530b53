import BareMetal
import Foundation
import Testing

/// What was once posted to the orchestrator is posted here in the same order; the answers must be the same but for times and ids, and but
/// for what is meant to be better here, which each place says.
@Suite struct RecordedAnswersTests {
    @Test func sameQuestionsSameAnswers() async throws {
        try await TestService.run { service in
            try await expect(service, "/api/status/summary", "summary-empty")
            try await expect(service, "/api/config/nodes", "nodes-empty")
            for number in 1...4 {
                let answer = try await service.register(number)
                #expect(answer.status == 202)
                #expect(answer.json?["node_id"] == .number(Double(number)))
                #expect(answer.json?["monitoring_endpoint"] == .text("/api/status/nodes/\(number)"))
            }
            try await expect(service, "/api/status/nodes/1", "node-status-not-started")
            try await expect(service, "/api/status/deployment/10.240.0.11", "deployment-not-started")
            try await expect(service, "/api/status/history/1", "history-none")
            try await installFirstNode(service)
            try await finishSecondAndFailThird(service)
            try await tryEverythingOnFourth(service)
            try await askForLists(service)
            let health = try await service.get("/health")
            let healthy = try JSON.fixture("health").masked
            #expect(health.status == 200 && health.json?.masked == healthy)
        }
    }

    private func expect(
        _ service: TestService, _ path: String, _ name: String, but change: (inout JSON) -> Void = { _ in },
        location: SourceLocation = #_sourceLocation
    ) async throws {
        var recorded = try JSON.fixture(name)
        change(&recorded)
        let answer = try await service.get(path)
        #expect(answer.status == 200, sourceLocation: location)
        #expect(answer.headers["content-type"] == "application/json", sourceLocation: location)
        #expect(answer.json?.masked == recorded.masked, sourceLocation: location)
    }

    private func installFirstNode(_ service: TestService) async throws {
        guard case .list(let rows) = try JSON.fixture("history")["deployment_history"] else { return }
        for (number, row) in rows.enumerated() {
            guard case .text(let phase) = row["phase"], case .text(let status) = row["status"],
                case .text(let message) = row["message"]
            else { continue }
            let answer = try await service.report(phase, status, server: "10.240.0.11", message: message)
            #expect(answer.status == 200)
            #expect(answer.json == (try JSON.fixture("phase-in-progress")))
            if status == "in_progress", number > 0 {
                try await expect(service, "/api/status/nodes/1", "node-status-at-\(phase)")
            }
        }
        // `installation done`: here a phase that is over has its whole share, 74, where the orchestrator's clock still says 44.
        try await expect(service, "/api/status/deployment/10.240.0.11", "deployment-by-ip") {
            $0["progress_percent"] = .number(74)
        }
        try await expect(service, "/api/status/history/1", "history")
        try await expect(service, "/api/status/history?server_ip=10.240.0.11", "history-by-ip")
    }

    private func finishSecondAndFailThird(_ service: TestService) async throws {
        for phase in ["cluster_formation", "dns_registration", "health_validation"] {
            try await service.report(phase, "success", server: "10.240.0.12", message: "\(phase) done")
        }
        // Deployed is 100 here, where the orchestrator stays at its clock.
        try await expect(service, "/api/status/nodes/2", "node-status-deployed") {
            $0["progress_percent"] = .number(100)
        }
        try await service.report(
            "installation", "failed", server: "10.240.0.13", message: "Hypervisor installation failed: no bootable disk"
        )
        try await expect(service, "/api/status/nodes/3", "node-status-failed")
    }

    private func tryEverythingOnFourth(_ service: TestService) async throws {
        let server = "10.240.0.14"
        try await service.report(
            "ipxe_boot", "in_progress", server: server, message: "x", more: #","server_status":"starting""#)
        let history = try JSONDecoder().decode(
            WireHistory.self, from: Data(try await service.get("/api/status/history/4").body.utf8))
        #expect(
            history.rows.map { "\($0.phase) \($0.status)" } == ["ipxe_boot in_progress", "ibm_cloud_status starting"])
        try await service.report("post_install", "success", server: server, message: "Post-install completed")
        try await expect(service, "/api/status/nodes/4", "node-status-phase-outside-the-nine")
        try await service.report("nonsense", "in_progress", server: server)
        for (phase, name) in [("4", "nodes-after-number"), (#""4""#, "node-after-string"), ("-1", "")] {
            let answer = try await service.send(
                "POST", "/api/installation/status",
                body: #"{"management_ip":"\#(server)","phase":\#(phase),"message":"Downloading packages"}"#)
            #expect(answer.status == 200)
            #expect(answer.json == (try JSON.fixture("installation-status-number")))
            if name == "nodes-after-number" { try await expect(service, "/api/config/nodes", name) }
            if name == "node-after-string" { try await expect(service, "/api/config/nodes/4", name) }
        }
    }

    private func askForLists(_ service: TestService) async throws {
        // A log line left the status alone, where the orchestrator's became `LOG`.
        try await expect(service, "/api/status/summary", "summary") { summary in
            summary["status_summary"]?["LOG"] = nil
            summary["status_summary"]?["UNKNOWN"] = .number(1)
        }
        try await expect(service, "/api/config/nodes/1", "node")
        try await expect(service, "/api/config/nodes", "nodes") { list in
            guard case .list(var nodes) = list["nodes"] else { return }
            nodes[0]["deployment_status"] = .text("UNKNOWN")
            list["nodes"] = .list(nodes)
        }
    }

    @Test func cleanupSaysWhatWasDone() async throws {
        try await TestService.run { service in
            try await service.register(1)
            try await service.report("installation", "failed", server: "10.240.0.11")
            let answer = try await service.send("POST", "/api/cleanup/node/1")
            #expect(answer.status == 200)
            #expect(answer.json?["node_name"] == .text("nutanix-poc-bm-node-01"))
            #expect(
                answer.json?["summary"]
                    == .object([
                        "total_operations": .number(1), "successful_operations": .number(1),
                        "success_rate": .text("100.0%"),
                    ]))
            guard case .list(let details) = answer.json?["details"] else {
                Issue.record("no details: \(answer.body)")
                return
            }
            #expect(details.first?["resource_type"] == .text("database_records"))
            #expect(
                try await service.get("/api/config/nodes/1").json?["deployment_status"] == .text("cleanup_completed"))
            #expect(try await service.get("/api/status/history/1").body.contains("installation"))
        }
    }
}
