import ArgumentParser
import Dashboard
import Screen

/// The keys, from the register.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List all keys and the names under which they can be changed.")

    @Flag(help: "As a Markdown table.")
    var markdown = false

    func run() async throws {
        print(markdown ? Self.table : Self.list, terminator: "")
    }

    static var table: String {
        "| key | does | name in `keys:` |\n|---|---|---|\n"
            + Binding.standard.map { binding in
                let keys = binding.keys.map { "`\($0.name)`" }.joined(separator: " ")
                return "| \(keys) | \(binding.tooltip) | `\(binding.name)` |\n"
            }.joined()
    }

    private static var list: String {
        Binding.standard.map { binding in
            let keys = Text.padded(binding.keys.map(\.name).joined(separator: " "), to: 18)
            return "\(keys)  \(Text.padded(binding.name, to: 16))  \(binding.tooltip)\n"
        }.joined()
    }
}
