import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What stands in the row of an image build.
struct ImageCells {
    let item: Item
    let detail: ImageDetail
    let look: RowLook

    init(_ item: Item, _ detail: ImageDetail, _ look: RowLook) {
        self.item = item
        self.detail = detail
        self.look = look
    }

    /// Its name; with the end of its id, or the folder of its log, where another build has the same, as all builds of one template do.
    static func name(_ item: Item, _ detail: ImageDetail, _ state: State, width: Int) -> String {
        let glyphs = state.setting.glyphs
        let others = state.shown.names[item.name] ?? []
        guard others.contains(where: { $0 != item.id && state.shown.items[$0]?.kind == .image }) else {
            return glyphs.shortened(item.name, to: width)
        }
        let folders = item.key.split(separator: "/")
        if folders.count > 1 { return glyphs.shortened(folders.suffix(2).joined(separator: "/"), to: width) }
        let id = item.key.suffix(4)
        return glyphs.shortened(item.name, to: max(1, width - TextWidth.of(id) - 1)) + " \(id)"
    }

    /// The word, or its first one where the others have no room; before it, the age of an old one, where no column of its own says it.
    func word(width: Int, isAged: Bool) -> Line {
        let age = isAged && look.isOld ? look.age.map { "~\(DurationText.age($0)) " } ?? "" : ""
        let fits = TextWidth.of(age + item.word) <= width
        let word = fits ? item.word : String(item.word.prefix { $0 != " " })
        return Line(age + word, Style(look.role))
    }

    /// A failure freezes the bar where it was, and says so.
    func bar(width: Int) -> Line {
        let role: Role = item.state == .failed ? .statusFail : item.state == .done ? .statusOk : .barFill
        return item.progress?.bar(of: item.state, role: role).line(width: width, glyphs: look.glyphs) ?? Line()
    }

    // MARK: what is built

    /// `[1/5] gcc@11.3.0`; of one that has ended, what came of it.
    func package(width: Int) -> Line {
        switch item.state {
        case .failed:
            guard let package = detail.failures.first?.package ?? detail.current?.spec else { return Line() }
            let whole = "failed at \(package)"
            let fits = TextWidth.of(whole) <= width
            return Line(fits ? whole : look.glyphs.shortened(package, to: width), Style(.statusFail))
        case .done:
            return Line(look.glyphs.shortened(detail.imageID ?? detail.packageCount ?? "", to: width), Style(.muted))
        case .waiting, .running, .held, .unknown:
            guard let current = detail.current else { return step }
            let number = current.numberText.map { "[\($0)] " } ?? ""
            let room = max(4, width - TextWidth.of(number))
            return Line(number + look.glyphs.shortened(current.spec, to: room), Style(look.textRole))
        }
    }

    /// Where no package is built, the step of the whole, unless its word says it already: `Image 4m`.
    private var step: Line {
        guard let phase = item.currentPhase, phase.name.lowercased() != item.word.lowercased() else { return Line() }
        let age = phase.elapsed(at: look.now).map { " \(DurationText.age($0))" } ?? ""
        return Line(phase.name + age, Style(look.textRole))
    }

    /// `build 16m`, the phase of the package and how long it has taken.
    func phase(width: Int) -> Line {
        if item.state == .failed { return Line(detail.failures.first?.phase ?? "", Style(.statusFail)) }
        guard item.state == .running, let phase = detail.current?.phase else { return Line() }
        let role: Role = phase.isSlow(at: look.now) ? .statusWarn : look.textRole
        let whole = phase.name + (phase.elapsed(at: look.now).map { " \(DurationText.age($0))" } ?? "")
        return Line(TextWidth.of(whole) <= width ? whole : phase.name, Style(role))
    }

    // MARK: how long, and whether it fits

    func left(width: Int) -> Line {
        let line = LeftText.line(item, attention: look.attention, now: look.now)
        if line.width <= width { return line }
        let role = line.spans.first?.style.role ?? .text
        if look.attention?.reason == .overdue { return Line("overdue", Style(role)) }
        if item.state == .failed, let ended = item.endedAt {
            return Line("\(DurationText.age(look.now.timeIntervalSince(ended))) ago", Style(role))
        }
        if line.text.hasPrefix("slow") { return Line("slow", Style(role)) }
        // Typical values are said to be so in three letters; a count of runs is rather left out than cut in two.
        guard let estimate = item.estimate, let band = estimate.text.split(separator: " ").first else { return line }
        let short = estimate.basis == .typical ? "\(band) typ" : String(band)
        return Line(TextWidth.of(short) <= width ? short : String(band), Style(role))
    }

    /// The fullest place, or the one that will not last: `27%`, `!96%`, and with room `!96% full`.
    func disk(width: Int) -> Line {
        guard item.state != .done, let disk = detail.worstDisk, let percent = disk.percent else { return Line() }
        guard let danger = disk.danger else { return Line("\(percent)%", Style(look.textRole)) }
        let whole = "!\(percent)% \(danger.word)"
        return Line(TextWidth.of(whole) <= width ? whole : "!\(percent)%", Style(danger.role, .bold))
    }
}

extension Item {
    /// What its system calls it and never gives to another: the id of a build.
    var key: String { String(id.text.dropFirst("\(kind.rawValue)/\(source.text)/".count)) }
}

extension ImageDetail {
    /// Where it is built, as much of it as has room.
    func place(width: Int, _ glyphs: Glyphs) -> String {
        let whole = [builder, region].compactMap { $0 }.joined(separator: " ")
        if whole.isEmpty { return origin == .slipway || origin == .log ? (width < 12 ? "here" : "this machine") : "" }
        return TextWidth.of(whole) <= width ? whole : glyphs.shortened(builder ?? whole, to: width)
    }

    /// `5 packages`, those that were asked for.
    var packageCount: String? {
        let roots = packages.count(where: \.isRoot)
        let count = roots > 0 ? roots : packages.count
        return count == 0 ? nil : count == 1 ? "1 package" : "\(count) packages"
    }

    /// The file in which to look: where the failure is, else what is being written.
    var logPath: String? {
        guard let place = failures.first?.place else { return current?.log }
        // The number of the line is not part of the path.
        guard let colon = place.lastIndex(of: ":"), Int(place[place.index(after: colon)...]) != nil else {
            return place
        }
        return String(place[..<colon])
    }

    /// The command that shows it in the words of what builds it.
    func command(_ item: Item) -> String {
        if origin == .pcluster {
            let region = self.region.map { " -r \(ShellText.quoted($0))" } ?? ""
            return "pcluster describe-image -i \(ShellText.word(item.name))\(region)"
        }
        // What is known by its log alone has no other id.
        let log = item.key.hasPrefix("/") ? "--log " : ""
        return "slipway ami watch \(log)\(ShellText.word(item.key))"
    }
}

extension ImageDetail.Current {
    /// `1/5`
    var numberText: String? {
        guard let number else { return nil }
        return total.map { "\(number)/\($0)" } ?? String(number)
    }

    /// The phase that runs, or in which it failed.
    var phase: Phase? { phases.last { $0.state == .running } ?? phases.last { $0.state == .failed } }

    /// `gcc/tree-ssa-loop.c (4823 of 12450 files)`, the name in so many columns at most.
    func compiling(width: Int, _ glyphs: Glyphs) -> String? {
        let count = filesDone.map { done in filesTotal.map { "\(done) of \($0) files" } ?? "\(done) files" }
        guard let file else { return count }
        guard let count else { return glyphs.shortened(file, to: width) }
        return "\(glyphs.shortened(file, to: max(8, width - TextWidth.of(count) - 3))) (\(count))"
    }
}
