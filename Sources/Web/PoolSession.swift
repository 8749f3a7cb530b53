import ClusterPool
import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A session as the existing backend tells it (wire-formats 9.2), as far as a lock tells of one: who holds which cluster, and until when.
struct PoolSession: Encodable {
    let id: String
    let namespace: String
    /// A lock that is there belongs to a session that runs.
    let status = "running"
    let startTime: Date?
    /// Absent for a lock without an end.
    let expirationTime: Date?
    let controlPlaneVM: String
    let workerNodeVM: String
    let assignedCluster: String
    let clusterLockTime: Date?

    /// - Returns: nil for a cluster that nobody holds.
    init?(_ cluster: PoolCluster, _ item: Item?) {
        guard case .pool(let detail)? = item?.detail, let session = detail.session else { return nil }
        id = session.id
        namespace = cluster.namespace
        startTime = session.lockedAt
        expirationTime = session.expiresAt
        controlPlaneVM = cluster.controlPlaneVM
        workerNodeVM = cluster.workerNodeVM
        assignedCluster = cluster.clusterID
        clusterLockTime = session.lockedAt
    }

    /// All of them, in the order of their clusters.
    static func all(of pool: PoolManager) async -> [PoolSession] {
        var found: [PoolSession] = []
        for cluster in await pool.clusters() where cluster.assignedSession != nil {
            if let session = PoolSession(cluster, await pool.item(cluster.namespace)) { found.append(session) }
        }
        return found
    }
}
