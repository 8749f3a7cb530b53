/// All that CloudFormation does to one stack, from its creation to its end. Times are seconds since the creation was
/// asked for.
struct StackPlan: Sendable {
    /// When one resource was begun, began to exist, and was complete or failed.
    struct Span: Sendable {
        let resource: StackResource
        let starts: Double
        let exists: Double
        var ends: Double
        /// Why it is not created; nil for one that is complete at the end.
        var failure: String?
        let physicalID: String
    }

    /// Oldest first.
    private(set) var events: [StackEvent] = []
    private(set) var headNode: Span
    private(set) var waitCondition: Span
    /// The seconds that the head node needs, or would need, from its launch until it is ready.
    let bootstrap: Double
    /// When the stack is complete; nil if its creation fails.
    private(set) var completedAt: Double?
    /// When the compute nodes are terminated, and when the head node is.
    private(set) var computeEndsAt: Double?
    private(set) var headNodeEndsAt: Double?

    private let name: String
    private let stackID: String

    /// - Parameter isSlow: the file system of this life takes much longer than usual.
    init?(of cluster: SandboxCluster, template: StackTemplate, stackID: String, isSlow: Bool, chance: SeededGenerator) {
        var chance = chance
        name = cluster.name
        self.stackID = stackID
        let setUp = 300 * chance.factor(spread: 0.12)
        let completion = 13 * chance.factor(spread: 0.2)
        let spans = Self.spans(of: cluster, template: template, setUp: setUp, isSlow: isSlow, chance: &chance)
        guard let headNode = spans.first(where: { $0.resource.id == StackTemplate.headNode }),
            let waitCondition = spans.first(where: { $0.resource.id == template.waitCondition })
        else { return nil }
        self.headNode = headNode
        self.waitCondition = waitCondition
        bootstrap = waitCondition.starts - headNode.exists + setUp
        addStack("CREATE_IN_PROGRESS", at: 0, reason: StackReason.byUser)
        if waitCondition.failure == nil {
            addSuccess(of: spans, completion: completion, period: cluster.period, chance: chance)
        } else {
            addFailure(of: spans, period: cluster.period, chance: chance)
        }
        // By their places, so that rows of one instant keep their order.
        let rows = events
        events = rows.indices.sorted { (rows[$0].at, $0) < (rows[$1].at, $1) }.map { rows[$0] }
    }

    /// Everything is begun as soon as what it needs is complete.
    ///
    /// - Parameter setUp: seconds that the head node needs while the stack waits for it.
    private static func spans(
        of cluster: SandboxCluster, template: StackTemplate, setUp: Double, isSlow: Bool,
        chance: inout SeededGenerator
    ) -> [Span] {
        let pace = chance.factor(spread: 0.06)
        var done: [String: Span] = [:]
        return template.resources.map { resource in
            let starts = (resource.after.compactMap { done[$0]?.ends }.max() ?? 2.4) + 0.3 + chance.unit()
            var seconds = max(1.2, resource.creation * pace * chance.factor(spread: 0.14))
            var failure: String?
            if isSlow, resource.type == "AWS::FSx::FileSystem" { seconds = 840 + 360 * chance.unit() }
            if resource.id == template.waitCondition, let node = done[StackTemplate.headNode] {
                (seconds, failure) = wait(for: node, from: starts, setUp: setUp, fate: cluster.fate)
            }
            let exists = starts + min(seconds * 0.4, 0.7 + 2 * chance.unit())
            let span = Span(
                resource: resource, starts: starts, exists: exists, ends: starts + seconds, failure: failure,
                physicalID: physicalID(of: resource, stack: cluster.name, chance: &chance))
            done[resource.id] = span
            return span
        }
    }

    /// How long the stack waits for its head node, and why it waits no longer.
    private static func wait(
        for node: Span, from starts: Double, setUp: Double, fate: SandboxCluster.Fate
    ) -> (seconds: Double, failure: String?) {
        switch fate {
        case .settled, .steady, .slowStorage: return (setUp, nil)
        case .hanging: return (1800, StackReason.timedOut)
        case .failingScript:
            let whole = starts - node.exists + setUp
            let seconds = node.exists + whole * HeadNodeScript.failsAt - starts
            return (seconds, HeadNodeScript.failure(of: node.physicalID))
        }
    }

    private mutating func addSuccess(
        of spans: [Span], completion: Double, period: Double?, chance: SeededGenerator
    ) {
        add(creationOf: spans)
        let completed = (spans.map(\.ends).max() ?? 0) + completion
        addStack("CREATE_COMPLETE", at: completed)
        completedAt = completed
        guard let period else { return }
        let starts = period - SandboxCluster.pause - length(ofRemoving: spans, chance: chance)
        addStack("DELETE_IN_PROGRESS", at: starts, reason: StackReason.byUser)
        let ends = add(removalOf: spans, from: starts, chance: chance)
        addStack("DELETE_COMPLETE", at: ends + 1)
    }

    /// The creation stops where the wait condition failed, and all that was created is deleted again.
    private mutating func addFailure(of spans: [Span], period: Double?, chance: SeededGenerator) {
        let failedAt = waitCondition.ends
        let begun = spans.filter { $0.starts <= failedAt }.map { span in
            guard span.ends > failedAt else { return span }
            var cancelled = span
            cancelled.ends = failedAt + 0.4
            cancelled.failure = StackReason.cancelled
            return cancelled
        }
        add(creationOf: begun)
        let failed = begun.filter { $0.failure != nil }.map(\.resource.id)
        addStack("ROLLBACK_IN_PROGRESS", at: failedAt + 0.9, reason: StackReason.rollback(failed))
        let ends = add(removalOf: begun, from: failedAt + 0.9, chance: chance)
        addStack("ROLLBACK_COMPLETE", at: ends + 1)
        guard let period else { return }
        // Nothing is left to delete but the stack.
        let deletion = period - SandboxCluster.pause - 12
        addStack("DELETE_IN_PROGRESS", at: deletion, reason: StackReason.byUser)
        addStack("DELETE_COMPLETE", at: deletion + 12)
    }

    private mutating func add(creationOf spans: [Span]) {
        for span in spans {
            let resource = span.resource
            func add(_ status: String, at: Double, reason: String? = nil, isThere: Bool) {
                events.append(
                    StackEvent(
                        at: at, logicalID: resource.id, type: resource.type, status: status, reason: reason,
                        physicalID: isThere ? span.physicalID : "", properties: resource.properties))
            }
            add("CREATE_IN_PROGRESS", at: span.starts, isThere: false)
            if span.exists < span.ends {
                add("CREATE_IN_PROGRESS", at: span.exists, reason: StackReason.initiated, isThere: true)
            }
            add(
                span.failure == nil ? "CREATE_COMPLETE" : "CREATE_FAILED", at: span.ends, reason: span.failure,
                isThere: span.exists < span.ends)
        }
    }

    /// - Returns: when the last of them is gone.
    private mutating func add(removalOf spans: [Span], from start: Double, chance: SeededGenerator) -> Double {
        var last = start
        for removal in Self.removals(of: spans, from: start, chance: chance) {
            let resource = removal.span.resource
            func add(_ status: String, at: Double) {
                events.append(
                    StackEvent(
                        at: at, logicalID: resource.id, type: resource.type, status: status,
                        physicalID: removal.span.physicalID, properties: resource.properties))
            }
            if resource.isKept {
                add("DELETE_SKIPPED", at: removal.starts)
            } else {
                add("DELETE_IN_PROGRESS", at: removal.starts)
                add("DELETE_COMPLETE", at: removal.ends)
            }
            if resource.id == StackTemplate.headNode { headNodeEndsAt = removal.ends - 6 }
            if resource.id.hasPrefix("TerminateComputeFleet") { computeEndsAt = removal.starts + 9 }
            last = max(last, removal.ends)
        }
        return last
    }

    private func length(ofRemoving spans: [Span], chance: SeededGenerator) -> Double {
        (Self.removals(of: spans, from: 0, chance: chance).map(\.ends).max() ?? 0) + 1
    }

    /// A resource goes when all that needed it are gone.
    private static func removals(
        of spans: [Span], from start: Double, chance: SeededGenerator
    ) -> [(span: Span, starts: Double, ends: Double)] {
        var chance = chance
        var free: [String: Double] = [:]
        return spans.reversed().map { span in
            let resource = span.resource
            let starts = (free[resource.id] ?? start + 1.4) + 0.2 + chance.unit()
            let ends = starts + (resource.isKept ? 0 : max(1, resource.deletion * chance.factor(spread: 0.14)))
            for needed in resource.after { free[needed] = max(free[needed] ?? 0, ends) }
            return (span, starts, ends)
        }
    }

    private mutating func addStack(_ status: String, at: Double, reason: String? = nil) {
        events.append(
            StackEvent(
                at: at, logicalID: name, type: StackEvent.stackType, status: status, reason: reason,
                physicalID: stackID))
    }

    private static let prefixes = [
        "AWS::EC2::Instance": "i", "AWS::EC2::SecurityGroup": "sg", "AWS::EC2::NetworkInterface": "eni",
        "AWS::EC2::LaunchTemplate": "lt", "AWS::EC2::Volume": "vol", "AWS::EFS::FileSystem": "fs",
        "AWS::EFS::MountTarget": "fsmt", "AWS::FSx::FileSystem": "fs",
    ]

    private static func physicalID(
        of resource: StackResource, stack: String, chance: inout SeededGenerator
    ) -> String {
        let digits = chance.hexadecimal(17)
        if let prefix = prefixes[resource.type] { return "\(prefix)-\(digits)" }
        return "\(stack)-\(resource.id)-\(digits.prefix(12).uppercased())"
    }
}
