import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where clusters are lent and taken back, and where work on them is ordered. It keeps nothing: each request looks at the namespaces,
/// where the truth lies, and changes one by a patch that is refused when anybody else was faster. So any number of desks agree.
public actor PoolDesk {
    /// A race that is lost so often in a row is no race.
    static let attempts = 20

    let api: KubeAPI
    public nonisolated let settings: PoolSettings
    let time: TimeSource
    let rules: PoolRules
    var resources: [PoolKind: KubeResource]?

    public init(_ api: KubeAPI, settings: PoolSettings, time: TimeSource) {
        self.api = api
        self.settings = settings
        self.time = time
        rules = PoolRules(source: settings.source, context: api.name)
    }

    // MARK: lending

    /// Lends a free cluster to a session: the first by name. A session that holds one already gets that one again.
    ///
    /// - Parameters:
    ///   - cluster: only this one; nil takes any.
    ///   - life: seconds until the lock ends; nil takes the pool's own, 0 has no end.
    /// - Throws: `.noneFree` when all are taken, `.conflict` when the one that is wanted is.
    public func assign(
        _ session: String, cluster: String? = nil, life: Double? = nil
    ) async throws(PoolRefusal) -> PoolCluster {
        try PoolNames.check(session: session)
        if let cluster { try PoolNames.check(cluster: cluster) }
        let seconds = life ?? settings.sessionLife
        guard seconds >= 0, seconds <= PoolSettings.longestLife else {
            throw PoolRefusal(
                .invalid(field: "minutes"), "A session cannot hold a cluster for so long.",
                advice: "Give 1 to \(Int(PoolSettings.longestLife / 60)) minutes, or 0 for no end.")
        }
        for _ in 0..<Self.attempts {
            let all = try await namespaces()
            if let held = all.first(where: { $0.isHeld(by: session) }) {
                guard cluster == nil || cluster == held.clusterID else { throw Self.holdsAnother(session, held) }
                return await described(held)
            }
            for candidate in try candidates(all, cluster) {
                let notes = PoolNotes.lent(to: session, life: seconds > 0 ? seconds : nil, now: time.now())
                do throws(UpstreamProblem) {
                    let lent = try await write(notes, to: candidate)
                    if let only = try await withoutSecond(lent, session) { return await described(only) }
                    break
                } catch {
                    guard error.isConflict || error.isAbsent else { throw PoolRefusal(error) }
                }
            }
        }
        throw Self.lost
    }

    private func candidates(
        _ all: [WirePoolNamespace], _ cluster: String?
    ) throws(PoolRefusal) -> [WirePoolNamespace] {
        guard let cluster else {
            let free = all.filter(\.isFree)
            guard free.isEmpty else { return free }
            throw PoolHolder.refusal(all.map { PoolHolder(reading($0), runs: [], now: time.now()) })
        }
        guard let one = all.first(where: { $0.clusterID == cluster || $0.name == cluster }) else {
            throw .unknown(cluster: cluster, there: all.map(\.clusterID))
        }
        guard one.isFree else {
            if case .refused(let why)? = PoolPermit(rules.item(reading(one), runs: [], now: time.now()))?.permit(
                .assign)
            {
                throw PoolRefusal(.conflict, "\(why).", advice: "Take another cluster, or wait until it is free.")
            }
            throw Self.lost
        }
        return [one]
    }

    /// Two desks may have lent a cluster each to the same session at once. Whoever sees the other's gives its own back and looks again: the
    /// times of different machines say nothing about who was first, and that both give back does no harm.
    ///
    /// - Returns: nil when it was given back.
    private func withoutSecond(
        _ lent: WirePoolNamespace, _ session: String
    ) async throws(UpstreamProblem) -> WirePoolNamespace? {
        let held: [WirePoolNamespace]
        do throws(PoolRefusal) {
            held = try await namespaces().filter { $0.isHeld(by: session) && $0.name != lent.name }
        } catch {
            // It is lent, whatever cannot be looked at now.
            return lent
        }
        guard !held.isEmpty else { return lent }
        _ = try await write(.marked(.available, reason: nil, now: time.now()), to: lent)
        return nil
    }

    /// Lets a session keep its cluster until so many seconds from now.
    public func extend(_ session: String, life: Double) async throws(PoolRefusal) -> PoolCluster {
        try PoolNames.check(session: session)
        guard life > 0, life <= PoolSettings.longestLife else {
            throw PoolRefusal(
                .invalid(field: "minutes"), "A session cannot be extended by that.",
                advice: "Give 1 to \(Int(PoolSettings.longestLife / 60)) minutes.")
        }
        for _ in 0..<Self.attempts {
            guard let held = try await namespaces().first(where: { $0.isHeld(by: session) }) else {
                throw .unknown(session: session)
            }
            let now = time.now()
            if let done = try await attempt(.extended(to: now.addingTimeInterval(life), now: now), on: held) {
                return await described(done)
            }
        }
        throw Self.lost
    }

    /// Takes the cluster of a session back and orders its reset.
    ///
    /// - Returns: the cluster, `resetting`.
    @discardableResult
    public func release(session: String) async throws(PoolRefusal) -> PoolCluster {
        try PoolNames.check(session: session)
        for _ in 0..<Self.attempts {
            let held = try await namespaces().filter { $0.isHeld(by: session) }
            guard !held.isEmpty else { throw .unknown(session: session) }
            var first: WirePoolNamespace?
            for namespace in held {
                let notes = PoolNotes.queued(.reset, status: .resetting, now: time.now())
                let done = try await attempt(notes, on: namespace)
                first = first ?? done
            }
            if let first { return await described(first) }
        }
        throw Self.lost
    }

    /// Takes back every cluster that a session holds, and orders their resets. Others are left alone.
    ///
    /// - Returns: their ids.
    public func releaseAll() async throws(PoolRefusal) -> [String] {
        var released: [String] = []
        for _ in 0..<Self.attempts {
            let held = try await namespaces().filter { $0.status == .locked && !$0.isForeign }
            guard !held.isEmpty else { break }
            for namespace in held {
                if try await attempt(.queued(.reset, status: .resetting, now: time.now()), on: namespace) != nil {
                    released.append(namespace.clusterID)
                }
            }
        }
        return released
    }

    private static func holdsAnother(_ session: String, _ held: WirePoolNamespace) -> PoolRefusal {
        PoolRefusal(
            .conflict, "Session \(session) holds \(held.clusterID) already.",
            advice: "Release that first, or name no cluster.")
    }

    static let lost = PoolRefusal(
        .conflict, "Others change the pool faster than this request.", advice: "Try again in a moment.")
}

extension WirePoolNamespace {
    /// It may be lent: a cluster that another backend keeps, or on which something is ordered, may not.
    var isFree: Bool {
        status == .available && ordered == nil && !isForeign && text(PoolAnnotations.assignedSession) == nil
            && metadata.deletionTimestamp == nil
    }

    func isHeld(by session: String) -> Bool {
        status == .locked && text(PoolAnnotations.assignedSession) == session
    }
}
