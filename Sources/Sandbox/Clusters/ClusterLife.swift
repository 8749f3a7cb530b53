import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One life of a cluster, from the start of its creation until it is gone. Ages are seconds since that start.
struct ClusterLife: Sendable {
    struct Node: Sendable {
        let id: String
        let type: String
        let privateAddress: String
        let publicAddress: String?
        let launched: Double
        /// When it is terminated; nil if it never is.
        let ends: Double?

        /// As EC2 says it; nil before the launch and once it is gone.
        func state(at age: Double) -> String? {
            guard age >= launched, age < ends ?? .infinity else { return nil }
            return age < launched + 14 ? "pending" : "running"
        }
    }

    let cluster: SandboxCluster
    let began: Date
    let stackID: String
    let plan: StackPlan
    let headNode: Node
    let computeNodes: [Node]
    /// When the compute fleet has started; nil if it never does.
    let fleetRunsAt: Double?
    /// `ip-10-0-3-17`, which begins the names of its log streams.
    var headNodeHost: String { "ip-" + headNode.privateAddress.split(separator: ".").joined(separator: "-") }
    var logGroup: String { "/aws/parallelcluster/\(cluster.name)-\(Self.stamp(began).prefix(12))" }

    static let version = "3.16.1"

    /// - Parameter number: which of the cluster's lives; 0 is the one that is led when the demo opens.
    init?(of cluster: SandboxCluster, number: Int, began: Date, seed: UInt64) {
        var chance = SeededGenerator(named: "\(cluster.region)/\(cluster.name)/\(number)", seed: seed)
        let stackID =
            "arn:aws:cloudformation:\(cluster.region):123456789012:stack/\(cluster.name)/\(chance.identifier())"
        guard
            let plan = StackPlan(
                of: cluster, template: StackTemplate(of: cluster, stamp: Self.stamp(began)), stackID: stackID,
                isSlow: cluster.fate == .slowStorage && number % 2 == 0,
                chance: SeededGenerator(seed: chance.next()))
        else { return nil }
        self.cluster = cluster
        self.began = began
        self.stackID = stackID
        self.plan = plan
        headNode = Node(
            id: plan.headNode.physicalID, type: cluster.headNodeType, privateAddress: Self.address("10.0", &chance),
            publicAddress: Self.address("54.214", &chance), launched: plan.headNode.exists, ends: plan.headNodeEndsAt)
        let fleetSeconds = 60 * chance.factor(spread: 0.15)
        fleetRunsAt = plan.completedAt.map { $0 + fleetSeconds }
        var nodes: [Node] = []
        if let completed = plan.completedAt {
            for index in 0..<cluster.computeNodes {
                nodes.append(
                    Node(
                        id: "i-\(chance.hexadecimal(17))",
                        type: cluster.computeTypes[index % cluster.computeTypes.count],
                        privateAddress: Self.address("10.0", &chance), publicAddress: nil,
                        launched: completed + 4 + 5 * chance.unit(), ends: plan.computeEndsAt))
            }
        }
        computeNodes = nodes
    }

    func date(_ age: Double) -> Date { began.addingTimeInterval(age) }

    /// The rows that have happened, oldest first.
    func events(at age: Double) -> [StackEvent] { Array(plan.events.prefix { $0.at <= age }) }

    /// As CloudFormation has it; nil before the creation.
    func stackStatus(at age: Double) -> String? {
        plan.events.last { $0.at <= age && $0.type == StackEvent.stackType }?.status
    }

    func exists(at age: Double) -> Bool {
        let status = stackStatus(at: age)
        return status != nil && status != "DELETE_COMPLETE"
    }

    /// ParallelCluster's word for the stack's status.
    func clusterStatus(at age: Double) -> String {
        let status = stackStatus(at: age) ?? "CREATE_IN_PROGRESS"
        return status.hasPrefix("ROLLBACK_") ? "CREATE_FAILED" : status
    }

    /// With the age at which it became so; ParallelCluster reads it only when the stack is complete.
    func fleetStatus(at age: Double) -> (word: String, since: Double?) {
        guard stackStatus(at: age) == "CREATE_COMPLETE", let completed = plan.completedAt, let runs = fleetRunsAt else {
            return ("UNKNOWN", nil)
        }
        return age < runs ? ("STARTING", completed) : ("RUNNING", runs)
    }

    /// Why the creation failed, as ParallelCluster concludes it from the wait condition.
    func failure(at age: Double) -> (code: String, reason: String)? {
        guard clusterStatus(at: age) == "CREATE_FAILED" else { return nil }
        return cluster.fate == .failingScript
            ? ("OnNodeConfiguredExecutionFailure", "Failed to execute OnNodeConfigured script.")
            : ("HeadNodeBootstrapFailure", "Cluster creation timed out.")
    }

    private static func address(_ network: String, _ chance: inout SeededGenerator) -> String {
        "\(network).\(chance.next() % 64).\(chance.next() % 250 + 4)"
    }

    /// Year to second, 14 digits.
    private static func stamp(_ date: Date) -> String { String(WireTime.text(date).filter(\.isNumber).prefix(14)) }
}
