/// What a node reports on its way, step by step.
struct NodeScript: Sendable, Equatable {
    /// How a node of the sandbox behaves.
    enum Temper: CaseIterable, Sendable {
        case steady
        /// Twice the usual time, and beyond the limit in one phase.
        case slow
        /// Stops reporting before it has booted.
        case silent
        case failing
        /// Fails, is cleaned up soon, and succeeds at the second try.
        case recovering
    }

    enum Report: Sendable, Equatable {
        case phase(String, status: String, message: String)
        /// By the installer's own channel: number and message.
        case installer(Int, message: String)
        /// Nothing more is heard for so many seconds.
        case silence(Double)
    }

    struct Step: Sendable, Equatable {
        /// Seconds before the report is made.
        let after: Double
        let report: Report
    }

    let steps: [Step]

    /// The counted phases with the usual seconds of this world, and what a node says when one begins.
    static let phases: [(name: String, seconds: Double, message: String)] = [
        ("ipxe_boot", 75, "iPXE boot request from the node"), ("config_download", 12, "fetching node configuration"),
        ("foundation_start", 55, "Foundation environment is starting"),
        ("storage_discovery", 80, "found 8 NVMe and 2 boot devices"),
        ("image_download", 380, "downloading hypervisor and CVM images"),
        ("installation", 620, "installing hypervisor"), ("cluster_formation", 260, "waiting for peers"),
        ("dns_registration", 15, "registering records"), ("health_validation", 120, "running health checks"),
    ]

    private static let failures: [(phase: String, message: String)] = [
        ("storage_discovery", "no boot device: /dev/nvme0n1 has a foreign RAID signature"),
        ("image_download", "checksum of the CVM image does not match after 3 tries"),
        ("installation", "Hypervisor installation failed: no bootable disk"),
        ("cluster_formation", "peer 10.240.0.14 does not answer on port 2020"),
    ]

    /// - Parameter attempt: 0 for the first deployment of the node; a recovering node fails only then.
    init(_ temper: Temper, attempt: Int, chance: inout SeededGenerator) {
        steps = Self.steps(temper, attempt: attempt, chance: &chance)
    }

    private static func steps(_ temper: Temper, attempt: Int, chance: inout SeededGenerator) -> [Step] {
        var steps: [Step] = [
            Step(
                after: 5,
                report: .phase("monitoring_start", status: "in_progress", message: "waiting for the server to boot"))
        ]
        if temper == .silent, attempt % 2 == 0 {
            steps.append(Step(after: 0, report: .silence(4800)))
        }
        let failure = failures[Int(chance.next() % UInt64(failures.count))]
        let fails = temper == .failing || (temper == .recovering && attempt == 0)
        let pace = (temper == .slow ? 1.9 : 1) * chance.factor(spread: 0.12)
        var wait = 90 * chance.factor(spread: 0.3)
        for (index, phase) in phases.enumerated() {
            steps.append(Step(after: wait, report: .phase(phase.name, status: "in_progress", message: phase.message)))
            wait = phase.seconds * pace * chance.factor(spread: 0.2)
            if temper == .slow, phase.name == "image_download" { wait = max(wait, 1150) }
            if fails, phase.name == failure.phase {
                steps.append(
                    Step(after: wait * 0.7, report: .phase(phase.name, status: "failed", message: failure.message)))
                return steps
            }
            if phase.name == "installation" {
                steps.append(Step(after: wait * 0.3, report: .installer(5, message: "Installing hypervisor")))
                steps.append(Step(after: wait * 0.4, report: .installer(6, message: "Running installation")))
                wait *= 0.3
            }
            if index == phases.count - 1 {
                steps.append(
                    Step(after: wait, report: .phase(phase.name, status: "success", message: "all checks passed")))
            }
        }
        return steps
    }
}
