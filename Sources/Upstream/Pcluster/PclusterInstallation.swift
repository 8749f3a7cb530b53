#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where `pcluster` is installed.
public struct PclusterInstallation: Sendable, Equatable {
    public var path: String
    /// From the script's first line; nil if it names none.
    public var interpreter: String?

    public init(path: String, interpreter: String? = nil) {
        self.path = path
        self.interpreter = interpreter
    }

    /// - Parameters:
    ///   - program: a path, or a name that is looked for in `PATH`.
    ///   - environment: our own.
    /// - Returns: nil if there is no such program.
    public static func find(_ program: String = "pcluster", environment: [String: String]) -> PclusterInstallation? {
        let candidates =
            program.contains("/")
            ? [program]
            : (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
        guard let path = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            return nil
        }
        return PclusterInstallation(path: path, interpreter: interpreter(of: path))
    }

    /// The interpreter that a script's first line names. Where that line would be too long or has blanks in it, installers write a shell
    /// script whose second line hands over to the interpreter: `'''exec' "/path with blanks/python" "$0" "$@"`.
    static func interpreter(of path: String) -> String? {
        guard let script = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { return nil }
        let head = script.prefix(1024)
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, first.hasPrefix("#!") else { return nil }
        let words = first.dropFirst(2).split(separator: " ")
        var name = words.first.map(String.init)
        if name == "/bin/sh", lines.count > 1, lines[1].hasPrefix("'''exec' ") {
            let rest = lines[1].dropFirst("'''exec' ".count)
            let isQuoted = rest.hasPrefix("\"")
            name = String(isQuoted ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != " " })
        } else if name == "/usr/bin/env" {
            name = words.dropFirst().first.map(String.init)
        }
        // A wrapper in another language says nothing about where the library is.
        let file = name?.split(separator: "/").last ?? ""
        return file.hasPrefix("python") || file.hasPrefix("pypy") ? name : nil
    }
}
