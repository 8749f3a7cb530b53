import ArgumentParser
import Foundation

/// Writing and checking the config.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Write a commented config, or check one.",
        subcommands: [Initial.self, Check.self])

    struct Initial: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init", abstract: "Write a config in which every key is explained and commented out.")

        @Flag(help: "Print it instead of writing it.")
        var stdout = false

        func run() async throws {
            try await telling {
                if stdout { return print(ConfigKey.template, terminator: "") }
                let path = Paths().config
                guard !FileManager.default.fileExists(atPath: path) else {
                    throw CommandFailure(
                        "\(Paths.short(path)) is there already and was left as it is.",
                        advice: "`slipway config init --stdout` prints the template.", status: .failed)
                }
                do {
                    try FileManager.default.createDirectory(
                        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                    try Data(ConfigKey.template.utf8).write(
                        to: URL(fileURLWithPath: path), options: .withoutOverwriting)
                } catch {
                    throw CommandFailure(
                        "\(Paths.short(path)) cannot be written.", advice: "Check the rights of its folder.",
                        status: .failed)
                }
                print("wrote \(Paths.short(path))")
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Check a config; what is wrong is told with file and line.")

        @Argument(help: "The file; the usual one without it.")
        var file: String?

        func run() async throws {
            try await telling {
                let path = file ?? Paths().config
                do throws(ConfigProblems) {
                    guard try ConfigReader.read(path: path) != nil else {
                        throw ConfigProblems([.init(file: Paths.short(path), line: 1, text: "there is no such file")])
                    }
                } catch {
                    throw CommandFailure(
                        "The configuration is wrong.\n" + error.description,
                        advice: "`slipway config init --stdout` shows every key.", status: .usage)
                }
                print("\(Paths.short(path)) is fine")
            }
        }
    }
}
