import ArgumentParser
import ClusterPool

/// The pool of practice clusters: looking, lending, resetting, making.
struct PoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Look at a pool of practice clusters, and manage it.",
        discussion: """
            What takes long is done here, step by step, and goes on where it stands in any running manager when this ends. What would hurt
            somebody is asked for by name: at the terminal, or with --confirm NAME.
            Exit status: 0 done, 1 failed or not free, 2 usage or not confirmed, 3 overdue, 4 unreachable.
            """,
        subcommands: [
            PoolStatusCommand.self, PoolAssignCommand.self, PoolReleaseCommand.self, PoolResetCommand.self,
            PoolBootstrapCommand.self, PoolSnapshotCommand.self, PoolMarkCommand.self, PoolMaintainCommand.self,
            PoolTemplatesCommand.self,
        ],
        defaultSubcommand: PoolStatusCommand.self)
}

/// What commands that do something take besides the pool.
struct PoolWorkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Confirms what would destroy something of this cluster; may be given several times.", valueName: "cluster"))
    var confirm: [String] = []

    @Flag(help: "Only order it: a running manager does it.")
    var noWait = false
}
