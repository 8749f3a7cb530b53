import Foundation
import Testing

extension EndToEnd {
    /// What was recorded is what was seen.
    @Suite(.needsTerminal) struct ReplayProofs {
        private typealias Pane = (key: String, title: String)
        /// What is looked at, for each instant: the key of a pane, and how it begins.
        private static let panes: [[Pane]] = [
            [("1", " NEEDS YOU"), ("2", " POOL"), ("3", " CLUSTERS")], [("1", " NEEDS YOU"), ("4", " METAL")],
            [("1", " NEEDS YOU"), ("5", " IMAGES"), ("6", " INBOX")],
        ]

        /// Both screens stand at the same instants: the dashboard's goes back in what it keeps for itself, the replay's in the file. Left
        /// out are the first line, which says that it is the past, and the names of keys, of which a recording has others: the last line
        /// and that of what is folded. So is what lies beside the lists: the earlier runs of an item come from this machine's history and
        /// are in no recording.
        @Test("a replay of the demo shows what the demo showed at the same instants, each cell and its colours")
        func demo() async throws {
            try await Stage.play { stage in
                let file = "demo.slipway"
                let script = #""$1" --demo --speed 1 --record "$2" && exec "$1" replay "$2""#
                let terminal = try await Terminal.open(
                    stage, columns: 120, rows: 36,
                    .command(["sh", "-c", script, "sh", Program.slipway ?? "slipway", stage.home.path + "/" + file]))
                try await terminal.see("NEEDS YOU")
                let start = Date()
                let instants = try await eventually("instants between changes", within: 20) {
                    try await Task.sleep(for: .seconds(1))
                    let instants = Self.quiet(stage.text(file) ?? "", since: start)
                    return instants.count >= Self.panes.count ? instants : nil
                }
                try await Self.pause(terminal, at: instants[0])
                var seen: [Frame] = []
                for (instant, panes) in zip(instants, Self.panes) {
                    try await Self.go(terminal, to: instant)
                    for pane in panes { seen.append(try await Self.frame(terminal, at: instant, pane)) }
                }
                #expect(Set(seen.map(\.text)).count > Set(Self.panes.joined().map(\.title)).count, "the demo goes on")
                try await terminal.press("q")

                try await terminal.see("REPLAY")
                try await Self.pause(terminal, at: instants[0])
                // From the last to the first, for a recording is read in any order.
                for (instant, panes) in zip(instants, Self.panes).reversed() {
                    try await Self.go(terminal, to: instant)
                    for pane in panes.reversed() {
                        let (expected, frame) = (seen.popLast(), try await Self.frame(terminal, at: instant, pane))
                        let isSame = frame == expected
                        #expect(isSame, "\(pane.title) at \(instant):\n\(frame.difference(from: expected))")
                    }
                }
                try await terminal.press("q")
                #expect(try await terminal.ending().code == "0")
            }
        }

        /// Instants that both recorders tell alike. Each writes at most once a second, so that a change may be there in one of them and not
        /// yet in the other: it is in both when nothing was written for a second. For the same reason the screen of now is not compared:
        /// what it shows may be written a moment later.
        ///
        /// - Parameter start: when the demo had caught up with its past already. From then on its clock goes as ours does.
        private static func quiet(_ recording: String, since start: Date) -> [String] {
            let (head, style) = (#"{"change":{"at":""#, Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            let times = recording.split(separator: "\n").filter { $0.hasPrefix(head) }.compactMap {
                try? Date(String($0.dropFirst(head.count).prefix(24)), strategy: style)
            }
            let quiet = zip(times, times.dropFirst()).filter { $0 > start && $1.timeIntervalSince($0) > 1.4 }.map {
                $1.addingTimeInterval(-0.2)
            }
            // Far enough from each other that something has happened in between.
            return quiet.reduce(into: [Date]()) { chosen, instant in
                if chosen.last.map({ instant.timeIntervalSince($0) > 4 }) ?? true { chosen.append(instant) }
            }.map(style.format)
        }

        /// Stands still, with the lists alone on their panes.
        private static func pause(_ terminal: Terminal, at instant: String) async throws {
            try await terminal.press("p")
            try await terminal.see("PAUSED")
            try await go(terminal, to: instant)
            try await terminal.press("4")
            // Beside the list are the phases of its first item.
            try await terminal.see("METAL", "phase  ")
            try await terminal.press("z")
            try await terminal.seeNo("phase  ")
        }

        private static func go(_ terminal: Terminal, to instant: String) async throws {
            try await terminal.type(":at \(instant)")
            try await terminal.press("Enter")
        }

        /// A pane at an instant, when it is painted.
        private static func frame(_ terminal: Terminal, at instant: String, _ pane: Pane) async throws -> Frame {
            try await terminal.press(pane.key)
            var (last, times) = (Frame(""), 0)
            return try await eventually("\(pane.title) at \(instant)", seen: { last.text }) {
                let frame = Frame(try await terminal.screen(escapes: true))
                let isThere = frame.banner.contains(" at ") && frame.banner.contains(instant.dropFirst(11).prefix(8))
                guard isThere, !frame.banner.contains("going to"), frame.line(1).hasPrefix(pane.title) else {
                    return nil
                }
                // In the middle of painting it is another one the next time.
                (last, times) = (frame, frame == last ? times + 1 : 0)
                return times == 2 ? frame : nil
            }
        }

        /// What a person sees of a screen, without the first and the last line. What colour a blank would be written in is nobody's
        /// business, and depends on what was there before.
        private struct Frame: Equatable {
            private var cells: [[String]] = [[]]
            /// The first line.
            private(set) var banner = ""

            static func == (left: Frame, right: Frame) -> Bool { left.cells == right.cells }

            /// - Parameter screen: with escape sequences.
            init(_ screen: String) {
                var (ink, paper, style) = ("", "", Set<String>())
                var rest = screen[...]
                while let character = rest.popFirst() {
                    switch character {
                    case "\n": cells.append([])
                    case "\u{1B}":
                        let codes = rest.dropFirst().prefix { $0 != "m" }
                        rest = rest.dropFirst(codes.count + 2)
                        switch codes.prefix(2) {
                        case "0", "": (ink, paper, style) = ("", "", [])
                        case "39": ink = ""
                        case "49": paper = ""
                        case "38": ink = String(codes)
                        case "48": paper = String(codes)
                        default: style.insert(String(codes))
                        }
                    case " " where style.isDisjoint(with: ["4", "7"]): cells[cells.count - 1].append(" \(paper)")
                    default: cells[cells.count - 1].append("\(character)\(ink) \(paper) \(style.sorted())")
                    }
                }
                banner = line(0)
                // The last line ends like all others.
                let kept = cells.indices.dropFirst().dropLast(2).filter { !line($0).contains(" unfolds ") }
                cells = kept.map { Array(cells[$0].reversed().drop { $0 == " " }.reversed()) }
            }

            var text: String { (0..<cells.count).map(line).joined(separator: "\n") }

            /// Below the first one; nothing where there is no such line.
            func line(_ index: Int) -> String {
                cells.indices.contains(index) ? String(cells[index].compactMap(\.first)) : ""
            }

            /// The lines that differ, each with the first cell that does.
            func difference(from other: Frame?) -> String {
                guard let other, cells.count == other.cells.count else { return text }
                return cells.indices.filter { cells[$0] != other.cells[$0] }.map { index in
                    let (mine, theirs) = (cells[index], other.cells[index])
                    let place = zip(mine, theirs).prefix { $0 == $1 }.count
                    let (here, there) = (mine.dropFirst(place).first ?? "-", theirs.dropFirst(place).first ?? "-")
                    return "\(other.line(index))\n\(line(index))\n\(place): \(there) is \(here)"
                }.joined(separator: "\n")
            }
        }
    }
}
