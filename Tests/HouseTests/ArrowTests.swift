import Foundation
import Testing

/// The arrows between the rooms, checked from the imports. The list is what each room may import; anything else is a way around.
@Suite struct ArrowTests {
    static let system = ["BareMetal", "ClusterCreation", "ClusterDeployment", "ClusterPool", "ImageBuild"]
    static let allowed: [String: Set<String>] = [
        "Fleet": [],
        "Upstream": ["Fleet"],
        "History": ["Fleet"],
        "Screen": [],
        "CTerm": [],
        "Terminal": ["CTerm", "Screen"],
        "Dashboard": ["Fleet", "Screen"],
        "BareMetal": ["Fleet", "Upstream"],
        "ClusterCreation": ["Fleet", "History", "Upstream"],
        "ClusterDeployment": ["Fleet", "History", "Upstream"],
        "ClusterPool": ["Fleet", "Upstream"],
        "ImageBuild": ["Fleet", "History", "Upstream"],
        "Attach": ["Collector", "Fleet", "Upstream"],
        "Collector": ["Fleet", "History", "Upstream"],
        "Web": ["BareMetal", "ClusterPool", "Fleet"],
        "Sandbox": ["ClusterPool", "Fleet", "ImageBuild", "Upstream"],
        "slipway-bench": [],
        "slipway": [
            "Attach", "BareMetal", "ClusterCreation", "ClusterDeployment", "ClusterPool", "Collector", "Dashboard",
            "Fleet", "History", "ImageBuild",
            "Sandbox", "Screen",
            "Terminal", "Themes",
            "Upstream", "Web",
        ],
    ]

    static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func swiftFiles(below folder: String) -> [URL] {
        let root = package.appendingPathComponent(folder)
        let all = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        return (all?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
    }

    @Test func everyRoomIsInTheList() throws {
        let rooms = try FileManager.default.contentsOfDirectory(
            atPath: Self.package.appendingPathComponent("Sources").path)
        #expect(Set(rooms) == Set(Self.allowed.keys))
    }

    @Test(arguments: allowed.keys.sorted())
    func arrowsRunDownward(room: String) throws {
        let rooms = Set(Self.allowed.keys).union(["Themes"])
        let files = Self.swiftFiles(below: "Sources/\(room)")
        #expect(room == "CTerm" || !files.isEmpty)
        for file in files {
            let imports = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap(Self.imported)
            let wrong = Set(imports).intersection(rooms).subtracting(Self.allowed[room] ?? [])
            #expect(wrong.isEmpty, "\(room)/\(file.lastPathComponent) imports \(wrong.sorted())")
        }
    }

    @Test func theClockIsAskedInOnePlaceOnly() throws {
        for room in Self.allowed.keys where room != "slipway-bench" {
            for file in Self.swiftFiles(below: "Sources/\(room)") where file.lastPathComponent != "TimeSource.swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                let code = text.split(separator: "\n").filter { !$0.contains("//") }.joined(separator: "\n")
                for clock in ["Date()", "Date.now", "ContinuousClock.now", "DispatchTime.now()"] {
                    #expect(!code.contains(clock), "\(room)/\(file.lastPathComponent) asks \(clock)")
                }
            }
        }
    }

    @Test func filesStayShort() throws {
        for room in Self.allowed.keys {
            for file in Self.swiftFiles(below: "Sources/\(room)") {
                let lines = try String(contentsOf: file, encoding: .utf8).split(
                    separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.count <= 400, "\(room)/\(file.lastPathComponent) has \(lines.count) lines")
            }
        }
    }

    /// `import Fleet`, `import struct Fleet.Item`, `@testable import Fleet`.
    private static func imported(_ line: Substring) -> String? {
        let words = line.split(separator: " ").map(String.init)
        guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
            words[..<index].allSatisfy({ $0.hasPrefix("@") || ["public", "internal", "private"].contains($0) })
        else { return nil }
        let name =
            ["struct", "class", "enum", "func", "protocol"].contains(words[index + 1]) ? words.last : words[index + 1]
        return name?.split(separator: ".").first.map(String.init)
    }
}
