import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Readings of a cluster become an item. Pure.
public struct ClusterRules: Sendable {
    /// Seconds that a creation may take as a whole. Source: the seed's configuration timeout.
    public static let usualLimit: Double = 1800
    /// The events an item carries, and the lines of one log.
    static let eventLimit = 40

    /// Seconds for which a resource must have been stuck before a person is called.
    private static let stuckLeast: Double = 180

    let source: SourceID
    /// Seconds.
    let limit: Double
    private let origin: String

    public init(source: SourceID, limit: Double = ClusterRules.usualLimit) {
        self.source = source
        self.limit = limit
        origin = "AWS \(source)"
    }

    public func itemID(_ name: String) -> ItemID { ItemID(kind: .cluster, source: source, key: name) }

    /// - Parameter runs: earlier creations of this region, newest first.
    public func item(_ reading: ClusterReading, runs: [Run], now: Date) -> Item {
        let operation = StackOperation(reading.stack)
        let profile = Self.profile(reading)
        let memory = ClusterMemory(runs, profile: profile)
        let track = operation.map { ClusterTrack(operation: $0, reading: reading) }
        let state = state(reading)
        let isCreation = operation?.kind == .create || operation == nil
        let ended = state == .running ? nil : endedAt(reading, operation, track)
        return Item(
            id: itemID(reading.name), kind: .cluster, name: SafeText.line(reading.name, limit: 80), source: source,
            state: state, word: word(reading, state), startedAt: operation?.startedAt ?? created(reading),
            endedAt: ended, limit: isCreation && track?.isLaterStart != true ? limit : nil,
            progress: operation.flatMap { ClusterProgress.progress($0, reading: reading, memory: memory) },
            phases: track?.phases ?? [], evidence: Evidence(at: lastSign(reading, now: now), from: origin),
            diagnosis: diagnosis(reading, operation, track, memory, now: now), advice: advice(reading),
            profile: operation?.kind == .create ? profile : operation?.kind.rawValue,
            detail: .cluster(detail(reading, operation, track, memory, now: now)))
    }

    private func state(_ reading: ClusterReading) -> Item.State {
        if reading.isAbsent { return .waiting }
        if let state = ClusterStatus.state(stack: reading.stackStatus, cluster: reading.clusterStatus) { return state }
        switch ClusterStatus.fleet(reading.fleetStatus) {
        case .starting: return .running
        case .protected: return .failed
        case .running, .skipped, .unknown: return .done
        }
    }

    /// Its own word; of a complete stack with a fleet that is not, the fleet's.
    private func word(_ reading: ClusterReading, _ state: Item.State) -> String {
        if reading.isAbsent { return "not created yet" }
        let word = ClusterStatus.word(stack: reading.stackStatus, cluster: reading.clusterStatus)
        guard word == "CREATE_COMPLETE", state != .done, let fleet = reading.fleetStatus else {
            return SafeText.line(word, limit: 60)
        }
        return SafeText.line("\(word), fleet \(fleet)", limit: 60)
    }

    private func created(_ reading: ClusterReading) -> Date? {
        reading.description?.creationTime.flatMap { WireTime.date($0, zone: .gmt) }
    }

    private func endedAt(_ reading: ClusterReading, _ operation: StackOperation?, _ track: ClusterTrack?) -> Date? {
        if reading.stackStatus == "DELETE_COMPLETE" { return reading.readAt }
        guard let operation else { return nil }
        guard operation.kind == .create, let end = operation.endedAt else { return operation.endedAt }
        return max(end, track?.phases.last?.endedAt ?? end)
    }

    private func lastSign(_ reading: ClusterReading, now: Date) -> Date {
        var signs = [reading.stack.events.last?.at]
        if case .streams(let streams) = reading.logs { signs += streams.map(\.lastAt) }
        let isMoving = ClusterStatus.state(stack: reading.stackStatus, cluster: reading.clusterStatus) == .running
        // Of what rests, the last answer is the sign; of what moves, its last movement.
        return isMoving ? min(now, signs.compactMap { $0 }.max() ?? reading.readAt) : reading.readAt
    }

    /// What creations may be compared by: the instance types, as far as they are known.
    static func profile(_ reading: ClusterReading) -> String? {
        var types = Set(reading.stack.events.flatMap(\.instanceTypes))
        if let type = reading.description?.headNode?.instanceType { types.insert(SafeText.line(type, limit: 40)) }
        return types.isEmpty ? nil : types.sorted().joined(separator: "+")
    }

    // MARK: trouble

    private func diagnosis(
        _ reading: ClusterReading, _ operation: StackOperation?, _ track: ClusterTrack?, _ memory: ClusterMemory,
        now: Date
    ) -> Diagnosis? {
        switch state(reading) {
        case .failed:
            if ClusterStatus.fleet(reading.fleetStatus) == .protected, !StackOperation.fails(reading.stackStatus) {
                return FailureDiagnosis.protected(reading)
            }
            return FailureDiagnosis.diagnosis(reading, rootCause: operation?.rootCause, now: now)
        case .running:
            let usual = memory.longBootstrap.map { (high: $0.seconds, n: $0.runs) }
            if let wait = track?.wait, wait.state == .running,
                let likely = WaitDiagnosis.diagnosis(ClusterFacts(reading, now: now, usualWait: usual))
            {
                return likely
            }
            return track.flatMap { stuck($0, reading, now: now) }
        case .waiting, .done, .held, .unknown: return nil
        }
    }

    private func stuck(_ track: ClusterTrack, _ reading: ClusterReading, now: Date) -> Diagnosis? {
        // Three times a few seconds is nothing yet that needs a person.
        let stuck = track.active(now: now).filter {
            $0.isStuck && now.timeIntervalSince($0.startedAt) > Self.stuckLeast
        }
        guard let first = stuck.first else { return nil }
        let signs = stuck.prefix(3).map { resource in
            "\(resource.logicalID) (\(resource.type)): \(resource.status) for "
                + "\(DurationText.short(now.timeIntervalSince(resource.startedAt))), usual "
                + DurationText.short(resource.usual ?? 0)
        }
        return Diagnosis(
            cause: "\(first.logicalID) takes more than three times as long as its type usually does.", signs: signs,
            next: advice(reading))
    }

    private func advice(_ reading: ClusterReading) -> [String] {
        let target = "-n \(reading.name) -r \(reading.region)"
        return ["pcluster get-cluster-stack-events \(target)", "pcluster describe-cluster \(target)"]
    }

    // MARK: detail

    private func detail(
        _ reading: ClusterReading, _ operation: StackOperation?, _ track: ClusterTrack?, _ memory: ClusterMemory,
        now: Date
    ) -> ClusterDetail {
        let cause = operation?.rootCause
        return ClusterDetail(
            region: reading.region,
            version: (reading.description?.version ?? reading.summary?.version).map { SafeText.line($0, limit: 20) },
            scheduler: (reading.description?.scheduler?.type ?? reading.summary?.scheduler?.type).map {
                SafeText.line($0, limit: 20)
            }, operation: operation?.kind ?? .create, stackStatus: SafeText.line(reading.stackStatus, limit: 60),
            fleetStatus: reading.fleetStatus.map { SafeText.line($0, limit: 30) }, headNode: headNode(reading),
            components: operation?.kind == .delete
                ? [] : ClusterComponents(operation: operation, reading: reading, now: now).all,
            groups: track?.groups(memory) ?? [], active: track?.active(now: now) ?? [],
            expectedFrom: operation.flatMap {
                $0.kind == .create ? ClusterProgress.expected($0, memory: memory).from : nil
            }, wait: track?.wait, rollback: track?.rollback,
            rootCause: operation.flatMap { operation in
                operation.resources.first { $0.logicalID == cause?.logicalID }.map {
                    var resource = ClusterTrack.detail($0, now: now)
                    // In a rollback its newest status is that of its deletion.
                    (resource.status, resource.reason) = (cause?.status ?? resource.status, cause?.reason)
                    return resource
                }
            },
            failureCode: reading.description?.failures?.first?.failureCode.map { SafeText.line($0, limit: 60) }
                ?? cause?.reason.flatMap {
                    cause?.type == "AWS::CloudFormation::WaitCondition" ? FailureDiagnosis.code(forReason: $0) : nil
                },
            events: reading.stack.events.suffix(Self.eventLimit).map {
                ClusterDetail.StackEvent(
                    at: $0.at, logicalID: $0.logicalID, type: $0.type, status: $0.status, reason: $0.reason)
            }, logs: logs(reading), computeNodes: reading.computeNodes,
            trouble: reading.trouble.map { SafeText.line($0, limit: 300) })
    }

    private func headNode(_ reading: ClusterReading) -> ClusterDetail.HeadNode? {
        guard let node = reading.description?.headNode, let id = node.instanceId else { return nil }
        return ClusterDetail.HeadNode(
            instanceID: SafeText.line(id, limit: 40), instanceType: SafeText.line(node.instanceType ?? "", limit: 40),
            state: SafeText.line(node.state ?? "unknown", limit: 20),
            launchedAt: node.launchTime.flatMap { WireTime.date($0, zone: .gmt) },
            privateIP: node.privateIpAddress.map { SafeText.line($0, limit: 45) },
            publicIP: node.publicIpAddress.map { SafeText.line($0, limit: 45) })
    }

    private func logs(_ reading: ClusterReading) -> [ClusterDetail.LogTail] {
        guard case .streams(let streams) = reading.logs else { return [] }
        return streams.map {
            ClusterDetail.LogTail(name: $0.log, stream: $0.name, lastAt: $0.lastAt, lines: $0.lines)
        }
    }
}
