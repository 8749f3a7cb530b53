import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a stack is doing now, or did last: one creation, update or deletion, with all resources it touched. Pure.
struct StackOperation: Equatable {
    /// One resource, by its logical id.
    struct Resource: Equatable {
        var logicalID: String
        var type: String
        /// `resourceStatus` of its newest event.
        var status: String
        var reason: String?
        /// Its first event in this operation.
        var startedAt: Date
        /// When what is done with it now began: in a rollback, its deletion.
        var since: Date
        /// When its newest status was reached, if that is one that ends.
        var endedAt: Date?
        /// When it was created, whatever became of it in a rollback.
        var createdAt: Date?
        var failedAt: Date?
        /// Its status and reason when it failed; what is taken back later has others.
        var failedStatus: String?
        var failedReason: String?
        var isDeleted: Bool
        var waitLimit: Double?

        /// It failed by itself, not because another did.
        var hasFailed: Bool { failedAt != nil && !StackOperation.isConsequence(failedReason) }
        var isInProgress: Bool { status.hasSuffix("_IN_PROGRESS") }
        var isWaitCondition: Bool { type == "AWS::CloudFormation::WaitCondition" }
    }

    let kind: ClusterDetail.Operation
    let startedAt: Date
    /// When it ended well or began to fail; a rollback goes on after that.
    let endedAt: Date?
    /// In the order in which they were first touched.
    let resources: [Resource]
    /// The stack's own newest status.
    let stackStatus: String
    /// The first failure that is not the consequence of another.
    let rootCause: StackHistory.Event?
    /// When CloudFormation began to take back what it had built, and what it has taken back so far.
    let rollbackAt: Date?

    /// - Returns: nil while no event of the stack itself is known.
    init?(_ history: StackHistory) {
        let opening = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"]
        guard let start = history.events.lastIndex(where: { $0.isStack && opening.contains($0.status) }) else {
            return nil
        }
        let events = history.events[start...]
        kind =
            switch history.events[start].status {
            case "UPDATE_IN_PROGRESS": .update
            case "DELETE_IN_PROGRESS": .delete
            default: .create
            }
        startedAt = history.events[start].at
        let own = events.filter(\.isStack)
        stackStatus = own.last?.status ?? "UNKNOWN"
        endedAt = own.first { $0.status.hasSuffix("_COMPLETE") || Self.fails($0.status) }?.at
        rollbackAt = own.first { $0.status.contains("ROLLBACK_IN_PROGRESS") }?.at
        rootCause =
            events.first { !$0.isStack && $0.status.hasSuffix("_FAILED") && !Self.isConsequence($0.reason) }
            ?? own.first { Self.fails($0.status) && $0.reason != nil }
        resources = Self.fold(events.filter { !$0.isStack })
    }

    static func fails(_ status: String) -> Bool { status.hasSuffix("_FAILED") || status.contains("ROLLBACK") }

    /// CloudFormation cancels what is under way when one resource fails; those failures say nothing.
    static func isConsequence(_ reason: String?) -> Bool {
        reason?.lowercased().contains("cancelled") ?? false
    }

    private static func fold(_ events: [StackHistory.Event]) -> [Resource] {
        var places: [String: Int] = [:]
        var resources: [Resource] = []
        for event in events {
            let place =
                places[event.logicalID]
                ?? {
                    resources.append(
                        Resource(
                            logicalID: event.logicalID, type: event.type, status: event.status, startedAt: event.at,
                            since: event.at,
                            isDeleted: false))
                    places[event.logicalID] = resources.count - 1
                    return resources.count - 1
                }()
            if resources[place].status.prefix(6) != event.status.prefix(6) { resources[place].since = event.at }
            resources[place].status = event.status
            resources[place].reason = event.reason
            resources[place].endedAt = event.status.hasSuffix("_IN_PROGRESS") ? nil : event.at
            resources[place].waitLimit = event.waitLimit ?? resources[place].waitLimit
            if event.status == "CREATE_COMPLETE" { resources[place].createdAt = event.at }
            if event.status.hasSuffix("_FAILED") {
                resources[place].failedAt = event.at
                (resources[place].failedStatus, resources[place].failedReason) = (event.status, event.reason)
            }
            if event.status == "DELETE_COMPLETE" || event.status == "DELETE_SKIPPED" {
                resources[place].isDeleted = true
            }
        }
        return resources
    }

    /// The head node's wait condition; its name carries a time stamp.
    var wait: Resource? { resources.last { $0.isWaitCondition && $0.logicalID.hasPrefix("HeadNodeWaitCondition") } }

    var headNode: Resource? { resources.last { $0.logicalID == "HeadNode" } }

    /// What was first touched after the head node had signalled waits for it, and is no part of the infrastructure.
    func isInfrastructure(_ resource: Resource) -> Bool {
        if resource.isWaitCondition { return false }
        guard let signalled = wait?.createdAt else { return true }
        return resource.createdAt.map { $0 <= signalled } ?? (resource.startedAt <= signalled)
    }
}
