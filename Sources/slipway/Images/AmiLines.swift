import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A build as lines for a pipe or the log of a CI job: one for each change, none that only time has moved.
struct AmiLines: WatchPrinting {
    /// The bar is told in steps of so many percent, and not more often than every so many seconds.
    private static let step = 5
    private static let pause: Double = 30
    /// Above this share of a disk there is one line, and another at the second. Source: wire-formats 4.4.
    private static let diskSteps = [80, 90, 95]
    /// Dependencies of which something is told; templates have thousands.
    private static let mostPackages = 2000

    let level: AmiLevel
    private let zone: TimeZone
    private let glyphs: AmiGlyphs
    private let write: (String) -> Void

    private var hasBegun = false
    private var told: Set<String> = []
    private var states: [String: Phase.State] = [:]
    private var phase = ""
    private var word = ""
    private var percent = 0
    private var percentAt: Date?
    private var disks: [String: Int] = [:]
    private var isSilent = false
    private var trouble: (reason: Attention.Reason, cause: String)?
    private var log = ""

    /// - Parameter write: takes one line without its end.
    init(level: AmiLevel, zone: TimeZone = .current, glyphs: AmiGlyphs = .box, write: @escaping (String) -> Void) {
        self.level = level
        self.zone = zone
        self.glyphs = glyphs
        self.write = write
    }

    mutating func show(_ item: Item, _ snapshot: Snapshot) {
        guard case .image(let image) = item.detail else { return }
        let now = snapshot.at
        if !hasBegun { begin(item, image, now) }
        announce(item, image, now)
        packages(image, now)
        step(item, image, now)
        progress(item, image, now)
        space(image, now)
        silence(item, snapshot)
        attention(item, snapshot)
    }

    mutating func end(_ item: Item, _ snapshot: Snapshot, _ status: ExitStatus) {
        guard let ending = AmiEnding(item, now: snapshot.at) else { return }
        block(ending.lines(status, isListing: level >= .packages), snapshot.at)
    }

    // MARK: parts

    private mutating func begin(_ item: Item, _ image: ImageDetail, _ now: Date) {
        hasBegun = true
        word = item.word
        let roots = image.packages.filter(\.isRoot)
        let place = image.builder.map { " on \($0)" } ?? ""
        let total = item.progress?.total ?? roots.count
        var parts = ["\(item.name): \(item.word)\(place)"]
        if total > 0 { parts.append(AmiWords.count(total, "package")) }
        if let estimate = AmiWords.total(item, now: now) { parts.append(estimate) }
        line(parts.joined(separator: ", "), now)
        if level >= .packages, !roots.isEmpty {
            detail(
                "packages: " + roots.prefix(60).map(\.spec).joined(separator: ", ") + (roots.count > 60 ? ", ..." : ""))
        }
        if level == .everything {
            for similar in image.similar.prefix(3) { detail(AmiAnnouncement.text(similar, now: now)) }
        }
    }

    /// What takes long is told before it begins; what else is worth knowing, with names and details.
    private mutating func announce(_ item: Item, _ image: ImageDetail, _ now: Date) {
        for notice in image.notices where notice != item.diagnosis?.cause {
            let isTold = level >= .packages || AmiWords.isAnnouncement(notice) || item.word == "creating image"
            guard isTold, told.count < Self.mostPackages,
                told.insert(notice).inserted
            else { continue }
            line("  > \(notice)", now)
        }
        guard level >= .packages else { return }
        for text in image.warnings.map({ "  ? \($0)" }) + image.troubles.map({ "  ? not read: \($0)" })
        where told.count < Self.mostPackages && told.insert(text).inserted {
            line(text, now)
        }
    }

    private mutating func packages(_ image: ImageDetail, _ now: Date) {
        let count = image.packages.count(where: \.isRoot)
        var number = 0
        for package in image.packages {
            if package.isRoot { number += 1 }
            guard package.isRoot || level >= .packages else { continue }
            let key = package.isRoot ? "\(number)" : package.spec
            let before = states[key] ?? .waiting
            guard package.state != before, states.count < Self.mostPackages else { continue }
            states[key] = package.state
            let lead = package.isRoot ? "[\(number)/\(count)] " : "  "
            line("\(AmiWords.mark(package.state)) \(lead)\(package.spec) \(Self.news(package))", now)
        }
    }

    /// `begins, usual 1h01m n=3`, `installed in 58m, usual 1h01m n=3`
    private static func news(_ package: ImageDetail.Package) -> String {
        let took = package.seconds.map { " in \(DurationText.short($0))" } ?? ""
        let usual = package.usualCount > 0 ? AmiWords.usual(package) : nil
        switch package.state {
        case .waiting: return "waits again"
        case .running: return ["begins", AmiWords.usual(package)].compactMap { $0 }.joined(separator: ", ")
        case .done:
            switch package.way {
            case "installed": return "was there"
            case "external": return "is there, outside Spack"
            case "binary": return "installed from a binary\(took)"
            default: return ["installed\(took)", usual].compactMap { $0 }.joined(separator: ", ")
            }
        case .failed: return "failed" + (package.seconds.map { " after \(DurationText.short($0))" } ?? "")
        case .skipped: return package.way == "installed" ? "was there" : "left out"
        }
    }

    /// The phase of what is built; of the whole, where no package is.
    private mutating func step(_ item: Item, _ image: ImageDetail, _ now: Date) {
        if item.word != word {
            word = item.word
            if !item.isEnded { line("> \(item.name): \(item.word)", now) }
        }
        guard let current = image.current, item.state == .running, let running = AmiWords.phase(current) else { return }
        if level == .everything, let log = current.log, log != self.log {
            self.log = log
            detail("log: \(log)")
            if let stage = current.stage { detail("build directory: \(stage)") }
            if !current.dependencies.isEmpty {
                let there = current.dependencies.count(where: \.isThere)
                detail("dependencies: \(there) installed, \(current.dependencies.count - there) pending")
            }
        }
        let key = "\(current.spec) \(running.name)"
        guard key != phase else { return }
        phase = key
        let number = current.number.map { "[\($0)\(current.total.map { "/\($0)" } ?? "")] " } ?? ""
        let usual = level >= .packages ? AmiWords.usual(running).map { ", \($0)" } ?? "" : ""
        line("> \(number)\(current.spec) phase \(running.name)\(usual)", now)
    }

    private mutating func progress(_ item: Item, _ image: ImageDetail, _ now: Date) {
        guard let progress = item.progress, item.state == .running, progress.percent / Self.step > percent / Self.step,
            percentAt.map({ now.timeIntervalSince($0) >= Self.pause }) ?? true
        else { return }
        percent = progress.percent
        percentAt = now
        var parts = [progress.text]
        if let current = image.current {
            let taken = AmiWords.phase(current).map { phase in
                " \(phase.name)" + (phase.elapsed(at: now).map { " \(DurationText.short($0))" } ?? "")
            }
            parts.append(current.spec + (taken ?? ""))
            if level == .everything, let done = current.filesDone {
                parts.append(current.filesTotal.map { "\(done) of \($0) files" } ?? AmiWords.count(done, "file"))
            }
        }
        parts.append(AmiWords.times(item, now: now).first ?? "")
        line("> " + parts.joined(separator: "  "), now)
        if level == .everything { for disk in image.disks.prefix(6) { detail(Self.text(disk)) } }
    }

    private static func text(_ disk: ImageDetail.Disk) -> String {
        let rate = AmiDisk.rate(disk.growth).map { ", \($0)" } ?? ""
        let peak = disk.peak.map { ", peak \(AmiDisk.size($0))" } ?? ""
        return "disk \(disk.place): \(disk.usage)\(rate)\(peak)"
    }

    /// Once for each step that a disk passes; below all of them it may warn again.
    private mutating func space(_ image: ImageDetail, _ now: Date) {
        for (index, disk) in image.disks.prefix(20).enumerated() where disk.total > 0 {
            // Places of one file system fill together.
            guard !image.disks[..<index].contains(where: { $0.used == disk.used && $0.total == disk.total }) else {
                continue
            }
            let passed = Self.diskSteps.last { disk.percent >= $0 } ?? 0
            let before = disks[disk.place] ?? 0
            if passed > before { line("! disk \(disk.place): \(disk.usage), \(AmiDisk.size(disk.free)) free", now) }
            // A disk that swings about a step says so once.
            if passed > before || disk.percent < Self.diskSteps[0] - 5 { disks[disk.place] = passed }
        }
    }

    /// The place of the build does not answer, or does so again.
    private mutating func silence(_ item: Item, _ snapshot: Snapshot) {
        let found = item.isEnded ? nil : AmiWords.silence(snapshot.sources[item.source], now: snapshot.at)
        if let found, !isSilent { line("? \(found)", snapshot.at) }
        if found == nil, isSilent, !item.isEnded { line("+ it answers again", snapshot.at) }
        isSilent = found != nil
    }

    private mutating func attention(_ item: Item, _ snapshot: Snapshot) {
        let found = item.isEnded ? nil : item.attention(at: snapshot.at, source: snapshot.sources[item.source])
        guard let attention = found else {
            if let trouble, !item.isEnded { line("+ no longer \(trouble.reason.word)", snapshot.at) }
            trouble = nil
            return
        }
        // The numbers in a cause move; another reason is news.
        let cause = String(attention.cause.prefix { !$0.isNumber })
        guard attention.reason != trouble?.reason || cause != trouble?.cause else { return }
        trouble = (attention.reason, cause)
        line("! \(attention.reason.word): \(attention.cause)", snapshot.at)
        if level == .everything { for sign in attention.signs { detail("sign  \(sign)") } }
        for next in attention.next { detail("next  \(next)") }
    }

    // MARK: writing

    private func line(_ text: String, _ now: Date) {
        write(glyphs.plain("\(WireTime.clock(now, zone: zone, seconds: true))  \(text)"))
    }

    private func detail(_ text: String) { write(glyphs.plain("          \(text)")) }

    private func block(_ lines: [String], _ now: Date) {
        guard let first = lines.first else { return }
        line(first, now)
        for text in lines.dropFirst() { detail(text) }
    }
}
