import Fleet

/// What earlier creations of this region have taught: how many resources there will be, and how long each group takes.
public struct ClusterMemory: Sendable, Equatable {
    struct Usual: Sendable, Equatable {
        var seconds: Double
        var runs: Int
    }

    /// Resources of the newest creation with the same configuration; nil when there was none.
    var resources: Int?
    /// By the name of the group.
    var groups: [String: Usual] = [:]
    /// The 90th percentile of the head node's bootstrap, in seconds.
    var longBootstrap: Usual?

    public init() {}

    /// - Parameters:
    ///   - runs: of this region, newest first.
    ///   - profile: the configuration: instance types. Counts are only learned from the same one; durations of groups from all.
    init(_ runs: [Run], profile: String?) {
        let creations = runs.filter { $0.outcome == .done && $0.phases.contains { $0.name == ClusterPhase.bootstrap } }
        let same = creations.filter { $0.profile == profile && profile != nil }
        resources = same.first.map { $0.parts.reduce(0) { $0 + $1.count } }.flatMap { $0 > 0 ? $0 : nil }
        var seconds: [String: [Double]] = [:]
        for run in (same.count >= 3 ? same : creations).prefix(50) {
            for part in run.parts where part.seconds > 0 { seconds[part.name, default: []].append(part.seconds) }
        }
        for (name, values) in seconds where values.count >= 3 {
            groups[name] = Usual(seconds: values.sorted()[values.count / 2], runs: values.count)
        }
        let bootstraps = creations.compactMap { run in
            run.phases.first { $0.name == ClusterPhase.bootstrap && $0.outcome == .done }?.seconds
        }.sorted()
        if bootstraps.count >= 3 {
            longBootstrap = Usual(
                seconds: bootstraps[min(bootstraps.count - 1, bootstraps.count * 9 / 10)], runs: bootstraps.count)
        }
    }
}

/// The steps of a creation on its longest way, one after another; resources are built beside each other, these are not.
enum ClusterPhase {
    static let infrastructure = "infrastructure"
    static let bootstrap = "head node bootstrap"
    static let completion = "stack completion"
    static let fleet = "compute fleet"
    static let update = "update"
    static let deletion = "deletion"
}
