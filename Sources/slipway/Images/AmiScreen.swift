import Fleet
import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A build as a block of lines that is written over in place: the seed's screens of its three levels. Pure.
struct AmiScreen: Sendable {
    /// A line, and how soon it goes where a terminal has too few rows: the highest first.
    struct Row {
        var text: String
        var rank: Int
    }

    /// What a line is worth.
    enum Rank {
        static let head = 0, danger = 1, phase = 2, disk = 3, detail = 4, list = 5, note = 6, log = 7, blank = 8
    }

    let level: AmiLevel
    /// No line is wider.
    let columns: Int
    /// The most lines; nil where that does not matter.
    let rows: Int?
    let glyphs: AmiGlyphs

    init(level: AmiLevel, columns: Int, rows: Int? = nil, glyphs: AmiGlyphs = .box) {
        self.level = level
        self.columns = max(1, columns)
        self.rows = rows
        self.glyphs = glyphs
    }

    /// - Parameter source: where the item is read from; while that does not answer, the silence of a log means nothing.
    /// - Returns: nothing for an item that is no image build.
    func lines(_ item: Item, now: Date, source: Source? = nil) -> [String] {
        guard case .image(let image) = item.detail else { return [] }
        var block: [Row]
        switch level {
        case .summary: block = summary(item, image, now: now)
        case .packages: block = packages(item, image, now: now)
        case .everything: block = everything(item, image, now: now)
        }
        block += troubles(item, image, now: now, source: source)
        return fit(block).map { AmiColumns.trimmed(AmiColumns.cut(glyphs.plain($0), to: columns, glyphs)) }
    }

    private func fit(_ block: [Row]) -> [String] {
        var block = block
        while let rows, block.count > max(1, rows), let worst = block.map(\.rank).max(),
            let place = block.lastIndex(where: { $0.rank == worst })
        {
            block.remove(at: place)
        }
        return block.map(\.text)
    }

    // MARK: level 0

    private func summary(_ item: Item, _ image: ImageDetail, now: Date) -> [Row] {
        var block = [head(item, now: now)] + bar(item, image, now: now) + phase(image, now: now, indent: 8)
        if let disk = disk(image) { block += [Row(text: "", rank: Rank.blank)] + disk }
        return block
    }

    /// `Installing software: gromacs (estimated 38-49m n=3)`
    func head(_ item: Item, now: Date, more: String = "") -> Row {
        let work = AmiWords.work(item)
        let name = "\(work)\(more): \(item.name)"
        guard let total = AmiWords.total(item, now: now) else {
            return Row(text: AmiColumns.fitting([name, work], columns), rank: Rank.head)
        }
        let verb = work.prefix { $0 != " " }
        let ways = ["\(name) (\(total))", "\(work) (\(total))", "\(verb), \(total)", work]
        return Row(text: AmiColumns.fitting(ways, columns), rank: Rank.head)
    }

    /// `  [1/5] gcc@11.3.0         ████████░░░░░░░░░░ 40% (18m elapsed, ~20-31m remaining, n=3)`; in two lines where one is too short.
    ///
    /// - Parameter mark: stands before it in a list.
    func bar(_ item: Item, _ image: ImageDetail, now: Date, mark: String = "") -> [Row] {
        let name = subject(item, image)
        let lead = "  " + mark + (number(image.current).map { "[\($0)] " } ?? "")
        let times = AmiWords.times(item, now: now)
        let percent = item.progress.map { " " + right("\($0.percent)%", 3) } ?? ""
        let room = columns - AmiColumns.width(lead)
        let widths = nameWidths(name, image)
        for time in times {
            for width in widths {
                let line = "\(AmiColumns.padded(name, to: width)) \(cells(item))\(percent) (\(time))"
                if AmiColumns.width(line) <= room { return [Row(text: lead + line, rank: Rank.head)] }
            }
        }
        let indent = columns >= 60 ? 8 : 2
        let below =
            times.isEmpty
            ? []
            : [
                Row(
                    text: String(repeating: " ", count: indent) + AmiColumns.fitting(times, columns - indent),
                    rank: Rank.head)
            ]
        for cells in [AmiGlyphs.barWidth, 10, 6] {
            let line = "\(name) \(self.cells(item, cells))\(percent)"
            if AmiColumns.width(line) <= room { return [Row(text: lead + line, rank: Rank.head)] + below }
        }
        let tight = String(lead.drop { $0 == " " })
        let rest = max(4, columns - AmiColumns.width(tight) - AmiColumns.width(percent))
        return [Row(text: tight + AmiColumns.shortened(name, to: rest, glyphs) + percent, rank: Rank.head)] + below
    }

    /// The mock-up's column first; then as wide as the longest name, so that the bar stays where it is; then what is needed.
    private func nameWidths(_ name: String, _ image: ImageDetail) -> [Int] {
        let own = AmiColumns.width(name)
        let longest = image.packages.filter(\.isRoot).map { AmiColumns.width($0.spec) }.max() ?? own
        return [AmiGlyphs.barWidth, longest, own].filter { $0 >= own && $0 <= 40 || $0 == own }
    }

    private func cells(_ item: Item, _ width: Int = AmiGlyphs.barWidth) -> String {
        item.progress.map { glyphs.bar($0.percent, width: width) } ?? ""
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// The package that is built, else the step of the whole.
    private func subject(_ item: Item, _ image: ImageDetail) -> String {
        image.current?.spec ?? item.currentPhase?.name ?? item.word
    }

    func number(_ current: ImageDetail.Current?) -> String? {
        guard let current, let number = current.number else { return nil }
        return current.total.map { "\(number)/\($0)" } ?? "\(number)"
    }

    /// `└─ Phase: build, 15m (compiling from source, this takes a while)`
    func phase(_ image: ImageDetail, now: Date, indent: Int) -> [Row] {
        guard let current = image.current else { return [] }
        let package = image.packages.first { $0.isRoot && $0.spec == current.spec }
        let lead = String(repeating: " ", count: columns >= 60 ? indent : 2) + glyphs.last + " "
        let text = AmiWords.phase(current, package, now: now)
        guard columns >= 40 else {
            let short = String(text.prefix { $0 != "(" })
            return [Row(text: lead + AmiColumns.fitting([text, short], columns - 5), rank: Rank.phase)]
        }
        return AmiColumns.wrapped("Phase: \(text)", to: columns, lead: lead).map { Row(text: $0, rank: Rank.phase) }
    }

    /// `  Disk: 12.3 GB used / 45 GB total (27% full)`
    func disk(_ image: ImageDetail) -> [Row]? {
        guard let disk = image.tellingDisk else { return nil }
        let name = disk.place == "/" ? "Disk" : "Disk \(disk.place)"
        let sizes = "\(AmiDisk.size(disk.used)) / \(AmiDisk.size(disk.total))"
        let ways = [disk.usage, "\(sizes) (\(disk.percent)% full)", "\(disk.percent)% full"].map { "  \(name): \($0)" }
        return [Row(text: AmiColumns.fitting(ways, columns), rank: Rank.disk)]
    }

    // MARK: level 1

    private func packages(_ item: Item, _ image: ImageDetail, now: Date) -> [Row] {
        var block = [head(item, now: now)] + list(item, image, now: now)
        if let disk = disk(image) { block += [Row(text: "", rank: Rank.blank)] + disk }
        return block
    }

    private static let mostDone = 5
    private static let mostWaiting = 8

    /// All packages that were asked for, each with its mark and time; long lists lose what is long over and what is far off.
    func list(_ item: Item, _ image: ImageDetail, now: Date) -> [Row] {
        let roots = image.packages.filter(\.isRoot)
        let current = roots.firstIndex { $0.state == .running } ?? roots.firstIndex { $0.spec == image.current?.spec }
        let done = roots.indices.filter { $0 != current && roots[$0].state != .waiting }
        let waiting = roots.indices.filter { $0 != current && roots[$0].state == .waiting }
        let width = min(24, roots.map { AmiColumns.width($0.spec) }.max() ?? 0)
        var block: [Row] = []
        if done.count > Self.mostDone {
            let hidden = done.dropLast(Self.mostDone).filter { roots[$0].state != .failed }.count
            block.append(Row(text: "  + \(AmiWords.count(hidden, "package")) before these", rank: Rank.list))
        }
        let shown = done.suffix(Self.mostDone) + done.dropLast(Self.mostDone).filter { roots[$0].state == .failed }
        for index in shown.sorted() { block.append(row(roots[index], width)) }
        if current != nil || roots.isEmpty || item.state == .running {
            block += bar(item, image, now: now, mark: item.state == .failed ? "! " : "> ")
            block += phase(image, now: now, indent: 10)
        }
        for index in waiting.prefix(Self.mostWaiting) { block.append(row(roots[index], width)) }
        let rest = waiting.count - Self.mostWaiting
        if rest > 0 { block.append(Row(text: "  . \(AmiWords.count(rest, "package")) more to come", rank: Rank.list)) }
        return block
    }

    private func row(_ package: ImageDetail.Package, _ width: Int) -> Row {
        let mark = package.way == "installed" ? "+" : AmiWords.mark(package.state)
        let time = AmiWords.time(package)
        let name = AmiColumns.padded(package.spec, to: width)
        let ways = ["  \(mark) \(name)  \(time)", "  \(mark) \(package.spec) \(time)", "\(mark) \(package.spec)"]
        let text = AmiColumns.fitting(ways, columns)
        let isFailed = package.state == .failed
        return Row(text: text, rank: isFailed ? Rank.danger : Rank.list)
    }

    // MARK: what is worth knowing

    private func troubles(_ item: Item, _ image: ImageDetail, now: Date, source: Source?) -> [Row] {
        let attention = item.isEnded ? nil : item.attention(at: now, source: source)
        var block: [Row] = []
        if !item.isEnded, let silence = AmiWords.silence(source, now: now) {
            block += text(silence, mark: "?", rank: Rank.danger)
        }
        if let attention {
            block += text("\(attention.reason.word): \(attention.cause)", mark: "!", rank: Rank.danger)
            if level == .everything {
                block += attention.signs.flatMap { text($0, mark: "  sign", rank: Rank.note) }
            }
            block += attention.next.flatMap { text($0, mark: "  next", rank: Rank.danger) }
        } else if let disk = image.tellingDisk, let danger = disk.danger {
            block += text("disk \(disk.place) \(danger)", mark: "!", rank: Rank.danger)
        }
        let most = [1, 3, 6][level.rawValue]
        let notices = image.notices.filter { notice in
            notice != attention?.cause
                && (level == .everything || image.current == nil || AmiWords.isAnnouncement(notice))
        }
        block += notices.prefix(most).flatMap { text($0, mark: ">", rank: Rank.note) }
        if level == .everything {
            block += image.warnings.suffix(3).flatMap { text($0, mark: "?", rank: Rank.note) }
        }
        if level >= .packages {
            block += image.troubles.prefix(3).flatMap { text("not read: \($0)", mark: "?", rank: Rank.note) }
        }
        return block
    }

    func text(_ text: String, mark: String, rank: Int) -> [Row] {
        AmiColumns.wrapped(text, to: columns, lead: "  \(mark) ").map { Row(text: $0, rank: rank) }
    }
}
