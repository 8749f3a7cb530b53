/// How many clusters of the pool stand where: the seed's `ClusterPoolStats`, field for field, and those being created, which the original
/// forgets.
public struct PoolStats: Codable, Sendable, Equatable {
    public var totalClusters = 0
    public var availableClusters = 0
    public var lockedClusters = 0
    public var resettingClusters = 0
    public var errorClusters = 0
    public var creatingClusters = 0
    /// By cluster id.
    public var statusByCluster: [String: PoolStatus] = [:]

    /// A status with a word of its own counts in the total only.
    public init(_ clusters: some Sequence<PoolCluster>) {
        for cluster in clusters {
            totalClusters += 1
            statusByCluster[cluster.clusterID] = cluster.status
            switch cluster.status {
            case .available: availableClusters += 1
            case .locked: lockedClusters += 1
            case .resetting: resettingClusters += 1
            case .error: errorClusters += 1
            case .creating: creatingClusters += 1
            default: break
            }
        }
    }
}
