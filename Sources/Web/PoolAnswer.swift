import ClusterPool
import Fleet
import Hummingbird

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the pool's routes answer.
enum PoolAnswer {
    /// `GET /api/v1/pool`
    struct Overview: Encodable {
        let stats: PoolStats
        let clusters: [PoolCluster]
        /// Why what is told may be old; absent while it is not.
        let problem: String?
    }

    /// `GET /api/v1/pool/clusters/{id}`
    struct One: Encodable {
        let cluster: PoolCluster
        /// As in `slipway status -o json`: steps, percent, cause.
        let item: StatusReport.Entry
    }

    /// A reset that has been ordered.
    struct Reset: Encodable {
        let clusterId: String
        let status: PoolStatus
        /// Where to look for what comes of it.
        let location: String

        init(_ cluster: PoolCluster) {
            clusterId = cluster.clusterID
            status = cluster.status
            location = PoolRoutes.location(of: cluster.clusterID)
        }

        var response: Response { JSONAnswer.response(self, status: .accepted, location: location) }
    }

    /// What came of an order for several clusters.
    struct Several: Encodable {
        let message: String
        let clusters: [String]
        /// Why not, by cluster.
        let skipped: [String: String]
        let status = "accepted"
        let location = PoolRoutes.root
    }

    /// The same when nothing was begun.
    struct Nothing: Encodable {
        let error: String
        let skipped: [String: String]
    }

    struct Extended: Encodable {
        let message: String
        let session: PoolSession
    }

    struct ReleasedAll: Encodable {
        let message: String
        let poolStatus: PoolStats
    }

    // MARK: refusals

    private struct NoneFree: Encodable {
        struct Holder: Encodable {
            let clusterId: String
            let status: PoolStatus
            let sessionId: String?
            let lockTime: Date?
            let lockExpires: Date?
            let freeInSeconds: Band?
        }
        struct Band: Encodable {
            let p50: Double
            let p90: Double
        }
        let error: String
        let clusters: [Holder]
        let advice: String
    }

    static func refusal(_ refusal: PoolRefusal) -> Response {
        let status = status(of: refusal.reason)
        switch refusal.reason {
        case .noneFree(let holders):
            let clusters = holders.map { holder in
                NoneFree.Holder(
                    clusterId: holder.cluster, status: holder.status, sessionId: holder.session,
                    lockTime: holder.lockTime, lockExpires: holder.lockExpires, freeInSeconds: band(holder.free))
            }
            return JSONAnswer.response(
                NoneFree(error: refusal.sentence, clusters: clusters, advice: refusal.advice), status: status)
        case .invalid(let field):
            let name = field == "cluster" ? "clusterId" : field
            let sentence = refusal.sentence.hasPrefix(name) ? refusal.sentence : "\(name): \(refusal.sentence)"
            return WebFault(status, sentence, advice: refusal.advice).response
        case .unknown, .conflict, .unconfirmed, .upstream:
            let advice = refusal.advice.isEmpty ? nil : refusal.advice
            return WebFault(status, refusal.sentence, advice: advice).response
        }
    }

    private static func band(_ estimate: Estimate?) -> NoneFree.Band? {
        guard let p50 = estimate?.p50, let p90 = estimate?.p90 else { return nil }
        return NoneFree.Band(p50: p50, p90: p90)
    }

    private static func status(of reason: PoolRefusal.Reason) -> HTTPResponse.Status {
        switch reason {
        case .invalid: return .badRequest
        case .unknown: return .notFound
        case .noneFree, .conflict, .unconfirmed: return .conflict
        case .upstream(let reason):
            switch reason {
            // It may be well again in a moment.
            case .unreachable, .timedOut, .cut, .misconfigured, .status(429), .status(500...):
                return .serviceUnavailable
            case .status, .untrusted, .tooLarge, .unreadable: return .badGateway
            }
        }
    }
}
