import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// Whole screens as text. `SLIPWAY_RECORD_GOLDENS=1 swift test --filter GoldenTests` writes them anew; then read the difference.
@Suite struct GoldenTests {
    static let sizes = [(80, 24), (200, 50), (60, 15), (20, 5), (1, 1)].map { Size(columns: $0.0, rows: $0.1) }
    static let screens = [
        "overview", "metal", "node", "pool-none", "inbox", "help", "clusters", "cluster-page", "cluster-failed",
        "clusters-zoomed", "clusters-none", "overview-clusters", "images-none",
    ]
    /// Stacks and k0rdent deployments together; then deployments alone, so that the keys can be counted.
    static let deploymentScreens = [
        "mixed", "mixed-zoomed", "mixed-overview", "deployments", "deployment-page", "deployment-page-end",
        "deployment-failed", "deployment-fresh", "deployment-deleting", "deployment-paused", "deployment-slow",
        "deployment-grown",
    ]
    /// Practice clusters.
    static let poolScreens = [
        "pool", "pool-zoomed", "pool-free", "pool-forgotten", "pool-error", "pool-resetting", "pool-creating",
        "pool-locked", "pool-overview",
    ]
    /// Image builds and their logs.
    static let imageScreens = [
        "images", "images-zoomed", "image-page", "image-failed", "image-disk", "image-log", "image-log-found",
        "image-done", "images-overview",
    ]
    /// What can be done to practice clusters, where it may be.
    static let actionScreens = [
        "actions", "action-asks", "action-name", "action-session", "action-changed", "action-bad-news", "command",
        "command-unknown",
    ]
    /// What was, a recording, and what other hosts collect.
    static let timeScreens = [
        "past", "past-going", "past-metal", "replay", "replay-end", "attached", "attached-lost", "attached-metal",
        "attached-past", "past-unreadable",
    ]
    static let keys = [
        "overview": "", "metal": "4", "node": "4 Enter", "pool-none": "2", "inbox": "6", "help": "4 ?",
        // The cursor begins on the failed cluster; the one whose head node is silent is the next.
        "clusters": "3 j", "cluster-page": "3 j Enter", "cluster-failed": "3 Enter", "clusters-zoomed": "3 z Space",
        "clusters-none": "3", "overview-clusters": "j",
        "mixed": "3 j j", "mixed-zoomed": "3 z Space", "mixed-overview": "", "deployments": "3 j",
        "deployment-page": "3 j Enter", "deployment-page-end": "3 j Enter G", "deployment-failed": "3 Enter",
        "deployment-fresh": "3 Space G k", "deployment-deleting": "3 j j j", "deployment-paused": "3 j j j j j j",
        "deployment-slow": "3 j j j j Enter", "deployment-grown": "3 j j",
        // The broken one first, then what moves, then what is lent, then what is free.
        "pool": "2 j", "pool-zoomed": "2 z", "pool-free": "2 G", "pool-forgotten": "2 j j j j j",
        "pool-error": "2 Enter",
        "pool-resetting": "2 j Enter", "pool-creating": "2 j j Enter", "pool-locked": "2 j j j Enter",
        "pool-overview": "",
        // The failed one first, then the one whose disk will not last, then what runs, longest first.
        "images": "5 j j j", "images-zoomed": "5 z", "image-page": "5 j j j Enter", "image-failed": "5 Enter",
        "image-disk": "5 j", "image-log": "5 j j j L", "image-log-found": "5 j j j L / 3 9 Enter",
        "image-done": "5 Space G Enter", "images-overview": "", "images-none": "5",
        "actions": "2 j j j a", "action-asks": "2 j j j a u", "action-name": "2 j j j a b c k a",
        "action-session": "2 G a a s - 1",
        "action-changed": "2 j j j a u", "action-bad-news": "2 G a r y", "command": "2 : r e",
        "command-unknown": "2 : x Enter",
    ]

    static func state(_ screen: String, glyphs: Glyphs = .box, size: Size = Size(columns: 80, rows: 24)) -> State {
        let snapshot =
            imageScreens.contains(screen)
            ? screen == "images-overview" ? ImageSample.withNodes : ImageSample.snapshot
            : (poolScreens + actionScreens).contains(screen)
                ? screen == "pool-overview" ? PoolSample.withNodes : PoolSample.snapshot
                : screen.hasPrefix("mixed")
                    ? DeploymentSample.withStacks
                    : screen.hasPrefix("deployment")
                        ? DeploymentSample.snapshot
                        : screen == "overview-clusters"
                            ? ClusterSample.withNodes
                            : screen.hasPrefix("cluster") && screen != "clusters-none"
                                ? ClusterSample.snapshot : Sample.snapshot
        var state = Sample.state(snapshot, glyphs: glyphs, size: size, isReadOnly: !actionScreens.contains(screen))
        state.press(keys[screen] ?? "")
        switch screen {
        case "action-changed": _ = update(&state, .changes([.item(PoolSample.available("ckad-01", since: 1))]))
        case "action-bad-news":
            let outcome = Action.Outcome(
                isGood: false, "The cluster ckad-05 was locked by session s-9 a moment ago, so it was not reset",
                advice: "Ask for it again; it will want the name.")
            let item = ItemID(kind: .pool, source: PoolSample.lab, key: "ckad-05")
            _ = update(&state, .outcome(Action(.reset, item: item), outcome))
        default: break
        }
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

    /// The smallest size is the same for all: there is nothing but a mark.
    @Test(arguments: deploymentScreens, [(80, 24), (200, 50), (101, 33)].map { Size(columns: $0.0, rows: $0.1) })
    func deployments(name: String, size: Size) throws {
        let text = Self.state(name, size: size).text
        try Golden.compare(text, "\(name)-\(size.columns)x\(size.rows)-box.txt")
        for line in text.split(separator: "\n") { #expect(TextWidth.of(line) <= size.columns) }
        if size.columns == 80 {
            let plain = Self.state(name, glyphs: .ascii, size: size).text
            let isASCII = plain.unicodeScalars.allSatisfy(\.isASCII)
            #expect(isASCII, "\(name) uses more than ASCII")
            if name == "deployment-page" { try Golden.compare(plain, "\(name)-80x24-ascii.txt") }
        }
    }

    @Test(arguments: poolScreens, [(80, 24), (200, 50), (101, 33)].map { Size(columns: $0.0, rows: $0.1) })
    func pools(name: String, size: Size) throws {
        let text = Self.state(name, size: size).text
        try Golden.compare(text, "\(name)-\(size.columns)x\(size.rows)-box.txt")
        for line in text.split(separator: "\n") { #expect(TextWidth.of(line) <= size.columns) }
        if size.columns == 80 {
            let plain = Self.state(name, glyphs: .ascii, size: size).text
            let isASCII = plain.unicodeScalars.allSatisfy(\.isASCII)
            #expect(isASCII, "\(name) uses more than ASCII")
            if name == "pool" || name == "pool-locked" { try Golden.compare(plain, "\(name)-80x24-ascii.txt") }
        }
    }

    @Test(
        arguments: imageScreens,
        [(80, 24), (200, 50), (101, 33), (60, 15), (20, 5)].map { Size(columns: $0.0, rows: $0.1) })
    func images(name: String, size: Size) throws {
        let text = Self.state(name, size: size).text
        try Golden.compare(text, "\(name)-\(size.columns)x\(size.rows)-box.txt")
        for line in text.split(separator: "\n") { #expect(TextWidth.of(line) <= size.columns) }
        let plain = Self.state(name, glyphs: .ascii, size: size).text
        let isASCII = plain.unicodeScalars.allSatisfy(\.isASCII)
        #expect(isASCII, "\(name) uses more than ASCII")
        if name == "images" || name == "image-page", size.columns == 80 {
            try Golden.compare(plain, "\(name)-80x24-ascii.txt")
        }
    }

    @Test(arguments: actionScreens, [(80, 24), (200, 50), (60, 15), (20, 5)].map { Size(columns: $0.0, rows: $0.1) })
    func actions(name: String, size: Size) throws {
        let text = Self.state(name, size: size).text
        try Golden.compare(text, "\(name)-\(size.columns)x\(size.rows)-box.txt")
        for line in text.split(separator: "\n") { #expect(TextWidth.of(line) <= size.columns) }
        let plain = Self.state(name, glyphs: .ascii, size: size).text
        let isASCII = plain.unicodeScalars.allSatisfy(\.isASCII)
        #expect(isASCII, "\(name) uses more than ASCII")
        if name == "actions", size.columns == 80 { try Golden.compare(plain, "\(name)-80x24-ascii.txt") }
    }

    static func timeState(_ screen: String, glyphs: Glyphs, size: Size) -> State {
        typealias Time = TimeSample
        if screen.hasPrefix("attached") {
            var state = Time.attached(Time.hosts, Time.fleets, size: size, glyphs: glyphs)
            if screen == "attached-past" { Time.press("p [ [ Left", &state) }
            if screen != "attached" { _ = update(&state, .link("ops2", LinkStoryTests.lost())) }
            if screen == "attached-metal" { state.press("4 j") }
            return state
        }
        if screen.hasPrefix("replay") {
            var state = Time.replay(start: screen == "replay" ? nil : Time.now, size: size, glyphs: glyphs)
            for second in 1...20 { Time.tick(Double(second), &state) }
            return state
        }
        var state = Time.live(size: size, glyphs: glyphs)
        Time.press(screen == "past-metal" ? "4 j p [ Left" : "p [ [ Left", &state)
        if screen == "past-going" { state.press("{") }
        if screen == "past-unreadable" {
            let why =
                "The recording 2026-11-20T21-00-00Z.jsonl cannot be written: there is no room left. "
                + "Free some space; recording then goes on by itself."
            state.press("End p Left")
            _ = update(&state, .past(nil, of: .at(Time.ago(60)), why: why))
        }
        return state
    }

    @Test(arguments: timeScreens, [(80, 24), (200, 50), (60, 15), (20, 5)].map { Size(columns: $0.0, rows: $0.1) })
    func times(name: String, size: Size) throws {
        for (set, glyphs) in [("box", Glyphs.box), ("ascii", Glyphs.ascii)] {
            var state = Self.timeState(name, glyphs: glyphs, size: size)
            _ = update(&state, .rested)
            let text = state.text
            for line in text.split(separator: "\n") { #expect(TextWidth.of(line) <= size.columns) }
            if set == "ascii" {
                let isASCII = text.unicodeScalars.allSatisfy(\.isASCII)
                #expect(isASCII, "\(name) uses more than ASCII")
            }
            if set == "box" || size.columns == 80 {
                try Golden.compare(text, "\(name)-\(size.columns)x\(size.rows)-\(set).txt")
            }
            if set == "box", size.columns == 80, name == "past" || name == "replay" || name == "attached-lost" {
                try Golden.compare(view(state, size: size).grid.styles(), "\(name)-80x24-roles.txt")
            }
        }
    }

    /// What each cell means, one letter a role: the colours without a theme.
    @Test(arguments: [
        "overview", "metal", "node", "clusters", "cluster-page", "cluster-failed", "mixed", "deployments",
        "deployment-page", "pool", "pool-locked", "actions", "action-name",
        "images", "image-failed", "image-log-found",
    ])
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
