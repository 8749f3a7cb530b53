import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A build on a terminal: the block of its level is written over in place, and gives way to the last words.
struct AmiPainter: WatchPrinting {
    let level: AmiLevel
    private let glyphs: AmiGlyphs
    /// Columns and rows of the terminal at present.
    private let size: () -> (columns: Int, rows: Int)
    private let write: (String) -> Void
    private var shown: [String] = []

    /// - Parameter write: takes text as it is to be written, line ends included.
    init(
        level: AmiLevel, glyphs: AmiGlyphs, size: @escaping () -> (columns: Int, rows: Int),
        write: @escaping (String) -> Void
    ) {
        self.level = level
        self.glyphs = glyphs
        self.size = size
        self.write = write
    }

    mutating func show(_ item: Item, _ snapshot: Snapshot) {
        let (columns, rows) = size()
        // A line that fills the last column would wrap on some terminals; a block as high as the terminal would scroll away.
        let screen = AmiScreen(level: level, columns: max(1, columns - 1), rows: max(1, rows - 2), glyphs: glyphs)
        let lines = screen.lines(item, now: snapshot.at, source: snapshot.sources[item.source])
        guard lines != shown else { return }
        write(over(columns: columns) + lines.map { "\u{1B}[K\($0)\n" }.joined() + "\u{1B}[J")
        shown = lines
    }

    /// What was shown gives way to the sentence, and is shown again below it.
    mutating func say(_ line: String) {
        write(over(columns: size().columns) + "\u{1B}[J" + glyphs.plain("slipway: \(line)") + "\n")
        shown = []
    }

    mutating func end(_ item: Item, _ snapshot: Snapshot, _ status: ExitStatus) {
        guard let ending = AmiEnding(item, now: snapshot.at) else { return }
        // Whole lines, which the terminal may wrap: commands and paths are there to be copied.
        let lines = ending.lines(status, isListing: true).map { glyphs.plain($0) + "\n" }
        write(over(columns: size().columns) + "\u{1B}[J" + lines.joined())
        shown = []
    }

    /// Back to the first line of what was written. A terminal that has become narrower has wrapped it.
    private func over(columns: Int) -> String {
        let rows = shown.reduce(0) { $0 + max(1, (AmiColumns.width($1) + max(1, columns) - 1) / max(1, columns)) }
        return rows == 0 ? "\r" : "\r\u{1B}[\(rows)A"
    }
}
