import ArgumentParser
import ClusterPool
import Fleet
import Foundation

/// Lends a cluster.
struct PoolAssignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign", abstract: "Lend a free cluster to a session.",
        discussion:
            "A session that holds one already gets that one again. When none is free: who holds them, and when one is expected."
    )

    @Argument(help: "The session.")
    var session: String

    @Option(help: ArgumentHelp("This cluster and no other.", valueName: "name"))
    var cluster: String?

    @Option(help: "How many minutes it may keep it; 0 has no end. The pool's usual ones without it.")
    var minutes: Int?

    @OptionGroup var pool: PoolOptions

    func run() async throws {
        let (session, cluster, minutes) = (session, cluster, minutes)
        try await PoolWork.on(pool) { work in
            let life = minutes.map { Double($0) * 60 }
            do throws(PoolRefusal) {
                await Self.tell(
                    try await work.manager.assign(session, cluster: cluster, life: life), session, work)
            } catch {
                guard case .noneFree = error.reason else { throw error }
                // When one is free again is told best by who knows what goes on.
                try await work.settle()
                await Self.tell(
                    try await work.manager.assign(session, cluster: cluster, life: life), session, work)
            }
            return .done
        }
    }

    /// What a person does with it next, as commands.
    private static func tell(_ cluster: PoolCluster, _ session: String, _ work: PoolWork) async {
        let context = ShellText.quoted(work.pool.context)
        var until = ", without an end"
        if case .pool(let detail)? = await work.manager.item(cluster.namespace)?.detail,
            let end = detail.session?.expiresAt
        {
            let left = DurationText.short(end.timeIntervalSince(work.time.now()))
            until = " until \(WireTime.clock(end, zone: .current)), for \(left)"
        }
        Output.line("\(cluster.clusterID)  locked by \(session)\(until)")
        for (title, machine) in [("control plane", cluster.controlPlaneVM), ("worker       ", cluster.workerNodeVM)]
        where !PoolCluster.isPlaceholder(machine) {
            Output.line(
                "  \(title)  virtctl ssh \(work.pool.user)@vm/\(machine) --namespace \(cluster.namespace) --context \(context)"
            )
        }
        Output.line("  give it back   slipway pool release \(ShellText.quoted(session)) --context \(context)")
    }
}

/// Takes a cluster back.
struct PoolReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Take the cluster of a session back, and reset it.")

    @Argument(help: "The session, or the cluster that it holds.")
    var name: String

    @OptionGroup var options: PoolWorkOptions
    @OptionGroup var pool: PoolOptions

    func run() async throws {
        let (name, options) = (name, options)
        try await PoolWork.on(pool) { work in
            try await work.settle()
            let clusters = await work.manager.clusters()
            let isCluster = clusters.contains { $0.clusterID == name || $0.namespace == name }
            guard let held = clusters.first(where: { $0.assignedSession == name }) else {
                guard isCluster else {
                    throw CommandFailure(
                        "No cluster is held by session \(SafeText.line(name, limit: 80)), and none is called so.",
                        advice: "`slipway pool status` lists them.", status: .usage)
                }
                return try await work.carryOut(.release, [name], confirmed: options.confirm, waits: !options.noWait)
            }
            return try await work.carryOut(
                .release, [held.clusterID], confirmed: options.confirm, waits: !options.noWait)
        }
    }
}
