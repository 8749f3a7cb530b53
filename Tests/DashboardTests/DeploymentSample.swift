import Fleet
import Foundation
import Screen

@testable import Dashboard

/// k0rdent deployments that stand still: one of each thing that can be said of one, in two contexts.
enum DeploymentSample {
    static let now = Sample.now
    static let lab = SourceID("mgmt-1")
    static let edge = SourceID("mgmt-2")

    static func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    static func source(_ id: SourceID) -> Source {
        Source(
            id: id, kind: .deployment, state: .live, lastSuccess: ago(2), period: 60, address: "kube context \(id)")
    }

    static let steps: [(name: String, usual: Double)] = [
        ("Initializing", 6), ("Provisioning", 240), ("Bootstrapping", 60), ("Scaling", 100), ("Installing", 70),
    ]

    /// The track up to the step at `index`, which runs since `since` seconds; those before it took what is usual.
    static func phases(_ index: Int, since: Double, _ state: Phase.State = .running, ended: Double? = nil) -> [Phase] {
        var end = since
        var phases = steps.map { Phase(name: $0.name, usual: $0.usual, usualHigh: $0.usual * 1.6, usualCount: 9) }
        guard phases.indices.contains(index) else { return phases }
        (phases[index].state, phases[index].startedAt, phases[index].endedAt) = (state, ago(since), ended.map(ago))
        for step in phases.indices.reversed() where step < index {
            (phases[step].state, phases[step].endedAt) = (.done, ago(end))
            end += steps[step].usual
            phases[step].startedAt = ago(end)
        }
        return phases
    }

    static func item(
        _ name: String, _ word: String, _ state: Item.State, in namespace: String = "kcm-system",
        from source: SourceID = lab, since: Double, ended: Double? = nil, percent: Int?, _ done: Int = 0,
        of total: Int = 5,
        unit: String = "phases", phases: [Phase] = [], left: (Double, Double)? = nil, seen: Double = 2,
        diagnosis: Diagnosis? = nil, _ change: (inout DeploymentDetail) -> Void = { _ in }
    ) -> Item {
        var detail = DeploymentDetail(
            context: source.text, namespace: namespace, template: "azure-standalone-cp-1-0-15",
            credential: "azure-cred",
            provider: "azure", region: "eastus", generation: 1, observedGeneration: 1)
        change(&detail)
        return Item(
            id: ItemID(kind: .deployment, source: source, key: "\(namespace)/\(name)"), kind: .deployment, name: name,
            source: source, state: state, word: word, startedAt: ago(since), endedAt: ended.map(ago), limit: 3600,
            progress: percent.map { Progress(percent: $0, done: done, total: total, unit: unit) }, phases: phases,
            estimate: left.map { Estimate(p50: $0.0, p90: $0.1, n: 9, basis: .history, at: now) },
            evidence: Evidence(at: ago(seen), from: "Kubernetes \(source)"), diagnosis: diagnosis,
            profile: detail.template, detail: .deployment(detail))
    }

    static let healthNames = [
        "InfrastructureReady", "ControlPlaneInitialized", "ControlPlaneAvailable", "ControlPlaneMachinesReady",
        "WorkersAvailable", "WorkerMachinesReady", "RemoteConnectionProbe",
    ]

    /// All healthy but those that are named.
    static func health(_ open: [String: (text: String, parts: [String])] = [:]) -> [DeploymentDetail.HealthLine] {
        healthNames.map { name in
            .init(
                name: name, isHealthy: open[name] == nil, text: open[name]?.text ?? "", parts: open[name]?.parts ?? [])
        }
    }

    static func condition(
        _ type: String, _ status: String, _ reason: String, _ message: String = "", since: Double, generation: Int = 1
    ) -> DeploymentDetail.Condition {
        .init(
            type: type, status: status, reason: reason, message: message, changedAt: ago(since),
            observedGeneration: generation)
    }

    static func prerequisites(since: Double) -> [DeploymentDetail.Condition] {
        ["CredentialReady", "TemplateReady", "HelmChartReady"].map { condition($0, "True", "Succeeded", since: since) }
            + [condition("HelmReleaseReady", "True", "InstallSucceeded", "Helm install succeeded", since: since - 5)]
    }

    static func service(
        _ name: String, _ word: String, _ state: Phase.State, since: Double, failure: String? = nil,
        version: String = "4.11.5"
    ) -> DeploymentDetail.Service {
        .init(
            name: name, namespace: name, template: "\(name)-\(version)", word: word, state: state, version: version,
            failure: failure, changedAt: ago(since))
    }

    static func milestone(
        _ seconds: Double, _ phase: String, _ text: String, _ object: String,
        _ severity: DeploymentDetail.Milestone.Severity = .info
    ) -> DeploymentDetail.Milestone {
        .init(at: ago(seconds), phase: phase, text: text, reason: "", object: object, severity: severity)
    }

    /// Infrastructure is being made. An older kcm calls that Failed.
    static var provisioning: Item {
        let summary: [String: (text: String, parts: [String])] = [
            "InfrastructureReady": ("virtualnetworks creating or updating", []),
            "ControlPlaneInitialized": ("Control plane not yet initialized", []),
            "ControlPlaneAvailable": ("K0sControlPlane status.ready is false", []),
            "WorkersAvailable": ("", ["MachineDeployment k0-lab-2-md: 0 available replicas, at least 1 required"]),
            "RemoteConnectionProbe": ("Remote connection probe failed", []),
        ]
        return item(
            "k0-lab-2", "Provisioning", .running, since: 96, percent: 28, 1, phases: phases(1, since: 90),
            left: (290, 420)
        ) { detail in
            detail.health = health(summary)
            detail.conditions =
                [condition("Ready", "False", "Failed", "* InfrastructureReady: virtualnetworks creating", since: 90)]
                + prerequisites(since: 95)
                + [condition("CAPIClusterSummary", "False", "IssuesReported", "* InfrastructureReady: ", since: 88)]
            detail.milestones = [
                milestone(96, "Initializing", "Helm release created", "ClusterDeployment k0-lab-2"),
                milestone(92, "Initializing", "chart installed", "HelmRelease k0-lab-2"),
                milestone(90, "Provisioning", "provisioning started", "ClusterDeployment k0-lab-2"),
                milestone(33, "Provisioning", "network started", "VirtualNetwork k0-lab-2-vnet"),
            ]
            detail.suppressed = 41
        }
    }

    static let failureText =
        "Helm install failed for release cert-manager/cert-manager with chart cert-manager@1.16.4: "
        + "context deadline exceeded"

    /// The cluster is there; one of its services failed, and two more were asked for meanwhile.
    static var installing: Item {
        item(
            "k0-train-1", "Installing", .running, in: "team-a", since: 520, percent: 91, 4,
            phases: phases(4, since: 114), left: (45, 200),
            diagnosis: Diagnosis(
                cause: "Service cert-manager failed: \(failureText)",
                signs: ["the cluster itself is healthy", "its chart was tried 3 times"],
                next: [
                    "kubectl --context mgmt-1 -n team-a describe helmrelease cert-manager",
                    "Look at the pods of namespace cert-manager in the new cluster.",
                ])
        ) { detail in
            detail.kubernetesVersion = "v1.32.6"
            detail.health = health()
            detail.services = [
                service("ingress-nginx", "Deployed", .done, since: 40),
                service("cert-manager", "Failed", .failed, since: 35, failure: failureText, version: "1.16.4"),
                service("external-secrets", "Provisioning", .running, since: 100, version: "0.18.2"),
            ]
            (detail.servicesReady, detail.servicesTotal, detail.servicesGrewFrom) = (1, 3, 1)
            (detail.generation, detail.observedGeneration) = (2, 2)
            detail.conditions =
                [
                    condition("Ready", "False", "Progressing", "1/3 Services are ready.", since: 114, generation: 2),
                    condition("CAPIClusterSummary", "True", "InfoReported", since: 114, generation: 2),
                    condition("ServicesInReadyState", "False", "Failed", "1/3", since: 35, generation: 2),
                ] + prerequisites(since: 519)
            detail.milestones = milestones("k0-train-1")
            detail.suppressed = 132
            detail.events = [
                .init(
                    at: ago(378), type: "Warning", reason: "ClusterReconcilerNormalFailed",
                    object: "AzureCluster k0-train-1",
                    message: "failed to reconcile cluster services: failed to get availability zones: "
                        + "operation type PUT on Azure resource k0-train-1-rg/k0-train-1-vnet is not done", count: 15),
                .init(
                    at: ago(250), type: "Normal", reason: "SuccessfulSetNodeRef", object: "Machine k0-train-1-cp-0",
                    message: "k0-train-1-cp-0"),
                .init(
                    at: ago(35), type: "Warning", reason: "ServiceSetCollectServiceStatusesFailed",
                    object: "ServiceSet k0-train-1-6b1d6f",
                    message: "failed to collect service statuses: failed to get ClusterSummary", count: 21),
            ]
            detail.objects = objects("k0-train-1")
            detail.troubles = ["events of namespace cert-manager: forbidden in team-a"]
        }
    }

    /// Services were added while the first were being installed.
    static var growing: Item {
        item(
            "k0-grow-4", "Installing", .running, in: "team-a", since: 640, percent: 91, 4,
            phases: phases(4, since: 60), left: (240, 540)
        ) { detail in
            detail.health = health()
            detail.services =
                (1...3).map { service("addon-\($0)", "Deployed", .done, since: 30) }
                + (4...13).map {
                    service("addon-\($0)", $0 < 6 ? "Provisioning" : "Pending", $0 < 6 ? .running : .waiting, since: 20)
                }
            (detail.servicesReady, detail.servicesTotal, detail.servicesGrewFrom) = (3, 13, 5)
            detail.milestones = milestones("k0-grow-4").dropLast()
            detail.suppressed = 98
        }
    }

    static func milestones(_ name: String) -> [DeploymentDetail.Milestone] {
        [
            milestone(520, "Initializing", "Helm release created", "ClusterDeployment \(name)"),
            milestone(516, "Initializing", "chart installed", "HelmRelease \(name)"),
            milestone(514, "Provisioning", "provisioning started", "ClusterDeployment \(name)"),
            milestone(493, "Provisioning", "resource group started", "ResourceGroup \(name)-rg"),
            milestone(457, "Provisioning", "network started", "VirtualNetwork \(name)-vnet"),
            milestone(378, "Provisioning", "cluster not reconciled", "AzureCluster \(name)", .warning),
            milestone(274, "Provisioning", "infrastructure ready", "Cluster \(name)"),
            milestone(250, "Scaling", "node joined", "Machine \(name)-cp-0"),
            milestone(168, "Scaling", "node joined", "Machine \(name)-md-r27h8-sr8cq"),
            milestone(114, "Installing", "cluster is ready", "ClusterDeployment \(name)"),
            milestone(35, "Installing", "service statuses not collected", "ServiceSet \(name)-6b1d6f", .error),
        ]
    }

    static func objects(_ name: String) -> [DeploymentDetail.ClusterObject] {
        [
            .init(kind: "Cluster", name: name, depth: 0, word: "Provisioned", state: .done, createdAt: ago(516)),
            .init(kind: "AzureCluster", name: name, depth: 1, word: "Ready", state: .done, createdAt: ago(516)),
            .init(
                kind: "K0sControlPlane", name: "\(name)-cp", depth: 1, word: "Ready", state: .done, text: "1/1 ready",
                createdAt: ago(516)),
            .init(
                kind: "Machine", name: "\(name)-cp-0", depth: 2, word: "Running", state: .done, text: "node cp-0",
                createdAt: ago(270)),
            .init(
                kind: "MachineDeployment", name: "\(name)-md", depth: 1, word: "ScalingUp", state: .running,
                text: "1/2 ready", createdAt: ago(516)),
            .init(
                kind: "Machine", name: "\(name)-md-r27h8-sr8cq", depth: 2, word: "Running", state: .done,
                createdAt: ago(260)),
            .init(
                kind: "Machine", name: "\(name)-md-r27h8-x4k2p", depth: 2, word: "Provisioning", state: .running,
                createdAt: ago(200)),
        ]
    }

    /// A prerequisite is broken: nothing will come of it.
    static var failed: Item {
        let message = "the Credential team-b/aws-cred is not ready"
        return item(
            "k0-prod-9", "Failed", .failed, in: "team-b", since: 700, ended: 640, percent: 5, 0,
            phases: phases(0, since: 700, .failed, ended: 640),
            diagnosis: Diagnosis(
                cause: "CredentialReady is False: \(message)", signs: ["no Cluster was created"],
                next: [
                    "kubectl --context mgmt-1 -n team-b describe credential aws-cred",
                    "Once it is ready again, the deployment goes on by itself.",
                ])
        ) { detail in
            (detail.template, detail.credential) = ("aws-standalone-cp-1-0-16", "aws-cred")
            (detail.provider, detail.region) = ("aws", "ap-southeast-2")
            (detail.generation, detail.observedGeneration) = (4, 3)
            detail.conditions = [
                condition("Ready", "False", "Failed", message, since: 640, generation: 3),
                condition("CredentialReady", "False", "Failed", message, since: 640, generation: 3),
                condition("TemplateReady", "True", "Succeeded", since: 699, generation: 3),
                condition("HelmReleaseReady", "Unknown", "Progressing", since: 700, generation: 3),
            ]
            detail.milestones = [milestone(640, "Failed", message, "ClusterDeployment k0-prod-9", .error)]
            detail.suppressed = 12
        }
    }

    /// It says Ready before it can have looked.
    static var fresh: Item {
        item("k0-edge-1", "Ready", .done, from: edge, since: 9, ended: 8, percent: 100, 5) { detail in
            (detail.provider, detail.region, detail.isFresh) = ("openstack", "RegionOne", true)
            detail.health = health()
            detail.conditions = [condition("Ready", "True", "Succeeded", "Object is ready", since: 8)]
        }
    }

    /// It says Ready, and nothing is there yet.
    static var early: Item {
        item(
            "k0-edge-2", "Initializing", .running, from: edge, since: 9, percent: 5, phases: phases(0, since: 9),
            left: (410, 560)
        ) { detail in
            detail.conditions = [condition("Ready", "True", "Succeeded", "Object is ready", since: 8)]
        }
    }

    static var deleting: Item {
        item(
            "k0-old", "Deleting", .running, since: 150, percent: nil,
            phases: [
                Phase(name: "Deletion", state: .running, startedAt: ago(150), usual: 240, usualHigh: 400, usualCount: 5)
            ],
            left: (90, 260)
        ) { detail in
            (detail.isDeleting, detail.kubernetesVersion) = (true, "v1.31.2")
            detail.conditions = [
                condition(
                    "Deleting", "True", "WaitingForClusterDeletion", "Waiting for the Cluster to be deleted", since: 140
                )
            ]
        }
    }

    static var paused: Item {
        item("k0-held", "Paused", .held, since: 4000, percent: 75, 3, phases: phases(3, since: 3600)) { detail in
            detail.isPaused = true
            detail.health = health([
                "WorkersAvailable": ("", ["MachineDeployment k0-held-md: 1 available replicas, at least 3 required"]),
                "WorkerMachinesReady": ("", ["Machine k0-held-md-a:", "  NodeHealthy: Waiting for a Node"]),
                "RemoteConnectionProbe": ("Remote connection probe failed", []),
            ])
            detail.conditions = [condition("Paused", "True", "Paused", "spec.paused is set", since: 3000)]
        }
    }

    static var dryRun: Item {
        item("k0-plan", "Dry run", .held, since: 300, percent: nil) { $0.isDryRun = true }
    }

    static func ready(_ name: String, in namespace: String = "kcm-system", from source: SourceID = lab, ended: Double)
        -> Item
    {
        item(
            name, "Ready", .done, in: namespace, from: source, since: ended + 476, ended: ended, percent: 100, 5
        ) { detail in
            detail.kubernetesVersion = "v1.32.6"
            detail.health = health()
            detail.services = [service("ingress-nginx", "Deployed", .done, since: ended)]
            (detail.servicesReady, detail.servicesTotal) = (1, 1)
            detail.conditions = [condition("Ready", "True", "Succeeded", "Object is ready", since: ended)]
        }
    }

    static var items: [Item] {
        [
            provisioning, installing, growing, failed, early, fresh, deleting, paused, dryRun,
            ready("k0-prod-1", ended: 7000),
        ]
    }

    static let sources = [source(lab), source(edge)]

    static var snapshot: Snapshot { Snapshot(at: now, items: items, sources: sources) }

    /// With the stacks of the other sample.
    static var withStacks: Snapshot {
        Snapshot(
            at: now, items: ClusterSample.items + items, sources: ClusterSample.sources + sources,
            events: ClusterSample.events)
    }
}
