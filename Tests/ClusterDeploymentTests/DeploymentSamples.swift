import Fleet
import Foundation
import Upstream

@testable import ClusterDeployment

/// Deployments as the API server writes them, put together from their conditions.
enum DeploymentSamples {
    static let created = "2025-11-09T09:46:00Z"
    static let uid = "58f0d0ec"

    /// An instant `seconds` after the creation of all samples.
    static func at(_ seconds: Double) -> Date {
        (WireTime.date(created) ?? .distantPast).addingTimeInterval(seconds)
    }

    /// One condition; `at` in seconds after the creation.
    static func condition(
        _ type: String, _ status: String, _ reason: String = "Succeeded", _ message: String = "", at: Double = 1,
        observed: Int? = nil
    ) -> KubeCondition {
        KubeCondition(
            type: type, status: status, reason: reason, message: message,
            lastTransitionTime: Self.at(at), observedGeneration: observed)
    }

    static let prerequisites = [
        condition("CredentialReady", "True"), condition("TemplateReady", "True"),
        condition("HelmChartReady", "True", at: 2),
    ]
    static let installed = condition("HelmReleaseReady", "True", "InstallSucceeded", "Helm install succeeded", at: 6)
    static let probe = "* RemoteConnectionProbe: Remote connection probe failed"
    static let workers = "* WorkersAvailable:\n  * MachineDeployment demo-md: 0 available replicas, at least 1 required"
    static let control = """
        * ControlPlaneInitialized: Control plane not yet initialized
        * ControlPlaneAvailable: K0sControlPlane status.ready is false
        """
    static let infrastructure = "* InfrastructureReady: virtualnetworks creating or updating"

    static func summary(_ lines: String..., at: Double = 8) -> KubeCondition {
        condition("CAPIClusterSummary", "False", "IssuesReported", lines.joined(separator: "\n"), at: at)
    }

    static let healthy = condition("CAPIClusterSummary", "True", "InfoReported", at: 378)

    static func ready(
        _ status: String, _ reason: String = "Progressing", _ message: String = "", at: Double = 8,
        observed: Int? = nil
    ) -> KubeCondition { condition("Ready", status, reason, message, at: at, observed: observed) }

    static func services(_ numbers: String, at: Double = 379) -> KubeCondition {
        let halves = numbers.split(separator: "/")
        let isReady = halves.first == halves.last
        return condition(
            "ServicesInReadyState", isReady ? "True" : "False", isReady ? "Succeeded" : "Failed", numbers, at: at)
    }

    static func wire(
        _ conditions: [KubeCondition], generation: Int = 1, services: [WireService]? = nil, isDryRun: Bool = false,
        deletedAt: Double? = nil, template: String = "azure-standalone-cp-1-0-15", name: String = "demo",
        uid: String = uid, createdAt: Double = 0
    ) -> WireDeployment {
        WireDeployment(
            metadata: KubeMetadata(
                name: name, namespace: "kcm-system", uid: uid, generation: generation, creationTimestamp: at(createdAt),
                deletionTimestamp: deletedAt.map(at)),
            template: template, credential: "azure-cred", isDryRun: isDryRun, configRegion: "eastus",
            conditions: conditions, services: services)
    }

    /// The moments of one creation with a service, by the phase that each shows, in the shape of current releases.
    static let moments: [(phase: ProvisioningPhase, at: Double, conditions: [KubeCondition])] = [
        (
            .initializing, 2,
            prerequisites + [condition("HelmReleaseReady", "Unknown", "Progressing"), ready("Unknown", at: 1)]
        ),
        (
            .provisioning, 60,
            prerequisites + [installed, summary(infrastructure, control, workers, probe), ready("False")]
        ),
        (.bootstrapping, 245, prerequisites + [installed, summary(control, workers, probe), ready("False")]),
        (.scaling, 300, prerequisites + [installed, summary(workers), ready("False")]),
        (
            .installing, 380,
            prerequisites + [
                installed, healthy, services("0/1"), ready("False", "Progressing", "0/1 Services are ready."),
            ]
        ),
        (
            .ready, 500,
            prerequisites + [
                installed, healthy, services("1/1", at: 440), ready("True", "Succeeded", "Object is ready", at: 440),
            ]
        ),
    ]

    /// The reading after all moments up to a phase were seen.
    static func reading(upTo phase: ProvisioningPhase) -> DeploymentReading {
        var reading = DeploymentReading(wire: wire([]), now: at(0))
        for moment in moments where moment.phase <= phase { reading.take(wire(moment.conditions), now: at(moment.at)) }
        return reading
    }

    static func decode(_ text: String) throws -> WireDeployment {
        try JSONDecoder().decode(WireDeployment.self, from: Data(text.utf8))
    }
}
