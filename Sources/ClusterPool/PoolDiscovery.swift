import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which machine of a cluster is which, and which snapshots are its golden ones. Pure. Names may be random, and labels may lie.
public enum PoolDiscovery {
    /// The machine of each role: by label, then by the first letters of the name, then by the order of creation, the control plane first.
    /// Of several the oldest that is not being deleted.
    public static func machines(_ machines: some Sequence<WireMachine>) -> [PoolDetail.Role: WireMachine] {
        let ordered = machines.sorted { order($0.metadata) < order($1.metadata) }
        var found: [PoolDetail.Role: WireMachine] = [:]
        var unnamed = ordered
        for tell in [role(byLabel:), role(byName:)] {
            for machine in unnamed {
                if let role = tell(machine.metadata), found[role] == nil { found[role] = machine }
            }
            // One whose label names a role that is taken is no other role's either.
            unnamed.removeAll { tell($0.metadata) != nil }
        }
        for machine in unnamed {
            guard let role = [.controlPlane, .worker].first(where: { found[$0] == nil }) else { break }
            found[role] = machine
        }
        return found
    }

    /// The golden snapshot of each role, in either naming: `cp-snap`, or `cp-CLUSTER-snapshot`. A ready one before one that is not.
    public static func snapshots(
        _ snapshots: some Sequence<WireSnapshot>, cluster: String, machines: [PoolDetail.Role: WireMachine]
    ) -> [PoolDetail.Role: WireSnapshot] {
        var found: [PoolDetail.Role: WireSnapshot] = [:]
        let ordered = snapshots.sorted {
            ($0.isReady ? 0 : 1, isOurs($0) ? 0 : 1, $0.metadata.name) < (
                $1.isReady ? 0 : 1, isOurs($1) ? 0 : 1, $1.metadata.name
            )
        }
        for snapshot in ordered where isGolden(snapshot.metadata.name, cluster: cluster) {
            let role =
                role(of: snapshot.machine, machines: machines) ?? role(byName: snapshot.metadata)
                ?? role(byLabel: snapshot.metadata)
            if let role, found[role] == nil { found[role] = snapshot }
        }
        return found
    }

    /// The role of the machine of that name: what is known of it, then what its name says.
    public static func role(of machine: String, machines: [PoolDetail.Role: WireMachine]) -> PoolDetail.Role? {
        machines.first { $0.value.metadata.name == machine }?.key ?? role(byName: KubeMetadata(name: machine))
    }

    /// The names that a golden snapshot may have, ours first.
    public static func snapshotNames(of role: PoolDetail.Role, cluster: String) -> [String] {
        let prefix = role == .controlPlane ? "cp" : "wk"
        return ["\(prefix)-snap", "\(prefix)-\(cluster)-snapshot"]
    }

    private static func isGolden(_ name: String, cluster: String) -> Bool {
        [.controlPlane, .worker].contains { snapshotNames(of: $0, cluster: cluster).contains(name) }
    }

    private static func isOurs(_ snapshot: WireSnapshot) -> Bool { snapshot.metadata.name.hasSuffix("-snap") }

    private static func order(_ metadata: KubeMetadata) -> (Int, Date, String) {
        (metadata.deletionTimestamp == nil ? 0 : 1, metadata.creationTimestamp ?? .distantFuture, metadata.name)
    }

    private static func role(byLabel metadata: KubeMetadata) -> PoolDetail.Role? {
        (metadata.labels[PoolLabels.role] ?? metadata.labels[PoolLabels.plainRole]).flatMap(PoolDetail.Role.init)
    }

    private static func role(byName metadata: KubeMetadata) -> PoolDetail.Role? {
        metadata.name.hasPrefix("cp-") ? .controlPlane : metadata.name.hasPrefix("wk-") ? .worker : nil
    }
}
