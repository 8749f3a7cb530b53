import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A Kubernetes `Lease`, distilled.
struct WireLease: KubeObject, Equatable {
    var metadata: KubeMetadata
    /// Empty when nobody holds it.
    var holder: String
    /// Seconds for which a renewal counts.
    var duration: Double

    private enum CodingKeys: String, CodingKey { case metadata, spec }
    private struct Spec: Decodable {
        var holderIdentity: String?
        var leaseDurationSeconds: Int?
    }

    init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try box.decode(KubeMetadata.self, forKey: .metadata)
        let spec = try? box.decode(Spec.self, forKey: .spec)
        holder = spec?.holderIdentity ?? ""
        duration = Double(max(1, spec?.leaseDurationSeconds ?? 15))
    }
}

/// One Lease that processes compete for: who renews it is alive. Times of other machines are not believed: a holder counts as gone when
/// the Lease has not changed for its whole duration by our own clock, as Kubernetes' own components do it.
actor PoolLease {
    /// How often a Lease is renewed and tried for, in seconds: in the proportions of Kubernetes' own components (15, 5 and 2).
    struct Pace: Sendable, Equatable {
        var duration: Double
        var renewal: Double { duration / 3 }
        var retry: Double { duration / 7.5 }
    }

    private let api: KubeAPI
    private let namespace: String
    private let name: String
    private let identity: String
    private let pace: Pace
    private let time: TimeSource
    /// The Lease as it was last seen, and since when it has been so, by our own clock.
    private var seen: (version: String, since: Double)?

    init(_ api: KubeAPI, namespace: String, name: String, identity: String, pace: Pace, time: TimeSource) {
        self.api = api
        self.namespace = namespace
        self.name = name
        self.identity = identity
        self.pace = pace
        self.time = time
    }

    /// Takes the Lease if nobody holds it, or if who holds it has fallen silent.
    ///
    /// - Returns: whether it is ours.
    func acquire() async throws(UpstreamProblem) -> Bool {
        let found: WireLease? = try await api.get(.leases, namespace: namespace, name: name)
        do throws(UpstreamProblem) {
            guard let lease = found else {
                try await api.create(.leases, namespace: namespace, fresh)
                return true
            }
            if lease.holder == identity || lease.holder.isEmpty || isSilent(lease) {
                try await write(holder: identity, version: lease.metadata.resourceVersion)
                return true
            }
            return false
        } catch {
            // Somebody else was faster.
            if error.isConflict { return false }
            throw error
        }
    }

    /// Renews until the Lease is lost or the task is cancelled. A renewal that fails is tried again for as long as the last one counts.
    func hold() async {
        var renewedAt = time.uptime()
        while (try? await time.sleep(pace.renewal)) != nil {
            switch await renewal(within: pace.duration * 0.8 - (time.uptime() - renewedAt)) {
            case .renewed: renewedAt = time.uptime()
            case .lost: return
            // An answer that does not come is as good as none: from then on somebody else may hold it.
            case .failed: if time.uptime() - renewedAt > pace.duration * 0.8 { return }
            }
        }
    }

    private enum Renewal { case renewed, lost, failed }

    private func renewal(within seconds: Double) async -> Renewal {
        let time = self.time
        return await withTaskGroup(of: Renewal.self) { group in
            group.addTask { await self.renew() }
            group.addTask {
                try? await time.sleep(max(0.1, seconds))
                return .failed
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failed
        }
    }

    private func renew() async -> Renewal {
        do throws(UpstreamProblem) {
            let lease: WireLease? = try await api.get(.leases, namespace: namespace, name: name)
            guard let lease, lease.holder == identity else { return .lost }
            try await write(holder: identity, version: lease.metadata.resourceVersion)
            return .renewed
        } catch {
            return error.isConflict ? .lost : .failed
        }
    }

    /// Gives it back, so that the next one need not wait. What fails here is made up for by time.
    func release() async {
        guard let lease: WireLease = try? await api.get(.leases, namespace: namespace, name: name),
            lease.holder == identity
        else { return }
        try? await write(holder: "", version: lease.metadata.resourceVersion)
    }

    private func isSilent(_ lease: WireLease) -> Bool {
        let now = time.uptime()
        guard let seen, seen.version == lease.metadata.resourceVersion else {
            seen = (lease.metadata.resourceVersion, now)
            return false
        }
        return now - seen.since >= lease.duration
    }

    private func write(holder: String, version: String) async throws(UpstreamProblem) {
        var patch = spec(holder: holder)
        patch["metadata"] = ["resourceVersion": .text(version)]
        let _: WireLease = try await api.patch(.leases, namespace: namespace, name: name, patch)
    }

    private func spec(holder: String) -> JSONValue {
        [
            "spec": [
                "holderIdentity": .text(holder), "leaseDurationSeconds": .whole(max(1, Int(pace.duration))),
                "renewTime": .text(WireTime.micro(time.now())),
            ]
        ]
    }

    private var fresh: JSONValue {
        var lease = spec(holder: identity)
        lease["apiVersion"] = "coordination.k8s.io/v1"
        lease["kind"] = "Lease"
        lease["metadata"] = ["name": .text(name), "namespace": .text(namespace)]
        return lease
    }
}

extension WireTime {
    /// As Kubernetes wants the times of a Lease: with six digits after the second (`MicroTime`).
    static func micro(_ date: Date) -> String { "\(text(date).dropLast())000Z" }
}
