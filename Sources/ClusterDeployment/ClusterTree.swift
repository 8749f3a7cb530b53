import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The Cluster API objects of one deployment as they are drawn: the cluster, its control plane with its machines, then each group of workers
/// with its machines, then what belongs to nothing.
public struct ClusterTree: Sendable, Equatable {
    public typealias Object = DeploymentDetail.ClusterObject

    /// Lines beyond this are dropped; the control plane comes first.
    public static let limit = 200

    public var objects: [Object]
    /// Since when each of the cluster's own conditions is True: better times than ours for when a phase ended.
    public var reached: [String: Date]

    public init() { (objects, reached) = ([], [:]) }

    /// - Parameters:
    ///   - objects: of one namespace, of any cluster, in any order.
    ///   - name: of the cluster, which is the deployment's own.
    public init(_ objects: [WireClusterObject], cluster name: String) {
        self.init()
        let own = objects.filter { $0.kind == "Cluster" ? $0.metadata.name == name : $0.clusterName == name }
            .sorted { $0.metadata.name < $1.metadata.name }
        var depth = 0
        if let cluster = own.first(where: { $0.kind == "Cluster" }) {
            self.objects.append(Self.line(cluster, depth: 0))
            depth = 1
            for condition in cluster.conditions where condition.isTrue {
                if reached[condition.type] == nil { reached[condition.type] = condition.lastTransitionTime }
            }
        }
        var machines = own.filter { $0.kind == "Machine" }
        func add(_ group: WireClusterObject, owns: (WireClusterObject) -> Bool) {
            self.objects.append(Self.line(group, depth: depth))
            self.objects += machines.filter(owns).map { Self.line($0, depth: depth + 1) }
            machines.removeAll(where: owns)
        }
        for plane in own where plane.isControlPlane { add(plane) { $0.isControlMachine } }
        for group in own where group.kind == "MachineDeployment" || group.kind == "MachinePool" {
            add(group) { machine in
                if let label = machine.metadata.labels["cluster.x-k8s.io/deployment-name"] {
                    return label == group.metadata.name
                }
                // A machine's owner is a set, whose name is that of the group and a hash.
                let owner = machine.owner?.split(separator: " ").last.map(String.init) ?? machine.metadata.name
                return owner.hasPrefix(group.metadata.name + "-")
            }
        }
        self.objects += machines.map { Self.line($0, depth: depth) }
        self.objects = Array(self.objects.prefix(Self.limit))
    }

    private static func line(_ wire: WireClusterObject, depth: Int) -> Object {
        let (word, state) = standing(wire)
        return Object(
            kind: wire.kind, name: SafeText.line(wire.metadata.name, limit: 80), depth: depth, word: word,
            state: state, text: text(wire), createdAt: wire.metadata.creationTimestamp)
    }

    private static func standing(_ wire: WireClusterObject) -> (String, Phase.State) {
        if wire.metadata.deletionTimestamp != nil { return ("Deleting", .running) }
        if let word = wire.phase, !word.isEmpty { return (word, state(word, of: wire)) }
        if wire.failure != nil { return ("Failed", .failed) }
        // A control plane has no such word: what it counts tells.
        let isFull = wire.replicas.map { $0 > 0 && (wire.readyReplicas ?? 0) >= $0 } ?? false
        if isFull || wire.replicas == nil && (wire.isReady ?? wire.condition("Ready")?.isTrue ?? false) {
            return ("Ready", .done)
        }
        return wire.isReady == true ? ("Initialized", .running) : ("Not ready", .running)
    }

    private static func state(_ word: String, of wire: WireClusterObject) -> Phase.State {
        switch word {
        case "Pending": .waiting
        // A machine that is provisioned has no node yet; a cluster that is, has its infrastructure.
        case "Provisioned": wire.kind == "Machine" ? .running : .done
        case "Running": .done
        case "Failed": .failed
        default: .running
        }
    }

    private static func text(_ wire: WireClusterObject) -> String {
        if let failure = wire.failure { return failure }
        if let node = wire.nodeName { return "node \(node)" }
        if let replicas = wire.replicas { return "\(wire.readyReplicas ?? 0)/\(replicas) ready" }
        let trouble = wire.condition("Ready").flatMap { $0.isTrue ? nil : $0.message }
        return SafeText.line(trouble ?? "", limit: 120)
    }
}
