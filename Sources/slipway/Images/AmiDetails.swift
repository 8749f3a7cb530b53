import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Level 2: the seed's verbose block.
extension AmiScreen {
    private static let mostDependencyLines = 4
    private static let tail = 4

    func everything(_ item: Item, _ image: ImageDetail, now: Date) -> [Row] {
        var block = [
            head(item, now: now, more: item.state == .running ? " packages" : ""),
            Row(text: String(repeating: glyphs.rule, count: min(60, columns)), rank: Rank.blank), blank,
        ]
        guard let current = image.current else { return block + list(item, image, now: now) + places(image, nil) }
        block += title(current) + progress(item, now: now) + dependencies(current) + phases(current, now: now)
        block += whereabouts(current, image.tail) + places(image, current)
        return block
    }

    private var blank: Row { Row(text: "", rank: Rank.blank) }

    /// `[1/5] gcc@11.3.0 (18 dependencies)`
    private func title(_ current: ImageDetail.Current) -> [Row] {
        let number = number(current).map { "[\($0)] " } ?? ""
        let count = current.dependencies.count
        let needs = count == 0 ? "" : " (\(count == 1 ? "1 dependency" : "\(count) dependencies"))"
        return [
            Row(
                text: AmiColumns.fitting(["\(number)\(current.spec)\(needs)", number + current.spec], columns),
                rank: Rank.head)
        ]
    }

    private func progress(_ item: Item, now: Date) -> [Row] {
        let times = AmiWords.times(item, now: now)
        guard let progress = item.progress else {
            return times.isEmpty ? [] : [Row(text: "  " + AmiColumns.fitting(times, columns - 2), rank: Rank.head)]
        }
        for width in [AmiGlyphs.barWidth, 10, 6] {
            for time in times {
                let line = "  \(glyphs.bar(progress.percent, width: width)) \(progress.percent)% (\(time))"
                if AmiColumns.width(line) <= columns { return [Row(text: line, rank: Rank.head)] }
            }
        }
        return [Row(text: "  \(progress.text)", rank: Rank.head)]
            + (times.last.map { [Row(text: "  \($0)", rank: Rank.head)] } ?? [])
    }

    /// `  Dependencies: gmp@6.2.1 ✓, mpfr@4.1.0 ✓, mpc@1.2.1`: those without the sign are still to come.
    private func dependencies(_ current: ImageDetail.Current) -> [Row] {
        guard !current.dependencies.isEmpty else { return [] }
        let count = current.dependencies.count
        let text = current.dependencies.enumerated().map { index, dependency in
            // A name and its sign stay together.
            dependency.spec + (dependency.isThere ? "\u{A0}\(glyphs.there)" : "") + (index + 1 < count ? "," : "")
        }.joined(separator: " ")
        var lines = AmiColumns.wrapped(text, to: columns, lead: "  Dependencies: ").map {
            $0.replacing("\u{A0}", with: " ")
        }
        if lines.count > Self.mostDependencyLines {
            let there = current.dependencies.count(where: \.isThere)
            let rest = "  \(glyphs.ellipsis) \(there) of \(count) there"
            lines = lines.prefix(Self.mostDependencyLines) + [rest]
        }
        return lines.enumerated().map { Row(text: $1, rank: $0 == 0 ? Rank.detail : Rank.list) }
    }

    private func phases(_ current: ImageDetail.Current, now: Date) -> [Row] {
        let phases = current.phases
        let width = phases.map { AmiColumns.width($0.name) }.max() ?? 0
        let running = phases.lastIndex { $0.state == .running }
        return phases.enumerated().flatMap { index, phase -> [Row] in
            let branch =
                index == phases.count - 1 ? glyphs.last : index == 0 ? glyphs.first : glyphs.middle
            let name = "  \(branch) Phase: \(AmiColumns.padded(phase.name, to: width))"
            let tight = "  \(branch) \(phase.name)"
            let time = "(\(time(phase, now: now)))"
            let sign = index == running ? " \(glyphs.back) CURRENT" : phase.state == .done ? " \(glyphs.there)" : ""
            let ways = [
                "\(name) \(time)\(sign)", "\(tight) \(time)\(sign)",
                "\(tight)\(index == running ? " \(glyphs.back)" : " \(time)")", tight,
            ]
            let row = Row(text: AmiColumns.fitting(ways, columns), rank: index == running ? Rank.phase : Rank.detail)
            guard index == running else { return [row] }
            let stem = index == phases.count - 1 ? " " : glyphs.vertical
            return [row] + compiling(current, lead: "  \(stem)  \(glyphs.last) ")
        }
    }

    private func time(_ phase: Phase, now: Date) -> String {
        let taken = phase.elapsed(at: now).map(DurationText.short)
        switch phase.state {
        case .waiting: return AmiWords.usual(phase).map { "pending, \($0)" } ?? "pending"
        case .running:
            let usual = AmiWords.usual(phase).map { phase.isSlow(at: now) ? "slow: \($0)" : $0 }
            return [taken ?? "running", usual].compactMap { $0 }.joined(separator: ", ")
        case .done: return taken ?? "done"
        case .failed: return taken.map { "failed after \($0)" } ?? "failed"
        case .skipped: return "left out"
        }
    }

    /// `Compiling: gcc/tree-ssa-loop.c (4823 of 12450 files)`
    private func compiling(_ current: ImageDetail.Current, lead: String) -> [Row] {
        let count = current.filesDone.map { done in
            current.filesTotal.map { "\(done) of \($0) files" } ?? AmiWords.count(done, "file")
        }
        var ways: [String] = []
        if let file = current.file {
            let counted = count.map { " (\($0))" } ?? ""
            let room = columns - AmiColumns.width(lead) - 11 - counted.count
            if room >= 12 { ways.append("Compiling: \(AmiColumns.shortened(file, to: room, glyphs))\(counted)") }
        }
        if let count {
            ways += ["Compiling: \(count)", count.replacing(" of ", with: "/").replacing(" files", with: "")]
        }
        let way = AmiColumns.fitting(ways, columns - AmiColumns.width(lead))
        return way.isEmpty ? [] : [Row(text: lead + way, rank: Rank.detail)]
    }

    /// The log with its last lines, and the folder it is built in.
    private func whereabouts(_ current: ImageDetail.Current, _ tail: [String]) -> [Row] {
        var block: [Row] = [blank]
        if let log = current.log { block += path("Real-time log", log) }
        block += tail.suffix(Self.tail).map {
            Row(text: AmiColumns.cut("  \(glyphs.vertical) \($0)", to: columns, glyphs), rank: Rank.log)
        }
        if let stage = current.stage { block += path("Build directory", stage) }
        return block.count > 1 ? block : []
    }

    private func path(_ name: String, _ path: String) -> [Row] {
        let line = "\(name): \(path)"
        if AmiColumns.width(line) <= columns { return [Row(text: line, rank: Rank.detail)] }
        let short = AmiColumns.shortened(path, to: max(5, columns - 2), glyphs)
        return [Row(text: "\(name):", rank: Rank.detail), Row(text: "  \(short)", rank: Rank.detail)]
    }

    // MARK: disks

    private static let mostPlaces = 6

    private func places(_ image: ImageDetail, _ current: ImageDetail.Current?) -> [Row] {
        let disks = image.disks.filter { $0.total > 0 }.prefix(Self.mostPlaces)
        guard let worst = image.tellingDisk, let root = disks.first else { return [] }
        let width = disks.map { AmiColumns.width($0.place) }.max() ?? 0
        var block = [blank, Row(text: "Disk usage:", rank: Rank.disk)]
        for disk in disks {
            let name = "  \(AmiColumns.padded(disk.place + ":", to: width + 1))"
            let meaning = meaning(of: disk, current).map { " (\($0))" } ?? ""
            let isSame = disk != root && disk.used == root.used && disk.total == root.total
            // Places of one file system have the same figures; what each holds is what differs.
            let size = disk.held.map { isSame || disk.place != "/" ? AmiDisk.size($0) : disk.usage } ?? disk.usage
            let ways = [
                "\(name) \(size)\(meaning)", "\(name) \(size)", "  \(disk.place): \(size)",
                "  \(disk.place) \(disk.percent)%",
            ]
            block.append(Row(text: AmiColumns.fitting(ways, columns), rank: Rank.detail))
        }
        let of = worst.place == "/" ? "" : " on \(worst.place)"
        let free = ["  Free space\(of): ", "  Free space: ", "  Free: "].map { $0 + AmiDisk.size(worst.free) }
        block.append(Row(text: AmiColumns.fitting(free, columns), rank: Rank.disk))
        if let peak = worst.peak {
            let rate = AmiDisk.rate(worst.growth).map { " (\($0))" } ?? ""
            let text = "  Projected peak: \(AmiDisk.size(peak)) of \(AmiDisk.size(worst.total))"
            let ways = [text + rate, text, "  Peak: \(AmiDisk.size(peak))"]
            block.append(Row(text: AmiColumns.fitting(ways, columns), rank: Rank.detail))
        }
        return block
    }

    private func meaning(of disk: ImageDetail.Disk, _ current: ImageDetail.Current?) -> String? {
        if disk.place == "/" { return nil }
        if disk.place.contains("stage") || current?.stage?.hasPrefix(disk.place) ?? disk.place.hasPrefix("/tmp") {
            return "build artifacts"
        }
        return disk.place.contains("spack") ? "Spack installations" : nil
    }
}
