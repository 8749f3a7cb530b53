import ArgumentParser
import ClusterPool
import Fleet

/// Resets a cluster.
struct PoolResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Restore both machines of a cluster from its golden snapshots.")

    @Argument(help: "The cluster.")
    var cluster: String

    @OptionGroup var options: PoolWorkOptions
    @OptionGroup var pool: PoolOptions

    func run() async throws {
        let (cluster, options) = (cluster, options)
        try await PoolWork.on(pool) { work in
            try await work.carryOut(.reset, [cluster], confirmed: options.confirm, waits: !options.noWait)
        }
    }
}

/// Makes clusters.
struct PoolBootstrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bootstrap",
        abstract: "Make clusters from the machine templates, and take their golden snapshots.",
        discussion: "Without names: all clusters of the pool's config, cluster1 to cluster3 without that.")

    @Argument(help: "The clusters.")
    var clusters: [String] = []

    @OptionGroup var options: PoolWorkOptions
    @OptionGroup var pool: PoolOptions

    func run() async throws {
        let (clusters, options) = (clusters, options)
        try await PoolWork.on(pool, builds: true) { work in
            let all = clusters.isEmpty ? work.pool.settings.clusters : clusters
            return try await work.carryOut(.bootstrap, all, confirmed: options.confirm, waits: !options.noWait)
        }
    }
}

/// Takes golden snapshots.
struct PoolSnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot", abstract: "Take the golden snapshots of clusters as they are now.",
        discussion: "Without names: of all clusters of the pool.")

    @Argument(help: "The clusters.")
    var clusters: [String] = []

    @OptionGroup var options: PoolWorkOptions
    @OptionGroup var pool: PoolOptions

    func run() async throws {
        let (clusters, options) = (clusters, options)
        try await PoolWork.on(pool) { work in
            try await work.settle()
            let all = clusters.isEmpty ? await work.manager.clusters().map(\.clusterID) : clusters
            guard !all.isEmpty else {
                throw CommandFailure(
                    "The pool has no clusters yet.", advice: "`slipway pool bootstrap` makes them.", status: .usage)
            }
            return try await work.carryOut(.snapshot, all, confirmed: options.confirm, waits: !options.noWait)
        }
    }
}

/// Says by hand where a cluster stands.
struct PoolMarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark", abstract: "Say that a cluster is ready to be lent, or that a person is needed.",
        discussion: "A cluster that another backend keeps is taken over when it is marked available.")

    enum Mark: String, ExpressibleByArgument, CaseIterable {
        case available, error

        var verb: Action.Verb { self == .available ? .markAvailable : .markError }
    }

    @Argument(help: "The cluster.")
    var cluster: String

    @Argument(help: "available or error.")
    var mark: Mark

    @Option(help: "Why, for whoever looks at it; of error only.")
    var reason: String?

    @Option(help: ArgumentHelp("Confirms what would take the cluster from somebody.", valueName: "cluster"))
    var confirm: String?

    @OptionGroup var pool: PoolOptions

    func validate() throws {
        if mark == .available, reason != nil { throw ValidationError("--reason goes with error only.") }
    }

    func run() async throws {
        let (cluster, mark, reason, confirm) = (cluster, mark, reason, confirm)
        try await PoolWork.on(pool) { work in
            try await work.settle()
            let confirmed = try await work.confirm(mark.verb, [cluster], confirm.map { [$0] } ?? [])
            let marked = try await work.manager.order(
                mark.verb, cluster, argument: reason, isConfirmed: confirmed.contains(cluster))
            Output.line("\(marked.clusterID)  \(marked.status.rawValue)")
            return .done
        }
    }
}
