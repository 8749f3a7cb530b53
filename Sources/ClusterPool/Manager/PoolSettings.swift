import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How a pool is managed.
public struct PoolSettings: Sendable, Equatable {
    /// The source under which screens know the pool; runs are recorded under it.
    public var source: SourceID
    /// The clusters that a bootstrap of all makes. Source: the seed.
    public var clusters: [String]
    /// Seconds that a session may hold a cluster, where it does not say. Source: wire-formats 11.
    public var sessionLife: Double
    /// Where golden images lie, and the Lease of the maintenance.
    public var templatesNamespace: String
    /// Who we are, for Leases and annotations: host and process.
    public var identity: String
    /// Operations that one process carries out at once; of bootstraps one at a time (wire-formats 9.4).
    public var parallel: Int
    /// Seconds after which a manager that says nothing counts as gone: as long as work rests when one is killed.
    public var lease: Double

    public static let seedClusters = PoolPlace.usual
    /// A session cannot hold a cluster for longer; seconds.
    public static let longestLife: Double = 7 * 86_400

    public init(
        source: SourceID, identity: String, clusters: [String] = seedClusters, sessionLife: Double = 3600,
        templatesNamespace: String = "vm-templates", parallel: Int = 4, lease: Double = 15
    ) {
        self.source = source
        self.identity = identity
        self.clusters = clusters
        self.sessionLife = sessionLife
        self.templatesNamespace = templatesNamespace
        self.parallel = parallel
        self.lease = lease
    }
}
