import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One node of the sandbox. It lives by posting to the status service, as a real node's scripts do.
struct SandboxNode: Sendable {
    let name: String
    let address: String
    let profile: String
    let temper: NodeScript.Temper
    /// Seconds before it is deployed for the first time.
    let delay: Double
    let door: any HTTPDoor
    let time: TimeSource
    var chance: SeededGenerator

    /// Deploys again and again until the task is cancelled or the service is gone.
    func live() async {
        var chance = self.chance
        do {
            try await time.sleep(delay)
            for attempt in 0... {
                guard let node = try await register() else { return }
                let script = NodeScript(temper, attempt: attempt, chance: &chance)
                for step in script.steps {
                    try await time.sleep(step.after)
                    try await post(step.report)
                }
                let failed = if case .phase(_, "failed", _) = script.steps.last?.report { true } else { false }
                // A failed node is looked after by somebody, later; a deployed one works for a while.
                try await time.sleep((failed ? 900 : 2400) * chance.factor(spread: 0.3))
                if failed {
                    try await send("/api/cleanup/node/\(node)", [:])
                    try await time.sleep(300 * chance.factor(spread: 0.2))
                }
            }
        } catch {
            // The demo is over: the task was cancelled, or the service has stopped.
        }
    }

    private func register() async throws -> Int? {
        let config: [String: String] = [
            "node_name": name, "server_profile": profile, "management_ip": address, "cluster_role": "compute-storage",
        ]
        let reply = try await door.ask(
            HTTPQuestion(
                method: "POST", target: "/api/config/nodes", headers: ["Content-Type": "application/json"],
                body: try JSONEncoder().encode(["node_config": config])))
        return try? JSONDecoder().decode(Ticket.self, from: reply.body).node
    }

    private func post(_ report: NodeScript.Report) async throws {
        switch report {
        case .phase(let phase, let status, let message):
            try await send(
                "/api/status/phase",
                [
                    "server_ip": .text(address), "phase": .text(phase), "status": .text(status),
                    "message": .text(message),
                ])
        case .installer(let number, let message):
            try await send(
                "/api/installation/status",
                ["management_ip": .text(address), "phase": .number(number), "message": .text(message)])
        case .silence(let seconds): try await time.sleep(seconds)
        }
    }

    private func send(_ target: String, _ body: [String: Field]) async throws {
        _ = try await door.ask(
            HTTPQuestion(
                method: "POST", target: target, headers: ["Content-Type": "application/json"],
                body: try JSONEncoder().encode(body)))
    }

    /// What a registration is answered with.
    private struct Ticket: Decodable {
        enum CodingKeys: String, CodingKey { case node = "node_id" }
        let node: Int
    }

    /// A value in a posted body.
    private enum Field: Encodable {
        case text(String)
        case number(Int)

        func encode(to encoder: any Encoder) throws {
            var box = encoder.singleValueContainer()
            switch self {
            case .text(let text): try box.encode(text)
            case .number(let number): try box.encode(number)
            }
        }
    }
}
