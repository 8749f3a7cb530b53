import ArgumentParser
import Foundation
import Screen
import Themes

/// Listing and checking themes.
struct ThemesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "themes", abstract: "List the themes, or check one.", subcommands: [List.self, Check.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Name all themes.")

        func run() async throws {
            let own = (try? FileManager.default.contentsOfDirectory(atPath: Paths().themes)) ?? []
            let names = own.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
            for name in Set(names).union(BuiltInThemes.names).sorted() { print(name) }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Check a theme: keys, colours, contrast, statuses that look alike.")

        @Argument(help: "A name, or a file that ends in .yaml.")
        var name: String

        func run() async throws {
            try await telling {
                let (theme, problems) = ThemeChoice(paths: Paths()).read(name)
                for problem in problems { print(problem) }
                if theme == nil, problems.isEmpty {
                    throw CommandFailure(
                        "There is no theme called \(name).", advice: "`slipway themes list` names all.", status: .usage)
                }
                guard problems.isEmpty else { throw ExitCode(ExitStatus.failed.rawValue) }
                print("\(name) is fine")
            }
        }
    }
}
