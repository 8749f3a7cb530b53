import Foundation
import Screen
import Testing

@testable import Dashboard

/// Whole screens as text. `SLIPWAY_RECORD_GOLDENS=1 swift test --filter GoldenTests` writes them anew; then read the difference.
@Suite struct GoldenTests {
    static let sizes = [(80, 24), (200, 50), (60, 15), (20, 5), (1, 1)].map { Size(columns: $0.0, rows: $0.1) }
    static let screens = [
        "overview", "metal", "node", "pool", "inbox", "help", "clusters", "cluster-page", "cluster-failed",
        "clusters-zoomed", "clusters-none", "overview-clusters",
    ]
    static let keys = [
        "overview": "", "metal": "4", "node": "4 Enter", "pool": "2", "inbox": "6", "help": "4 ?",
        // The cursor begins on the failed cluster; the one whose head node is silent is the next.
        "clusters": "3 j", "cluster-page": "3 j Enter", "cluster-failed": "3 Enter", "clusters-zoomed": "3 z Space",
        "clusters-none": "3", "overview-clusters": "j",
    ]

    static func state(_ screen: String, glyphs: Glyphs = .box, size: Size = Size(columns: 80, rows: 24)) -> State {
        let snapshot =
            screen == "overview-clusters"
            ? ClusterSample.withNodes
            : screen.hasPrefix("cluster") && screen != "clusters-none" ? ClusterSample.snapshot : Sample.snapshot
        var state = Sample.state(snapshot, glyphs: glyphs, size: size)
        state.press(keys[screen] ?? "")
        _ = update(&state, .rested)
        return state
    }

    @Test(arguments: screens, sizes)
    func screen(name: String, size: Size) throws {
        for (set, glyphs) in [("box", Glyphs.box), ("ascii", Glyphs.ascii)] {
            let text = Self.state(name, glyphs: glyphs, size: size).text
            try Golden.compare(text, "\(name)-\(size.columns)x\(size.rows)-\(set).txt")
            if set == "ascii" {
                let isASCII = text.unicodeScalars.allSatisfy(\.isASCII)
                #expect(isASCII, "\(name) uses more than ASCII")
            }
            for line in text.split(separator: "\n") { #expect(TextWidth.of(line) <= size.columns) }
        }
    }

    /// What each cell means, one letter a role: the colours without a theme.
    @Test(arguments: ["overview", "metal", "node", "clusters", "cluster-page", "cluster-failed"])
    func colours(name: String) throws {
        let state = Self.state(name)
        try Golden.compare(view(state, size: state.size).grid.styles(), "\(name)-80x24-roles.txt")
    }

    /// No size makes it trap, and nothing is drawn outside.
    @Test func everySizeUpTo130x40() {
        var state = Sample.state(ClusterSample.withNodes)
        for keys in ["1", "4", "Enter", "?", "Esc Esc 6", "3", "Enter", "Esc j Enter"] {
            state.press(keys)
            for columns in stride(from: 1, through: 130, by: 5) {
                for rows in 1...40 {
                    _ = update(&state, .resized(Size(columns: columns, rows: rows)))
                    let frame = view(state, size: state.size)
                    #expect(frame.grid.size == state.size)
                }
            }
        }
    }
}

enum Golden {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Goldens")

    static func compare(_ text: String, _ name: String) throws {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["SLIPWAY_RECORD_GOLDENS"] == "1" {
            try Data((text + "\n").utf8).write(to: file)
            return
        }
        let wanted = try String(contentsOf: file, encoding: .utf8)
        #expect(text + "\n" == wanted, "\(name) is not as it was")
    }
}
