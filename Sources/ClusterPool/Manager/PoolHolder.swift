import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What stands in the way of a cluster being free, for whoever asked for one and got none.
public struct PoolHolder: Sendable, Equatable {
    public var cluster: String
    public var status: PoolStatus
    /// Nil when no session holds it.
    public var session: String?
    public var lockTime: Date?
    public var lockExpires: Date?
    /// When it is free again, where that can be said; seconds from now.
    public var free: Estimate?

    /// - Parameter runs: earlier runs of this pool: how long its resets take.
    init(_ reading: PoolReading, runs: [Run], now: Date) {
        let standing = PoolStanding(reading)
        cluster = reading.namespace.clusterID
        status = standing.status
        session = standing.session?.id
        lockTime = standing.session?.lockedAt
        lockExpires = standing.session?.expiresAt
        free = PoolFree(runs: runs, now: now).estimate(standing, operation: reading.memory.operation)
    }

    /// `cluster1 is held by session ab12, free again in about 14m`
    var sentence: String {
        var text = "\(cluster) is "
        text += session.map { "held by session \($0)" } ?? status.rawValue
        if let p50 = free?.p50 { text += ", free again in about \(DurationText.short(p50))" }
        return text
    }

    /// - Parameter all: those of all clusters; who is free first is told first.
    static func refusal(_ all: [PoolHolder]) -> PoolRefusal {
        let next = all.sorted { ($0.free?.p50 ?? .infinity, $0.cluster) < ($1.free?.p50 ?? .infinity, $1.cluster) }
        let told = next.prefix(5).map(\.sentence).joined(separator: "; ")
        let more = next.count > 5 ? "; and \(next.count - 5) more" : ""
        return PoolRefusal(
            .noneFree(next), "no available clusters in pool",
            advice: all.isEmpty ? "The pool has no clusters yet; bootstrap makes them." : "\(told)\(more).")
    }
}
