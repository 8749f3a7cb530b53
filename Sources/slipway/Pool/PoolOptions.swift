import ArgumentParser
import Fleet

/// Which pool is meant; shared by the commands that work on one.
struct PoolOptions: ParsableArguments {
    @Option(help: "The config file instead of the usual one.")
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The kube context of the pool; it need not be configured. Needed where several are.", valueName: "name"))
    var context: String?

    func choose() throws -> PoolChoice {
        try PoolChoice(context, in: try Config.read(config, Paths()))
    }
}

/// One kube context of the pools that are configured.
struct PoolChoice: Sendable {
    let entry: Config.Pool
    /// What the screen calls it.
    let id: String
    let context: String

    /// A config in which nothing else is read.
    var only: Config {
        var config = Config()
        var entry = entry
        entry.kubernetes.contexts = [context]
        config.pool = [entry]
        return config
    }

    init(entry: Config.Pool, id: String, context: String) {
        (self.entry, self.id, self.context) = (entry, id, context)
    }

    /// - Parameter name: a context, or what the screen calls it; nil takes the only one.
    init(_ name: String?, in config: Config) throws {
        let all = config.pool.flatMap { entry in entry.sources.map { (entry: entry, id: $0.id, context: $0.context) } }
        let names = all.map { String($0.id.dropFirst("pool:".count)) }.sorted().joined(separator: ", ")
        guard let name else {
            guard all.count <= 1 else {
                throw CommandFailure(
                    "Several pools are configured.", advice: "Say which with --context: \(names).", status: .usage)
            }
            guard let only = all.first else {
                throw CommandFailure(
                    "No pool is configured.",
                    advice: "Pass --context NAME, or write `pool: [CONTEXT]` into \(Paths.short(Paths().config)).",
                    status: .usage)
            }
            (entry, id, context) = only
            return
        }
        let meant = all.filter { $0.context == name || $0.id == name || $0.id == "pool:\(name)" }
        guard meant.count <= 1 else {
            throw CommandFailure(
                "\(meant.count) pools are in a context that is called \(SafeText.line(name, limit: 80)).",
                advice: "Say which with --context: \(names).", status: .usage)
        }
        if let only = meant.first {
            (entry, id, context) = only
            return
        }
        // Not configured: reached as the first one is.
        let first = config.pool.first?.kubernetes
        var entry = Config.Pool(kubernetes: .init(contexts: [name]))
        entry.kubernetes.kubeconfig = first?.kubeconfig
        entry.kubernetes.program = first?.program ?? entry.kubernetes.program
        (self.entry, id, context) = (entry, entry.sources[0].id, name)
    }
}
