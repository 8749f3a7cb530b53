import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes down one life of a deployment: every state of its objects and every event, dated. The model for the times is the recorded run of
/// 386 s on Azure; all else is what its fate makes of that. How a life goes is in `KordentBuilding` and `KordentEnding`.
struct KordentScript {
    let deployment: KordentDeployment
    let began: Date
    let seed: UInt64
    var chance: SeededGenerator
    var conditions: KordentConditions
    var cluster: KordentCluster
    /// Name, state, when that began, and why it failed.
    var services: [(service: KordentDeployment.Service, state: String, since: Date, failure: String?)] = []
    var infrastructure = ""
    var deletedAt: Date?
    var generation = 1
    var hasVersion = false
    private var steps: [KordentStep] = []
    /// Seconds since it began of what is being written.
    private var age: Double = 0

    init(of deployment: KordentDeployment, life: Int, began: Date, seed: UInt64) {
        self.deployment = deployment
        // To whole seconds, as Kubernetes writes them: so that what happens in one second is written at once.
        let began = Date(timeIntervalSince1970: began.timeIntervalSince1970.rounded())
        self.began = began
        self.seed = seed
        let place = "\(deployment.namespace)/\(deployment.name)/\(life)"
        var chance = SeededGenerator(named: place, seed: seed)
        conditions = KordentConditions(
            isOutdated: deployment.fate == .outdated, isEager: deployment.fate == .eager)
        let set = chance.hexadecimal(5)
        cluster = KordentCluster(
            of: deployment, began: began,
            suffixes: (0..<deployment.workers).map { _ in "\(set)-\(chance.hexadecimal(5))" },
            uid: { kind, name in
                var chance = SeededGenerator(named: "\(place)/\(kind)/\(name)", seed: seed)
                return chance.identifier()
            })
        self.chance = chance
    }

    /// All that happens from its creation until it is gone.
    mutating func whole() -> [KordentStep] {
        build()
        if deployment.period != nil { end() }
        return sorted
    }

    /// An hour in which a finished deployment only makes noise.
    mutating func quietHour(from hour: Date, number: Int) -> [KordentStep] {
        chance = SeededGenerator(named: "\(deployment.namespace)/\(deployment.name)/hour/\(number)", seed: seed)
        age = hour.timeIntervalSince(began)
        hum(from: age, for: 3600)
        return sorted
    }

    /// Stable: what is written first comes first among what has the same date.
    private var sorted: [KordentStep] {
        steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    // MARK: pen

    var now: Date { began.addingTimeInterval(age.rounded()) }

    /// Goes on to an age, never back.
    mutating func move(to seconds: Double) { age = max(age, seconds) }

    var currentAge: Double { age }

    /// The deployment as it is now.
    mutating func writeDeployment() { steps.append(KordentStep(at: now, deed: .write(.put(object)))) }

    mutating func writeCluster() {
        for object in cluster.objects(at: now) { steps.append(KordentStep(at: now, deed: .write(.put(object)))) }
    }

    mutating func remove(_ object: JSONValue) { steps.append(KordentStep(at: now, deed: .write(.remove(object)))) }

    /// An event on one of its objects; by itself that is the deployment.
    mutating func tell(
        _ reason: String, _ message: String, on kind: String = "ClusterDeployment", _ name: String? = nil,
        type: String = "Normal", at seconds: Double? = nil
    ) {
        let name = name ?? deployment.name
        let (apiVersion, component) = Self.origin(of: kind, deployment.provider)
        steps.append(
            KordentStep(
                at: seconds.map { began.addingTimeInterval($0.rounded()) } ?? now,
                deed: .event(
                    KordentSighting(
                        namespace: deployment.namespace, apiVersion: apiVersion, kind: kind, name: name,
                        uid: cluster.uid(kind, name), type: type, reason: reason, message: message,
                        component: component))))
    }

    /// Tells the state of the cluster in the summary, with its event, and what follows for Ready.
    mutating func summarize() {
        let text = cluster.summary(infrastructure: infrastructure)
        if text.isEmpty {
            conditions.set("CAPIClusterSummary", "True", "InfoReported", at: now)
        } else {
            conditions.set("CAPIClusterSummary", "False", "IssuesReported", text, at: now)
            tell("CAPIClusterIsProvisioning", text)
        }
        conditions.aggregate(at: now)
        writeCluster()
        writeDeployment()
    }

    var object: JSONValue {
        var metadata: JSONValue = [
            "name": .text(deployment.name), "namespace": .text(deployment.namespace),
            "uid": .text(cluster.uid("ClusterDeployment", deployment.name)), "creationTimestamp": .time(began),
            "finalizers": ["k0rdent.mirantis.com/cluster-deployment"],
            "labels": ["k0rdent.mirantis.com/component": "kcm"],
        ]
        if let deletedAt {
            metadata["deletionTimestamp"] = .time(deletedAt)
            metadata["deletionGracePeriodSeconds"] = 0
        }
        var config = deployment.provider.config
        config["controlPlaneNumber"] = .whole(deployment.controlPlanes)
        config["workersNumber"] = .whole(deployment.workers)
        // What a MultiClusterService adds later does not stand in the deployment itself.
        let asked = deployment.fate == .growing ? Array(deployment.services.prefix(1)) : deployment.services
        var status: JSONValue = [:]
        if age > 0 {
            status = ["conditions": conditions.json(generation: generation), "observedGeneration": .whole(generation)]
            if hasVersion {
                status["k8sVersion"] = .text(KordentCluster.version)
                status["availableUpgrades"] = []
            }
            if !services.isEmpty { status["services"] = .list(services.map(Self.service)) }
        }
        return [
            "apiVersion": "k0rdent.mirantis.com/v1beta1", "kind": "ClusterDeployment", "metadata": metadata,
            "spec": [
                "template": .text(deployment.provider.template), "credential": .text(deployment.provider.credential),
                "dryRun": .bool(deployment.fate == .dryRun), "propagateCredentials": true, "config": config,
                "serviceSpec": [
                    "services": .list(
                        asked.map {
                            ["name": .text($0.name), "namespace": .text($0.name), "template": .text($0.template)]
                        })
                ],
            ], "status": status,
        ]
    }

    private static func service(
        _ entry: (service: KordentDeployment.Service, state: String, since: Date, failure: String?)
    ) -> JSONValue {
        var value: JSONValue = [
            "name": .text(entry.service.name), "namespace": .text(entry.service.name),
            "template": .text(entry.service.template), "version": .text(entry.service.version), "type": "Helm",
            "state": .text(entry.state), "lastStateTransitionTime": .time(entry.since), "conditions": [],
        ]
        if let failure = entry.failure { value["failureMessage"] = .text(failure) }
        return value
    }

    /// Group and version of a kind, and the controller that speaks about it.
    private static func origin(of kind: String, _ provider: KordentProvider) -> (String, String) {
        switch kind {
        case "ClusterDeployment", "ServiceSet": ("k0rdent.mirantis.com/v1beta1", "kcm-controller-manager")
        case "HelmRelease": ("helm.toolkit.fluxcd.io/v2", "helm-controller")
        case "HelmChart", "HelmRepository": ("source.toolkit.fluxcd.io/v1", "source-controller")
        case "Cluster", "Machine", "MachineDeployment", "MachineSet": (KordentCluster.group, "capi-controller-manager")
        case "K0sControlPlane": (KordentCluster.controlPlaneGroup, "k0smotron-controller-manager")
        case provider.cluster, provider.machine, "VSphereVM":
            (provider.apiVersion, provider.component)
        default: ("network.azure.com/v1api20240301", "azureserviceoperator")
        }
    }
}
