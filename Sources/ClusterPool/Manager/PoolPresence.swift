import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Whether anybody is there to carry out what is only ordered.
extension PoolDesk {
    /// Who keeps the pool in order at present and carries out what is ordered: who holds the Lease of the maintenance and renews it.
    ///
    /// - Parameter patience: while there is none, one that is just starting is waited for so many seconds.
    /// - Returns: its identity; nil when there is none. A holder whose last renewal is old by our clock is watched for as long as the Lease
    ///   lasts: his clock may be wrong, or he may have gone without a word.
    public func keeper(patience: Double = 0) async throws(PoolRefusal) -> String? {
        do throws(UpstreamProblem) {
            let first = try await lease()
            if let first, !first.holder.isEmpty, let renewed = first.renewed,
                abs(time.now().timeIntervalSince(renewed)) < first.duration
            {
                return first.holder
            }
            let isHeld = first?.holder.isEmpty == false
            let end = time.uptime() + patience + (isHeld ? first?.duration ?? 0 : 0)
            while time.uptime() < end, (try? await time.sleep(0.5)) != nil {
                guard let now = try await lease(), !now.holder.isEmpty else { continue }
                if now.metadata.resourceVersion != first?.metadata.resourceVersion { return now.holder }
            }
            return nil
        } catch {
            throw PoolRefusal(error)
        }
    }

    private func lease() async throws(UpstreamProblem) -> Renewal? {
        try await api.get(.leases, namespace: settings.templatesNamespace, name: PoolManager.roundLease)
    }

    private struct Renewal: KubeObject {
        var metadata: KubeMetadata
        var holder: String
        var duration: Double
        var renewed: Date?

        private enum CodingKeys: String, CodingKey { case metadata, spec }
        private struct Spec: Decodable { var renewTime: String? }

        init(from decoder: any Decoder) throws {
            let lease = try WireLease(from: decoder)
            (metadata, holder, duration) = (lease.metadata, SafeText.line(lease.holder, limit: 120), lease.duration)
            let box = try decoder.container(keyedBy: CodingKeys.self)
            renewed = (try? box.decode(Spec.self, forKey: .spec))?.renewTime.flatMap { WireTime.date($0) }
        }
    }
}
