import Foundation

@testable import ImageBuild

/// Real logs, and what is needed to feed them.
enum SpackLogs {
    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/spack")

    /// Everything in the folder that is a log.
    static let names = [
        "build-out-rig-app.txt", "build-out-rig-broken.txt", "install-again.txt", "install-disk-full.txt",
        "install-failing-show-log.txt", "install-failing.txt", "install-j2.txt", "install-plain.txt",
        "install-verbose.txt",
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: folder.appendingPathComponent(name)))
    }

    static func lines(_ name: String) throws -> [String] {
        var lines = String(decoding: try bytes(name), as: UTF8.self).components(separatedBy: "\n")
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    static func at(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_795_000_000 + seconds) }

    /// All lines at once.
    static func log(_ lines: [String], roots: [String] = []) -> BuildLog {
        var log = BuildLog(roots: roots)
        for line in lines { log.feed(line: line, at: at(0)) }
        return log
    }

    static func log(_ text: String, roots: [String] = []) -> BuildLog {
        log(text.components(separatedBy: "\n"), roots: roots)
    }

    /// Numbers that are the same in every run.
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) ^ (state << 31)
        }
    }
}
