import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A build as the screen shows it: packages, what is being built, disks, failures. Pure.
struct BuildPicture {
    /// Packages and dependencies that are shown; a template of fifty packages needs a thousand.
    private static let mostPackages = 400
    private static let mostDependencies = 80
    private static let mostFailures = 12
    private static let mostNotices = 6

    let reading: BuildReading
    let memory: BuildMemory
    let now: Date
    /// The log's clock.
    private let builderNow: Date
    private var log: BuildLog { reading.log }

    init(_ reading: BuildReading, memory: BuildMemory, now: Date) {
        self.reading = reading
        self.memory = memory
        self.now = now
        builderNow = reading.log.time(at: now)
    }

    func detail(_ id: ItemID, verdict: BuildVerdict, track: BuildTrack, danger: String?) -> ImageDetail {
        let record = reading.known.record
        var detail = ImageDetail(
            origin: record.origin, template: record.template, builder: record.host,
            region: record.region ?? reading.known.image?.region,
            imageID: reading.known.image?.id, imageName: reading.known.image?.name ?? record.imageName)
        detail.packages = packages(verdict)
        detail.current = verdict.state == .done ? nil : current
        detail.disks = disks(verdict, track: track)
        detail.failures = failures
        detail.warnings = log.warnings
        detail.tail = log.tail.lines
        detail.similar = memory.similar(to: record.template, besides: id)
        detail.troubles = troubles
        if verdict.state == .running {
            detail.notices =
                [danger].compactMap { $0 }
                + SlowPackages.coming(log, history: memory.time).prefix(Self.mostNotices).map(\.text)
            let isCreating = verdict.word == KnownBuild.Stage.creating.rawValue
            let activity = isCreating ? reading.known.image?.activity : log.waitingFor ?? log.activity
            if let activity { detail.notices.append(activity) }
        }
        if verdict.state == .done || verdict.state == .failed { detail.parts = parts }
        return detail
    }

    // MARK: packages

    private func packages(_ verdict: BuildVerdict) -> [ImageDetail.Package] {
        var roots: [ImageDetail.Package] = []
        for (index, root) in log.roots.enumerated() {
            let package = log.packages[root.package]
            let name = reading.names[index]
            roots.append(self.package(package, named: name, usual: memory.usual(root: name), verdict))
            roots[index].startedAt = root.startedAt
            if let startedAt = root.startedAt {
                let end = root.endedAt ?? (verdict.state == .running ? builderNow : reading.endedAt ?? builderNow)
                roots[index].seconds = max(0, end.timeIntervalSince(startedAt))
            }
        }
        let others = log.packages.lazy.filter { !$0.isRoot }.prefix(max(0, Self.mostPackages - roots.count))
        return roots + others.map { package($0, named: $0.spec, usual: memory.usual(package: $0.spec), verdict) }
    }

    private func package(
        _ package: BuildPackage, named name: String, usual: BuildMemory.Usual?, _ verdict: BuildVerdict
    ) -> ImageDetail.Package {
        let state: Phase.State =
            switch package.state {
            case .waiting: .waiting
            case .running: verdict.state == .running ? .running : .failed
            case .done, .present: .done
            case .failed: .failed
            case .skipped: .skipped
            }
        var shown = ImageDetail.Package(
            spec: name, state: state, isRoot: package.isRoot, way: package.origin?.rawValue,
            startedAt: package.startedAt,
            seconds: package.seconds ?? package.startedAt.map { max(0, builderNow.timeIntervalSince($0)) })
        if let usual, usual.count >= BuildMemory.fewest {
            (shown.usual, shown.usualCount) = (usual.median, usual.count)
        } else if package.origin != .binary, package.state == .waiting || package.state == .running {
            shown.usual = TypicalDurations.usual(name).expected
        }
        return shown
    }

    private var current: ImageDetail.Current? {
        let place = log.current.flatMap { log.packages[$0].state == .running ? $0 : nil }
        guard let root = log.activeRoot, log.roots[root].startedAt != nil || place != nil else {
            guard log.roots.isEmpty, let place = place ?? log.packages.lastIndex(where: { $0.state == .failed }) else {
                return nil
            }
            return current(log.packages[place], spec: log.packages[place].spec, number: log.number, total: log.total)
        }
        let package = place.map { log.packages[$0] } ?? log.packages[log.roots[root].package]
        var current = current(
            package, spec: reading.names[root], number: root + 1,
            total: max(log.roots.count, log.driven?.total ?? log.pctl?.total ?? 0))
        current.startedAt = log.roots[root].startedAt
        if !package.isRoot {
            // What the root needs is built first; its steps are not the root's.
            current.phases = current.phases.map { phase in
                var phase = phase
                phase.name = "\(package.spec) \(phase.name)"
                return phase
            }
        }
        current.dependencies = log.dependencies(of: root).prefix(Self.mostDependencies).map {
            ImageDetail.Dependency(spec: $0.spec, isThere: $0.isSettled)
        }
        return current
    }

    private func current(
        _ package: BuildPackage, spec: String, number: Int?, total: Int?
    ) -> ImageDetail.Current {
        var current = ImageDetail.Current(
            spec: spec, number: number, total: total, startedAt: package.startedAt, phases: phases(of: package),
            file: package.file, filesDone: package.compile.flatMap { $0.done ?? ($0.files > 0 ? $0.files : nil) },
            filesTotal: package.compile?.total, log: package.log, stage: package.stage)
        if current.log == nil { current.log = package.stage.map { "\($0)/spack-build-out.txt" } }
        return current
    }

    /// Those that were met, and those that are still to come.
    private func phases(of package: BuildPackage) -> [Phase] {
        var phases = package.phases.map { phase in
            var shown = Phase(
                name: phase.name, state: phase.hasFailed ? .failed : phase.endedAt == nil ? .running : .done,
                startedAt: phase.startedAt, endedAt: phase.endedAt)
            if let told = phase.told, let startedAt = phase.startedAt, phase.endedAt != nil {
                shown.endedAt = startedAt.addingTimeInterval(told)
            }
            return shown
        }
        let reached = phases.last?.name
        let plan = PhaseShares.shares(of: package).map(\.phase)
        let next = reached.flatMap { name in plan.firstIndex(of: name).map { $0 + 1 } } ?? 0
        if package.state == .running, next < plan.count {
            phases += plan[next...].filter { name in !phases.contains { $0.name == name } }.map { Phase(name: $0) }
        }
        for index in phases.indices {
            guard let usual = memory.usual(phases[index].name, of: package.spec), usual.count >= BuildMemory.fewest
            else { continue }
            phases[index].usual = usual.median
            phases[index].usualHigh = usual.high
            phases[index].usualCount = usual.count
        }
        return phases
    }

    // MARK: the rest

    private func disks(_ verdict: BuildVerdict, track: BuildTrack) -> [ImageDetail.Disk] {
        log.samples.disks.map { disk in
            let peak = verdict.state == .running ? BuildSamples.peak(disk, remaining: track.remaining) : disk.highest
            return ImageDetail.Disk(
                place: disk.place, used: Self.bytes(disk.used), total: Self.bytes(disk.total),
                held: disk.held.map(Self.bytes), growth: verdict.state == .running ? disk.growth : nil,
                peak: peak.map(Self.bytes), at: disk.at)
        }
    }

    /// No disk is larger than that, whatever a log says.
    static func bytes(_ bytes: Double) -> Int { Int(max(0, min(bytes.isFinite ? bytes : 0, 1e18))) }

    private var failures: [ImageDetail.Failure] {
        let sorted = log.failures.filter { !$0.isOver } + log.failures.filter(\.isOver)
        return sorted.prefix(Self.mostFailures).map { failure in
            ImageDetail.Failure(
                package: failure.package?.spec, phase: failure.phase, text: failure.text, place: failure.place,
                lines: failure.signs.map { sign in sign.line.map { "\($0): \(sign.text)" } ?? sign.text },
                fix: failure.fix)
        }
    }

    private var troubles: [String] {
        var troubles = reading.known.troubles.map { SafeText.line($0) } + reading.troubles
        let skew = builderNow.timeIntervalSince(now)
        if abs(skew) > 60 {
            troubles.append(
                "The builder's clock is \(DurationText.short(abs(skew))) \(skew > 0 ? "ahead of" : "behind") ours.")
        }
        return troubles
    }

    // MARK: for the history

    private static let mostParts = 600

    private var parts: [RunPart] {
        var parts: [RunPart] = []
        if reading.known.isOver || reading.known.life == .unknown,
            let failure = log.failures.first(where: { !$0.isOver }), log.outcome == .failed
        {
            parts.append(RunPart(name: BuildStatistics.failurePart(failure.trouble), seconds: 0, count: 1))
        } else if log.driven?.stop == .late {
            parts.append(RunPart(name: BuildStatistics.failurePart(.timeout), seconds: 0, count: 1))
        }
        if let most = log.samples.disks.map(\.highest).max() {
            parts.append(RunPart(name: BuildStatistics.diskPart, seconds: 0, count: Self.bytes(most)))
        }
        if let memory = log.samples.highestMemory {
            parts.append(RunPart(name: BuildStatistics.memoryPart, seconds: 0, count: Self.bytes(memory)))
        }
        // A name stands for one package: a second build of the same has other variants.
        var seen: Set<String> = []
        for package in log.packages where package.state == .done && package.origin == .source {
            guard parts.count < Self.mostParts, let seconds = package.seconds, seconds > 0,
                seen.insert(package.spec).inserted
            else { continue }
            parts.append(RunPart(name: "\(package.spec)/total", seconds: seconds, count: 1))
            for phase in package.phases {
                guard let seconds = phase.seconds, seconds >= 1 else { continue }
                parts.append(RunPart(name: "\(package.spec)/\(phase.name)", seconds: seconds, count: 1))
            }
            if package.silence >= 30 {
                parts.append(RunPart(name: "\(package.spec)/silence", seconds: package.silence, count: 1))
            }
        }
        return parts
    }
}
