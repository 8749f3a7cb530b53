import ArgumentParser
import ClusterPool
import Fleet
import Foundation

/// Writes the built-in machine templates.
struct PoolTemplatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "templates", abstract: "Write the built-in machine templates into a folder, to be changed there.",
        discussion: "Files that are there are left as they are. `templates` of the pool in the config names the folder."
    )

    @Argument(help: "The folder; it is made if it is missing.")
    var folder: String

    func run() async throws {
        try await telling {
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw failure(folder)
            }
            for (name, text) in PoolTemplates.builtIn.sorted(by: { $0.key < $1.key }) {
                let path = folder + "/" + name
                do {
                    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
                    Output.line("wrote \(Paths.short(path))")
                } catch let error as CocoaError where error.code == .fileWriteFileExists {
                    Output.line("left  \(Paths.short(path)) as it is")
                } catch {
                    throw failure(path)
                }
            }
        }
    }

    private func failure(_ path: String) -> CommandFailure {
        CommandFailure(
            "\(SafeText.line(Paths.short(path), limit: 200)) cannot be written.",
            advice: "Check the rights of its folder, and the space on its disk.", status: .failed)
    }
}
