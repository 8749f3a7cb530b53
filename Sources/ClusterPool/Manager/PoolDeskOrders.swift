import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Ordering work on a cluster.
extension PoolDesk {
    /// Orders what a verb says; the work itself is done by whoever takes it up.
    ///
    /// - Parameters:
    ///   - isConfirmed: whoever asks has said the cluster's name again.
    ///   - argument: the session of `assign`; of `release`, if that one alone is meant; the reason of `markError`.
    /// - Throws: `.unconfirmed` for what hurts and is not confirmed, `.conflict` for what makes no sense now.
    @discardableResult
    public func order(
        _ verb: Action.Verb, _ cluster: String, argument: String? = nil, isConfirmed: Bool = false
    ) async throws(PoolRefusal) -> PoolCluster {
        try PoolNames.check(cluster: cluster)
        if verb == .assign { return try await assign(argument ?? "", cluster: cluster) }
        for _ in 0..<Self.attempts {
            guard let reading = try await look(at: cluster, makes: verb == .bootstrap) else {
                throw .unknown(cluster: cluster, there: try await namespaces().map(\.clusterID))
            }
            // It was meant for this session, and another one holds the cluster by now.
            if verb == .release, let argument, !reading.namespace.isHeld(by: argument) {
                throw .unknown(session: argument)
            }
            try permit(verb, reading, isConfirmed: isConfirmed)
            let notes = notes(verb, argument, reading)
            if let done = try await attempt(notes, on: reading.namespace) { return await described(done) }
        }
        throw Self.lost
    }

    /// Whether a verb may be carried out now on a cluster, as its objects are.
    func permit(_ verb: Action.Verb, _ reading: PoolReading, isConfirmed: Bool) throws(PoolRefusal) {
        let item = rules.item(reading, runs: [], now: time.now())
        switch PoolPermit(item)?.permit(verb) {
        case .refused(let why):
            throw PoolRefusal(.conflict, "\(why).", advice: "Nothing was changed.")
        case .asksName(let what) where !isConfirmed:
            throw PoolRefusal(
                .unconfirmed, "This needs your word: \(what).",
                advice: "Say the name of the cluster again to confirm it.")
        case .asks, .asksName, nil: return
        }
    }

    private func notes(_ verb: Action.Verb, _ argument: String?, _ reading: PoolReading) -> PoolNotes {
        let now = time.now()
        switch verb {
        case .release, .reset: return .queued(.reset, status: .resetting, now: now)
        case .bootstrap: return .queued(.bootstrap, status: .creating, now: now)
        // A free cluster stays so for those who look; it is not lent meanwhile.
        case .snapshot:
            return .queued(.snapshot, status: reading.namespace.status == .available ? nil : .creating, now: now)
        case .markAvailable: return .marked(.available, reason: nil, now: now)
        case .markError, .assign:
            let reason = SafeText.line(argument ?? "", limit: 300)
            return .marked(.error, reason: reason.isEmpty ? "marked by hand" : reason, now: now)
        }
    }
}
