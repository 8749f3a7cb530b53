/// Where a cluster of the pool stands, in the words of its annotation. A word from elsewhere is kept as it came. Source: the seed's
/// `ClusterStatus`.
public struct PoolStatus: RawRepresentable, Codable, Sendable, Hashable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Ready to be assigned.
    public static let available = PoolStatus(rawValue: "available")
    /// Assigned to a session.
    public static let locked = PoolStatus(rawValue: "locked")
    /// Being restored from its golden snapshots.
    public static let resetting = PoolStatus(rawValue: "resetting")
    /// A person is needed.
    public static let error = PoolStatus(rawValue: "error")
    /// Its first bootstrap has not ended.
    public static let creating = PoolStatus(rawValue: "creating")
}
