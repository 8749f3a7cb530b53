import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What was read of one node, from whichever routes the service has.
public struct NodeReading: Sendable, Equatable {
    public var node: WireNode
    /// The cloud's id of the server.
    public var deployment: String?
    /// When the node's own row was written last.
    public var changedAt: Date?
    /// Whether `rows` hold what both reporting channels said; else the second one shows only in the node's status word.
    public var hasBothChannels: Bool
    /// All rows, oldest first.
    public var rows: [DeploymentRow]
    /// What the second channel was heard to say at earlier readings, oldest first: it writes one word over the other.
    public var heard: [DeploymentRow] = []

    public init(
        node: WireNode, deployment: String?, changedAt: Date?, hasBothChannels: Bool = false, rows: [DeploymentRow]
    ) {
        self.node = node
        self.deployment = deployment
        self.changedAt = changedAt
        self.hasBothChannels = hasBothChannels
        self.rows = rows
    }

    /// This reading with what was heard until the one before, and with what is heard now.
    public func following(heard: [DeploymentRow]) -> NodeReading {
        var next = self
        next.heard = heard
        if let row = heardNow, row.phase != next.heard.last?.phase || row.at < (rows.last?.at ?? .distantPast) {
            next.heard.append(row)
        }
        // More than a deployment's worth of words is an earlier deployment's.
        next.heard = next.heard.suffix(40).filter { $0.at >= rows.first?.at ?? .distantPast }
        return next
    }

    /// The status word as a row, where it tells more than the history does.
    private var heardNow: DeploymentRow? {
        guard !hasBothChannels, let changedAt, changedAt >= rows.last?.at ?? .distantPast else { return nil }
        let word = node.deploymentStatus
        if InstallerChannel.phase(for: word) != nil {
            return DeploymentRow(phase: word, status: "in_progress", message: "", at: changedAt, channel: .installer)
        }
        let last = rows.last
        let isNews =
            switch word {
            case "failed", "error", "timeout": last?.status != "failed"
            case "deployed": last?.status != "success"
            case "cleanup_completed": last?.phase != word
            default: false
            }
        guard isNews else { return nil }
        let phase = ["error", "timeout"].contains(word) ? "failed" : word
        return DeploymentRow(phase: phase, status: phase, message: "", at: changedAt)
    }
}

/// Readings of a node become an item. Pure.
public struct NodeRules: Sendable {
    /// The reports an item carries; older ones stay with the service.
    static let reportLimit = 40

    let source: SourceID
    let plan: PhasePlan
    /// The service's address for commands a person may copy.
    let address: String
    private let origin: String

    public init(source: SourceID, plan: PhasePlan, address: String) {
        origin = "status API \(source)"
        self.source = source
        self.plan = plan
        self.address = address
    }

    public func itemID(node: Int) -> ItemID { ItemID(kind: .metal, source: source, key: String(node)) }

    public func item(_ reading: NodeReading, now: Date) -> Item { read(reading, now: now).item }

    /// The item, and the run that its percentage follows from.
    func read(_ reading: NodeReading, now: Date) -> (item: Item, run: DeploymentRun) {
        let node = reading.node
        let rows = (reading.rows + reading.heard).sorted { $0.at < $1.at }
        let run = DeploymentRun(history: rows, plan: plan)
        // The second channel renews a node's row also with words that say nothing about its phase.
        let lastSign = [rows.last?.at, reading.changedAt].compactMap { $0 }.max() ?? now
        let isSilentSoFar = rows.isEmpty
        let item = Item(
            id: itemID(node: node.id), kind: .metal, name: SafeText.line(node.nodeName, limit: 80), source: source,
            state: isSilentSoFar ? Self.state(of: node.deploymentStatus) : state(of: run),
            word: SafeText.line(isSilentSoFar ? node.deploymentStatus : run.word, limit: 60), startedAt: run.startedAt,
            endedAt: run.endedAt, limit: plan.total,
            progress: Progress(
                percent: run.percent(at: now), done: run.phasesDone, total: plan.steps.count, unit: "phases"),
            phases: run.phases.map(safe),
            evidence: Evidence(
                at: lastSign, from: origin,
                patience: run.phases.last(where: { $0.state == .running })?.limit == nil
                    ? PhasePlan.patience : nil),
            diagnosis: diagnosis(run, node), advice: run.outcome == .deployed ? [] : advice(run.word, node),
            profile: node.serverProfile.map { SafeText.line($0, limit: 80) },
            detail: .metal(detail(reading, rows)))
        return (item, run)
    }

    /// A node without any history has only its status word.
    private static func state(of word: String) -> Item.State {
        switch word {
        case "pending", "cleanup_completed": .waiting
        case "provisioning", "deploying", "reinitializing": .running
        case "deployed": .done
        case "failed", "error", "timeout": .failed
        default: .unknown
        }
    }

    private func state(of run: DeploymentRun) -> Item.State {
        switch run.outcome {
        case .deployed: .done
        case .failed: .failed
        // Nothing runs and nothing is wrong any more: the node waits for its next deployment.
        case .cleaned: .waiting
        case .none: run.rows.isEmpty || run.word == "pending" ? .waiting : .running
        }
    }

    private func diagnosis(_ run: DeploymentRun, _ node: WireNode) -> Diagnosis? {
        guard case .failed(let phase, let message) = run.outcome else { return nil }
        let said = message.isEmpty ? "no message was given" : SafeText.line(message, limit: 200)
        var signs = ["reported by the node in \(SafeText.line(phase, limit: 60))"]
        if let step = run.phases.first(where: { $0.name == phase }), let start = step.startedAt, let end = step.endedAt
        {
            signs.append("\(DurationText.short(end.timeIntervalSince(start))) after the phase began")
        }
        return Diagnosis(cause: "\(SafeText.line(phase, limit: 60)): \(said)", signs: signs, next: advice(phase, node))
    }

    private func advice(_ phase: String, _ node: WireNode) -> [String] {
        [FailureAdvice.look(phase), "curl -s \(address)/api/status/history/\(node.id)"]
    }

    private func detail(_ reading: NodeReading, _ rows: [DeploymentRow]) -> MetalDetail {
        let node = reading.node
        return MetalDetail(
            node: node.id, managementIP: node.managementIP.map { SafeText.line($0, limit: 64) },
            workloadIP: node.workloadIP.map { SafeText.line($0, limit: 64) },
            deployment: reading.deployment.map { SafeText.line($0, limit: 80) },
            serverProfile: node.serverProfile.map { SafeText.line($0, limit: 80) },
            clusterRole: node.clusterRole.map { SafeText.line($0, limit: 80) },
            deploymentStatus: SafeText.line(node.deploymentStatus, limit: 60),
            message: rows.last { !$0.message.isEmpty }.map { SafeText.line($0.message) } ?? "",
            reports: rows.suffix(Self.reportLimit).map { row in
                MetalDetail.Report(
                    phase: SafeText.line(row.phase, limit: 60), status: SafeText.line(row.status, limit: 40),
                    message: SafeText.line(row.message), at: row.at)
            })
    }

    private func safe(_ phase: Phase) -> Phase {
        var phase = phase
        phase.name = SafeText.line(phase.name, limit: 60)
        return phase
    }
}
