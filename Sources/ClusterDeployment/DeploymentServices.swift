import Fleet
import Upstream

/// What is installed on a cluster, and how far that is. Source: wire-formats 6.4, 6.5.
public struct DeploymentServices: Sendable, Equatable {
    public typealias Service = DeploymentDetail.Service

    /// In the order of the object, every entry.
    public var entries: [Service]
    /// Nil when neither the entries nor the condition tell.
    public var ready: Int?
    public var total: Int?

    /// A service that stands there twice (for the deployment and for a MultiClusterService) counts once, and as ready if any of its entries
    /// is deployed. What is being deleted counts in neither number. The condition's numbers stand in for a list that is missing, and for
    /// one that is shorter: it is filled later than the condition.
    public init(_ wire: WireDeployment) {
        entries = (wire.services ?? []).map(Self.entry)
        let counted = Self.count(entries.lazy.map { ($0.namespace, $0.name, $0.word) })
        let told = wire.condition(WireWords.services).flatMap { Self.numbers($0.message) }
        if entries.isEmpty || told.map({ $0.total > counted.total }) == true {
            (ready, total) = (told?.ready, told?.total)
        } else {
            (ready, total) = counted
        }
    }

    /// The same numbers for the services of an update, which has entries only.
    public static func count(_ services: [ProgressUpdate.Service]) -> (ready: Int, total: Int) {
        count(services.lazy.map { ($0.namespace, $0.name, $0.state) })
    }

    private static func count(
        _ entries: some Sequence<(namespace: String, name: String, word: String)>
    ) -> (ready: Int, total: Int) {
        var isReady: [DeploymentKey: Bool] = [:]
        for entry in entries where entry.word != "Deleting" && entry.word != "Deleted" {
            let key = DeploymentKey(namespace: entry.namespace, name: entry.name)
            isReady[key] = isReady[key] == true || entry.word == "Deployed"
        }
        return (isReady.values.count { $0 }, isReady.count)
    }

    /// Services that have failed, with why: `ingress: timed out waiting for the condition`.
    public var failures: [String] {
        entries.filter { $0.state == .failed }.map { entry in
            entry.failure.map { "\(entry.name): \($0)" } ?? entry.name
        }
    }

    private static func entry(_ wire: WireService) -> Service {
        let state: Phase.State =
            switch wire.state {
            case "Deployed": .done
            case "Failed": .failed
            case "Pending": .waiting
            default: .running
            }
        // The message of a condition explains a failure; of a service that is still on its way it only repeats that.
        let condition = state == .failed ? wire.conditions.first { $0.isFalse && !$0.message.isEmpty } : nil
        return Service(
            name: wire.name, namespace: wire.namespace, template: wire.template, word: wire.state, state: state,
            version: wire.version, failure: wire.failureMessage ?? condition?.message,
            changedAt: wire.lastStateTransitionTime)
    }

    /// - Parameter message: `2/3`, or longer text that begins so, as `2/3 Services are ready.`
    static func numbers(_ message: String) -> (ready: Int, total: Int)? {
        let word = message.prefix { $0 != " " }
        let parts = word.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let ready = Int(parts[0]), let total = Int(parts[1]), ready >= 0, ready <= total else {
            return nil
        }
        return (ready, total)
    }
}
