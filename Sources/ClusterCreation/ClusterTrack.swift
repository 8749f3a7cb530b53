import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The phases of an operation. Resources are built beside each other; these steps follow one another, so what remains of them is the longest way.
struct ClusterTrack {
    let operation: StackOperation
    let reading: ClusterReading

    /// Seconds after which CloudFormation gives the head node up.
    private var waitLimit: Double {
        operation.wait?.waitLimit
            ?? WaitRegister.limit(version: reading.description?.version ?? reading.summary?.version)
    }

    var phases: [Phase] {
        switch operation.kind {
        case .create: creation
        case .update: [single(ClusterPhase.update, usual: nil)]
        case .delete: [single(ClusterPhase.deletion, usual: nil)]
        }
    }

    private var hasFailed: Bool { StackOperation.fails(operation.stackStatus) }

    private func single(_ name: String, usual: Double?) -> Phase {
        let isGone = reading.stackStatus == "DELETE_COMPLETE"
        let state: Phase.State = hasFailed ? .failed : operation.endedAt == nil && !isGone ? .running : .done
        return Phase(
            name: name, state: state, startedAt: operation.startedAt,
            endedAt: operation.endedAt ?? (isGone ? reading.readAt : nil))
    }

    private var creation: [Phase] {
        let headNode = operation.headNode?.createdAt
        let signalled = operation.wait?.createdAt
        let complete = operation.stackStatus.hasSuffix("_COMPLETE") && !hasFailed ? operation.endedAt : nil
        let fleet = ClusterStatus.fleet(reading.fleetStatus)
        var phases = [
            phase(
                ClusterPhase.infrastructure, from: operation.startedAt, to: headNode,
                usual: ResourceKinds.typicalInfrastructure(operation.resources)),
            phase(
                ClusterPhase.bootstrap, from: headNode, to: signalled,
                usual: ResourceKinds.usual("AWS::CloudFormation::WaitCondition"),
                limit: bootstrapLimit),
            phase(ClusterPhase.completion, from: signalled, to: complete, usual: 30),
        ]
        let runs = fleet == .running
        // A fleet that is started again days later is no part of the creation.
        let start = isLaterStart ? reading.fleetChangedAt : complete
        var last = phase(ClusterPhase.fleet, from: start, to: runs ? fleetEnd : nil, usual: 60)
        // That it runs is known, how long it took is not.
        if runs, complete != nil, last.endedAt == nil { (last.state, last.startedAt) = (.done, nil) }
        switch fleet {
        case .skipped: last.state = .skipped
        // It cannot be read before the stack is complete; what cannot be read afterwards either is not waited for.
        case .unknown: last.state = complete == nil ? .waiting : .skipped
        case .protected: last.state = .failed
        case .starting, .running: break
        }
        if last.state == .skipped { (last.startedAt, last.endedAt) = (nil, nil) }
        phases.append(last)
        return phases
    }

    /// CloudFormation waits from when the wait condition began, and that may be long before the head node was there.
    private var bootstrapLimit: Double {
        let limit = waitLimit
        guard let begun = operation.wait?.startedAt, let headNode = operation.headNode?.createdAt else { return limit }
        return max(0, limit - max(0, headNode.timeIntervalSince(begun)))
    }

    /// Whether the fleet was started so long after the stack was complete that it is another start.
    var isLaterStart: Bool {
        guard operation.kind == .create, let complete = operation.endedAt else { return false }
        return (reading.fleetChangedAt ?? reading.readAt).timeIntervalSince(complete) > 3600
    }

    /// When the fleet was said to run; nil if that is not known, or was so long after the stack that it was another start.
    private var fleetEnd: Date? {
        guard let complete = operation.endedAt, let told = reading.fleetChangedAt, !isLaterStart else { return nil }
        return max(told, complete)
    }

    private func phase(_ name: String, from start: Date?, to end: Date?, usual: Double, limit: Double? = nil) -> Phase {
        var phase = Phase(
            name: name, startedAt: start, endedAt: end.flatMap { start == nil ? nil : $0 }, usual: usual, usualCount: 0,
            limit: limit)
        guard start != nil else { return phase }
        phase.state = end != nil ? .done : hasFailed ? .failed : .running
        if phase.state == .failed { phase.endedAt = operation.endedAt }
        return phase
    }

    /// The wait condition, from when it is waited for.
    var wait: ClusterDetail.Wait? {
        guard let wait = operation.wait else { return nil }
        let state: Phase.State =
            wait.createdAt != nil ? .done : wait.failedAt != nil ? .failed : hasFailed ? .skipped : .running
        return ClusterDetail.Wait(
            logicalID: wait.logicalID, state: state, startedAt: wait.startedAt,
            endedAt: wait.createdAt ?? wait.failedAt,
            limit: waitLimit)
    }

    // MARK: groups

    func groups(_ memory: ClusterMemory) -> [ClusterDetail.ResourceGroup] {
        ResourceKinds.groups.compactMap { name in
            let members = operation.resources.filter { ResourceKinds.group($0) == name && !$0.isWaitCondition }
            guard let start = members.map(\.startedAt).min() else { return nil }
            let done = members.count { operation.kind == .create ? $0.createdAt != nil : isOver($0) }
            let isDone = done == members.count && operation.isPast(name)
            let state: Phase.State =
                members.contains(where: \.hasFailed)
                ? .failed : isDone ? .done : .running
            let end = members.compactMap { operation.kind == .create ? $0.createdAt : $0.endedAt }.max()
            let usual = memory.groups[name]
            return ClusterDetail.ResourceGroup(
                name: name, state: state, done: done, total: members.count, startedAt: start,
                endedAt: state == .running ? nil : end,
                usual: usual?.seconds ?? members.map { ResourceKinds.usual($0.type) }.max(),
                usualCount: usual?.runs ?? 0)
        }
    }

    private func isOver(_ resource: StackOperation.Resource) -> Bool { !resource.isInProgress }

    /// What is worked on, has failed, or hangs: failed first, then the oldest.
    func active(now: Date) -> [ClusterDetail.Resource] {
        let failed = operation.resources.filter(\.hasFailed)
        let busy = operation.resources.filter { $0.isInProgress && !$0.isWaitCondition }
        return (failed.sorted { $0.since < $1.since } + busy.sorted { $0.since < $1.since }).prefix(30)
            .map { Self.detail($0, now: now) }
    }

    static func detail(_ resource: StackOperation.Resource, now: Date) -> ClusterDetail.Resource {
        let usual = ResourceKinds.usual(resource.type)
        let taken = now.timeIntervalSince(resource.since)
        // Of a failed one counts how long it took to fail, not how long it has been taken back.
        let hasFailed = resource.failedAt != nil
        return ClusterDetail.Resource(
            logicalID: resource.logicalID, type: resource.type, status: resource.failedStatus ?? resource.status,
            reason: hasFailed ? resource.failedReason : resource.reason,
            startedAt: hasFailed ? resource.startedAt : resource.since,
            endedAt: hasFailed ? resource.failedAt : resource.endedAt, usual: usual,
            isStuck: resource.isInProgress && !resource.isWaitCondition && taken > ResourceKinds.stuckFactor * usual)
    }

    var rollback: ClusterDetail.Rollback? {
        guard operation.rollbackAt != nil, operation.kind == .create else { return nil }
        let failed = operation.resources.filter { $0.status == "DELETE_FAILED" }.map(\.logicalID)
        return ClusterDetail.Rollback(
            deleted: operation.resources.count { $0.isDeleted }, total: operation.resources.count,
            isOver: !ClusterStatus.isRollingBack(operation.stackStatus), failed: failed)
    }
}

extension StackOperation {
    /// Whether no further resource of a group is to be expected: CloudFormation tells of a resource only when it begins with it.
    fileprivate func isPast(_ group: String) -> Bool {
        if endedAt != nil { return true }
        // Everything but what waits for the head node has begun when it is there.
        return headNode?.createdAt != nil || group == "storage" && headNode != nil
    }
}
