#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Recorded answers of real programs.
public enum Fixtures {
    /// The folder `Tests` of this package.
    public static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// - Parameter path: below `Tests/Fixtures`, as `bare-metal/nodes.json`.
    public static func text(_ path: String) throws -> String {
        let data = try Data(contentsOf: tests.appendingPathComponent("Fixtures").appendingPathComponent(path))
        return String(decoding: data, as: UTF8.self)
    }
}
