import ArgumentParser
import Fleet

#if canImport(Glibc)
import Glibc
#endif

/// `slipway`: what is being brought up, on one screen.
@main
struct SlipwayCommand: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "slipway",
        abstract: "Shows everything that is being brought up: is it moving, is it normal, how much longer, what to do.",
        discussion: """
            Without a subcommand it opens the dashboard on the configured or detected sources.
            Exit status: 0 done, 1 failed, 2 usage, 3 overdue, 4 unreachable.
            """,
        version: version,
        subcommands: [
            DashboardCommand.self, StatusCommand.self, WatchCommand.self, AmiCommand.self, ServeCommand.self,
            ConfigCommand.self,
            PoolCommand.self, DoctorCommand.self, AgentCommand.self, AttachCommand.self, ReplayCommand.self,
            ThemesCommand.self, KeysCommand.self,
        ],
        defaultSubcommand: DashboardCommand.self)

    /// The parser's own exit status for wrong usage is 64; ours is 2.
    static func main() async {
        // A pipe that nobody reads any more is an error to be told, not the end.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let code = exitCode(for: error)
            guard code == .validationFailure else { exit(withError: error) }
            Output.error(unknownCommand ?? fullMessage(for: error))
            exit(withError: ExitCode(ExitStatus.usage.rawValue))
        }
    }

    /// The parser takes a word it does not know for an argument of the dashboard, and says so; a person meant a command.
    private static var unknownCommand: String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !names.contains(word) else {
            return nil
        }
        return
            "slipway: There is no command \(SafeText.line(word, limit: 40)).\n  There are: \(names.joined(separator: ", "))."
    }
}
