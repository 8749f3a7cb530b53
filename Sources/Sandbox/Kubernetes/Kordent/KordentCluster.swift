import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The Cluster API objects under one deployment: how far they are, and how they look.
struct KordentCluster: Sendable {
    /// Where a machine stands.
    enum Stage: String, Sendable {
        case pending = "Pending", provisioning = "Provisioning", provisioned = "Provisioned", running = "Running",
            deleting = "Deleting"
    }

    let deployment: KordentDeployment
    let began: Date
    let controlPlanes: [String]
    let workers: [String]
    /// By kind and name.
    let uid: @Sendable (String, String) -> String
    var infrastructureIsReady = false
    var controlPlaneIsReady = false
    var isDeleting = false
    var isPaused = false
    var stages: [String: Stage] = [:]
    /// Since when each condition has been as it is.
    private var since: [String: (isTrue: Bool, date: Date)] = [:]

    static let version = "v1.32.6"
    static let group = "cluster.x-k8s.io/v1beta1"
    static let controlPlaneGroup = "controlplane.cluster.x-k8s.io/v1beta1"

    init(
        of deployment: KordentDeployment, began: Date, suffixes: [String],
        uid: @escaping @Sendable (String, String) -> String
    ) {
        self.deployment = deployment
        self.began = began
        self.uid = uid
        controlPlanes = (0..<deployment.controlPlanes).map { "\(deployment.name)-cp-\($0)" }
        workers = suffixes.map { "\(deployment.name)-md-\($0)" }
    }

    var workersAreReady: Bool { workers.allSatisfy { stages[$0] == .running } }
    var workerSet: String { "\(deployment.name)-md" }
    var controlPlane: String { "\(deployment.name)-cp" }

    /// What is wrong with it, as `CAPIClusterSummary` tells it: one bullet for each condition that is not healthy.
    func summary(infrastructure: String) -> String {
        var lines: [String] = []
        if !infrastructureIsReady { lines.append("* InfrastructureReady: \(infrastructure)") }
        if !controlPlaneIsReady {
            lines.append("* ControlPlaneInitialized: Control plane not yet initialized")
            lines.append("* ControlPlaneAvailable: K0sControlPlane status.ready is false")
        }
        let late = workers.filter { stages[$0] != .running }
        if !late.isEmpty {
            let there = workers.count - late.count
            lines.append("* WorkersAvailable:")
            lines.append(
                "  * MachineDeployment \(workerSet): \(there) available replicas, at least \(workers.count) required")
            if controlPlaneIsReady {
                lines.append("* WorkerMachinesReady:")
                for name in late {
                    lines.append("  * Machine \(name):")
                    lines.append("    * NodeHealthy: Waiting for a Node with spec.providerID to exist")
                }
            }
        }
        if !controlPlaneIsReady { lines.append("* RemoteConnectionProbe: Remote connection probe failed") }
        return lines.joined(separator: "\n")
    }

    /// All objects as they are now.
    mutating func objects(at date: Date) -> [JSONValue] {
        var objects = [cluster(at: date), controlPlaneObject(at: date), workersObject]
        for name in controlPlanes + workers where stages[name] != nil { objects.append(machine(name, at: date)) }
        return objects
    }

    /// All objects that there are, named well enough to be removed: what is made last goes first.
    var removals: [JSONValue] {
        let machines = (controlPlanes + workers).map { shell("Machine", Self.group, $0) }
        return machines.reversed() + [
            shell("MachineDeployment", Self.group, workerSet),
            shell("K0sControlPlane", Self.controlPlaneGroup, controlPlane),
            shell("Cluster", Self.group, deployment.name),
        ]
    }

    // MARK: objects

    private func shell(_ kind: String, _ apiVersion: String, _ name: String, owner: JSONValue? = nil) -> JSONValue {
        var metadata: JSONValue = [
            "name": .text(name), "namespace": .text(deployment.namespace), "uid": .text(uid(kind, name)),
            "labels": ["cluster.x-k8s.io/cluster-name": .text(deployment.name)],
        ]
        if let owner { metadata["ownerReferences"] = [owner] }
        return ["kind": .text(kind), "apiVersion": .text(apiVersion), "metadata": metadata]
    }

    private func owner(_ kind: String, _ apiVersion: String, _ name: String) -> JSONValue {
        [
            "kind": .text(kind), "apiVersion": .text(apiVersion), "name": .text(name), "uid": .text(uid(kind, name)),
            "controller": true,
        ]
    }

    private func reference(_ kind: String, _ apiVersion: String, _ name: String) -> JSONValue {
        [
            "kind": .text(kind), "apiVersion": .text(apiVersion), "name": .text(name),
            "namespace": .text(deployment.namespace),
        ]
    }

    private mutating func cluster(at date: Date) -> JSONValue {
        var object = shell("Cluster", Self.group, deployment.name)
        object["metadata"]?["creationTimestamp"] = .time(began)
        object["metadata"]?["finalizers"] = ["cluster.cluster.x-k8s.io"]
        object["spec"] = [
            "paused": .bool(isPaused),
            "clusterNetwork": ["pods": ["cidrBlocks": ["10.244.0.0/16"]]],
            "infrastructureRef": reference(
                deployment.provider.cluster, deployment.provider.apiVersion, deployment.name),
            "controlPlaneRef": reference("K0sControlPlane", Self.controlPlaneGroup, controlPlane),
        ]
        if infrastructureIsReady {
            object["spec"]?["controlPlaneEndpoint"] = ["host": .text("\(deployment.name).example.com"), "port": 6443]
        }
        object["status"] = [
            "phase": .text(isDeleting ? "Deleting" : infrastructureIsReady ? "Provisioned" : "Provisioning"),
            "infrastructureReady": .bool(infrastructureIsReady), "controlPlaneReady": .bool(controlPlaneIsReady),
            "observedGeneration": 1,
            "conditions": .list([
                condition(
                    "Cluster", "Ready", infrastructureIsReady && controlPlaneIsReady, "WaitingForControlPlane", date),
                condition("Cluster", "InfrastructureReady", infrastructureIsReady, "WaitingForInfrastructure", date),
                condition(
                    "Cluster", "ControlPlaneInitialized", controlPlaneIsReady,
                    "WaitingForControlPlaneProviderInitialized",
                    date),
                condition("Cluster", "ControlPlaneReady", controlPlaneIsReady, "WaitingForControlPlane", date),
            ]),
        ]
        return object
    }

    private mutating func controlPlaneObject(at date: Date) -> JSONValue {
        var object = shell(
            "K0sControlPlane", Self.controlPlaneGroup, controlPlane,
            owner: owner("Cluster", Self.group, deployment.name))
        object["metadata"]?["creationTimestamp"] = .time(began)
        object["spec"] = ["replicas": .whole(controlPlanes.count), "version": "v1.32.6+k0s.0"]
        let ready = controlPlaneIsReady ? controlPlanes.filter { stages[$0] == .running }.count : 0
        object["status"] = [
            "ready": .bool(controlPlaneIsReady), "initialized": .bool(controlPlaneIsReady),
            "initialization": ["controlPlaneInitialized": .bool(controlPlaneIsReady)], "version": "v1.32.6+k0s.0",
            "replicas": .whole(controlPlanes.filter { stages[$0] != nil }.count), "readyReplicas": .whole(ready),
            "unavailableReplicas": .whole(controlPlanes.count - ready),
            "conditions": .list([
                condition(controlPlane, "ControlPlaneReady", controlPlaneIsReady, "WaitingForInfrastructure", date)
            ]),
        ]
        return object
    }

    private var workersObject: JSONValue {
        var object = shell(
            "MachineDeployment", Self.group, workerSet, owner: owner("Cluster", Self.group, deployment.name))
        object["metadata"]?["creationTimestamp"] = .time(began)
        object["spec"] = ["clusterName": .text(deployment.name), "replicas": .whole(workers.count)]
        let ready = workers.filter { stages[$0] == .running }.count
        object["status"] = [
            "phase": .text(isDeleting ? "ScalingDown" : ready == workers.count ? "Running" : "ScalingUp"),
            "replicas": .whole(workers.filter { stages[$0] != nil }.count), "readyReplicas": .whole(ready),
            "availableReplicas": .whole(ready), "unavailableReplicas": .whole(workers.count - ready),
            "observedGeneration": 1,
        ]
        return object
    }

    private mutating func machine(_ name: String, at date: Date) -> JSONValue {
        let isControlPlane = controlPlanes.contains(name)
        let stage = stages[name] ?? .pending
        var object = shell(
            "Machine", Self.group, name,
            owner: isControlPlane
                ? owner("K0sControlPlane", Self.controlPlaneGroup, controlPlane)
                : owner("MachineDeployment", Self.group, workerSet))
        if isControlPlane {
            object["metadata"]?["labels"]?["cluster.x-k8s.io/control-plane"] = "true"
        } else {
            object["metadata"]?["labels"]?["cluster.x-k8s.io/deployment-name"] = .text(workerSet)
        }
        let isUp = stage == .running || (stage == .deleting && controlPlaneIsReady)
        object["spec"] = [
            "clusterName": .text(deployment.name), "version": .text(Self.version),
            "infrastructureRef": reference(deployment.provider.machine, deployment.provider.apiVersion, name),
        ]
        object["status"] = [
            "phase": .text(stage.rawValue), "bootstrapReady": .bool(stage != .pending),
            "infrastructureReady": .bool(stage == .provisioned || isUp),
            "conditions": .list([
                condition(name, "Ready", stage == .provisioned || isUp, "WaitingForInfrastructure", date),
                condition(name, "NodeHealthy", isUp, "NodeProvisioning", date),
            ]),
        ]
        if isUp {
            object["status"]?["nodeRef"] = [
                "apiVersion": "v1", "kind": "Node", "name": .text(name), "uid": .text(uid("Node", name)),
            ]
        }
        return object
    }

    private mutating func condition(
        _ object: String, _ type: String, _ isTrue: Bool, _ reason: String, _ date: Date
    ) -> JSONValue {
        let key = "\(object)/\(type)"
        if since[key]?.isTrue != isTrue { since[key] = (isTrue, date) }
        var condition: JSONValue = [
            "type": .text(type), "status": isTrue ? "True" : "False",
            "lastTransitionTime": .time(since[key]?.date ?? date),
        ]
        if !isTrue {
            condition["reason"] = .text(reason)
            condition["severity"] = "Info"
        }
        return condition
    }
}
