import Fleet
import Foundation
import ImageBuild
import Sandbox
import TestSupport
import Testing
import Upstream

/// The builders of the demo, looked at as the feed looks at them.
@Suite struct ImageBuilderTests {
    /// Seconds that the clock runs after the door is made, until the demo's screen opens.
    static let opening = SandboxWorld.past
    static let day = 86_400.0

    // MARK: what is to be seen

    @Test(arguments: [3, 42] as [UInt64])
    func atTheOpeningEveryBuilderIsWhereTheTableSays(seed: UInt64) async throws {
        let builders = ImageBuilders(at: Self.opening, seed: seed)
        let known = try await builders.all()
        #expect(
            known.keys.sorted() == [
                "cfd-stack", "chem-base", "foundation-v1", "genomics-eu", "md-tools", "starter-usw2", "visual-lab",
            ])
        for name in ["cfd-stack", "genomics-eu", "starter-usw2", "chem-base"] { #expect(known[name]?.life == .running) }
        #expect(known["starter-usw2"]?.record.host == "builder-1")
        #expect(known["visual-lab"]?.record.host == nil)
        #expect(
            known["starter-usw2"]?.record.packages == [
                "gcc@11.2.0", "openmpi@4.1.4", "python@3.10", "cmake@3.24", "git@2.39",
            ])

        func ended(_ name: String) throws -> (status: Int, ago: Double) {
            let build = try #require(known[name])
            guard case .ended(let end) = build.life else { throw Missing(name) }
            return (end.status, builders.now.timeIntervalSince(end.at))
        }
        let (molecules, visual, foundation) = try (ended("md-tools"), ended("visual-lab"), ended("foundation-v1"))
        #expect(molecules.status == 1 && (715...725).contains(molecules.ago))
        #expect(visual.status == 1)
        #expect(foundation.status == 0)
        let image = try #require(known["foundation-v1"]?.image)
        #expect(image.state == .available && image.percent == 100 && image.id?.hasPrefix("ami-0") == true)
        #expect((10_790...10_810).contains(builders.now.timeIntervalSince(try #require(image.endedAt))))

        // gcc is 18 minutes old and about 40 % done, dependencies and all; the disk is as full as the seed's screen shows it.
        let starter = try await builders.log(of: "starter-usw2")
        let gcc = try #require(starter.packages.first { $0.spec == "gcc@11.2.0" })
        #expect(gcc.state == .running && gcc.phase?.name == "build")
        #expect((1060...1100).contains(builders.now.timeIntervalSince(try #require(gcc.startedAt))))
        let memory = BuildMemory(runs: builders.past)
        var progress = BuildProgress()
        progress.update(
            starter, usual: { memory.usual(package: $0)?.median }, usualPhase: { memory.usual($1, of: $0)?.median },
            now: builders.now)
        #expect((0.35...0.45).contains(progress.shares[0].fraction))
        #expect(progress.progress(starter).done == 0 && progress.progress(starter).total == 5)
        let root = try #require(starter.samples.disks.first)
        #expect(root.place == "/" && (11.5e9...14e9).contains(root.used) && (0.24...0.31).contains(root.share))
    }

    @Test(arguments: [3, 42] as [UInt64])
    func theScreenSaysWhatIsWrongWithThem(seed: UInt64) async throws {
        let builders = ImageBuilders(at: Self.opening, seed: seed)
        let known = try await builders.all()
        func item(_ name: String) async throws -> Item { try await builders.item(of: try #require(known[name])) }
        #expect(try await item("starter-usw2").diagnosis == nil)
        let slow = try await item("genomics-eu")
        #expect(slow.diagnosis?.cause.hasPrefix("gcc@12.3.0 is slow: usual ") == true)
        guard case .image(let detail) = slow.detail else { throw Missing("detail") }
        #expect(detail.current?.file?.hasSuffix(".cc") == true && detail.current?.filesDone ?? 0 > 1000)
        #expect(try await item("cfd-stack").diagnosis?.cause.hasPrefix("disk will not last: ") == true)
        let molecules = try await item("md-tools")
        #expect(molecules.state == .failed)
        #expect(
            molecules.diagnosis?.cause.hasPrefix("Build failed in gromacs@2023.1, phase cmake: CMake Error at ") == true
        )
        #expect(
            try await item("visual-lab").diagnosis?.cause.contains("paraview: '+egl' conflicts with '+osmesa'") == true)
        #expect(try await item("foundation-v1").word == "complete")
        let pctl = try await item("chem-base")
        #expect(pctl.state == .running && pctl.phases.map(\.name) == ["Launch", "Software", "Image"])
    }

    // MARK: images

    @Test func anImageIsMadeOfTheFoundationInSteps() async throws {
        let builders = ImageBuilders(at: Self.opening)
        let first = try #require(try await builders.all()["foundation-v1"])
        let start = try #require(first.record.startedAt).addingTimeInterval(43_200)
        var percents: [Int] = []
        var stages: Set<KnownBuild.Stage?> = []
        for age in stride(from: 5400.0, to: 8400, by: 20) {
            let at = start.addingTimeInterval(age).timeIntervalSince(ManualTime.start)
            let later = ImageBuilders(at: at)
            let build = try #require(
                try await later.builds().first { $0.name == "foundation-v1" && $0.record.startedAt == start })
            guard let image = build.image else {
                #expect(build.stage == nil)
                continue
            }
            // The packages are there before the image is begun.
            guard case .ended(let end) = build.life else { throw Missing("end") }
            #expect(end.status == 0 && end.at < image.startedAt ?? .distantPast)
            #expect(image.name?.hasPrefix("foundation-v1-2026112") == true)
            #expect((image.state == .available) == (image.percent == 100))
            percents.append(image.percent ?? -1)
            stages.insert(build.stage)
        }
        #expect(percents.reduce(into: []) { if $0.last != $1 { $0.append($1) } } == [0, 22, 43, 85, 99, 100])
        #expect(stages == [.creating, nil])
    }

    @Test func pctlsTagStandsStillWhilePackagesAreInstalled() async throws {
        let builders = ImageBuilders(at: Self.opening)
        let build = try #require(try await builders.all()["chem-base"])
        #expect(build.record.origin == .pctl && !build.hasLog && build.record.packages.isEmpty)
        #expect(build.stage == .installing && build.told == "20% - Starting package installation")
        #expect(build.record.host?.hasPrefix("i-0") == true && build.record.region == "us-east-1")
        builders.move(to: try #require(build.record.startedAt).timeIntervalSince(ManualTime.start))
        var told: [String] = []
        var seconds = 0.0
        var words: [String] = []
        var last: KnownBuild?
        while last?.isOver != true, words.count < 10 {
            let seen = try #require(try await builders.builds().first { $0.id == build.id })
            if let text = seen.told, told.last != text { told.append(text) }
            if seen.told == build.told { seconds += 10 }
            let word = seen.stage?.rawValue ?? "over"
            if words.last != word { words.append(word) }
            last = seen
            builders.time.advance(by: 10)
        }
        #expect(told.compactMap { PctlProgress(tag: $0)?.percent } == [0, 10, 15, 20, 85, 95, 100])
        #expect((4800...6600).contains(seconds))
        #expect(words == ["launching", "installing", "creating image", "over"])
        #expect(last?.life.isGood == true && last?.image?.state == .available)
        #expect(last?.troubles == [BuildCaution.succeededAllTheSame.sentence])
    }

    // MARK: one world

    @Test func answersAgreeInAnyOrderAndStepOfTheClock() async throws {
        let times = stride(from: 0.0, through: 2 * Self.day, by: 4111).map { $0 }
        let straight = ImageBuilders(at: 0)
        var answers: [Double: [KnownBuild]] = [:]
        for time in times {
            straight.move(to: time)
            answers[time] = try await straight.builds()
        }
        for time in times.reversed() {
            let jumped = ImageBuilders(at: time)
            #expect(try await jumped.builds() == answers[time])
        }
        let other = ImageBuilders(at: Self.opening, seed: 8)
        let same = ImageBuilders(at: Self.opening)
        #expect(try await other.builds().map(\.id) != same.builds().map(\.id))
    }

    @Test func livesRepeatAndAreKeptForADay() async throws {
        let builders = ImageBuilders(at: Self.opening)
        let first = try await builders.all()
        var ids: [String: Set<String>] = [:]
        for hour in 0..<60 {
            builders.move(to: Self.opening + Double(hour) * 3600)
            for build in try await builders.builds() {
                ids[build.name, default: []].insert(build.id)
                if case .ended(let end) = build.life {
                    let last = max(end.at, build.image?.endedAt ?? end.at)
                    #expect(builders.now.timeIntervalSince(last) < Self.day + 1)
                }
            }
        }
        #expect(ids.values.allSatisfy { $0.count >= 5 })
        let now = try await builders.builds()
        #expect(Set(now.map(\.id)).isDisjoint(with: first.values.map(\.id)))
        #expect(Set(now.map(\.id)).count == now.count)
        let gone = first["md-tools"]?.id ?? ""
        let problem = await #expect(throws: UpstreamProblem.self) {
            try await builders.door.follow(gone, from: .start) { _ in }
        }
        #expect(problem?.reason == .status(404) && problem?.sentence.contains(gone) == true)
    }

    @Test func aQuestionCostsLessThanTwoMilliseconds() async throws {
        let builders = ImageBuilders(at: 2 * Self.day)
        let clock = ContinuousClock()
        var best = Duration.seconds(1)
        // The best of many: the machine has other work.
        for _ in 0..<20 { best = min(best, try await clock.measure { _ = try await builders.door.builds() }) }
        #expect(best < .milliseconds(2))
    }

    // MARK: following

    @Test func aLogIsTheSameFromTheMiddleAndWhenItIsFollowedLive() async throws {
        let builders = ImageBuilders(at: Self.opening)
        let id = try #require(try await builders.all()["starter-usw2"]?.id)
        let (whole, end) = try await builders.finished(id)

        let live = ImageBuilders(at: Self.opening)
        let pieces = Pieces()
        let task = Task { try await live.door.follow(id, from: .start) { pieces.add($0) } }
        var steps = 0
        // Steps of many sizes, until it ends by itself.
        while live.now < end {
            await live.time.untilAsleep()
            live.time.advance(by: [1, 3, 15, 0.5, 7, 40][steps % 6])
            steps += 1
        }
        try await task.value
        #expect(pieces.bytes == whole)
        #expect(pieces.first?.isPast == true && pieces.first?.written ?? .distantFuture <= live.now)
        // What has just been written is not past, and its time is that of the clock.
        #expect(pieces.fresh > 20 && pieces.isInOrder && pieces.caughtUp == 1)

        for offset in [1, 777, whole.count / 2, whole.count - 1, whole.count] {
            builders.move(to: Self.opening + Self.day / 2)
            let rest = try await builders.bytes(of: id, from: BuildPlace(offset: offset))
            #expect(rest == Array(whole[offset...]))
        }
    }

    @Test func aLogThatWasLongerBeginsAnewAndCancellingEndsIt() async throws {
        let builders = ImageBuilders(at: Self.opening)
        let id = try #require(try await builders.all()["genomics-eu"]?.id)
        let pieces = Pieces()
        let task = Task { try await builders.door.follow(id, from: BuildPlace(offset: 90_000_000)) { pieces.add($0) } }
        await builders.time.untilAsleep()
        #expect(pieces.restarts == [.truncated])
        #expect(pieces.count > BuildPiece.largest && pieces.largest <= BuildPiece.largest)
        task.cancel()
        try await task.value
        #expect(builders.time.sleepers == 0)
        await #expect(throws: (any Error).self) { try await builders.door.stop(id) }
    }

    // MARK: history

    @Test func thePastHoldsTwoMonthsOfBuilds() throws {
        let now = ManualTime.start
        let runs = SandboxPast.imageRuns(source: SourceID("builders"), seed: 3, now: now)
        #expect(Set(runs.map(\.item)).count == runs.count && runs.count >= 60)
        #expect(
            runs.allSatisfy { $0.kind == .image && $0.profile == $0.name && $0.endedAt < now.addingTimeInterval(-3600) }
        )
        #expect(runs.allSatisfy { now.timeIntervalSince($0.startedAt) < 61 * Self.day && $0.seconds > 60 })
        let failed = runs.filter { $0.outcome == .failed }
        #expect(Set(failed.map(\.name)) == ["cfd-stack", "md-tools"] && failed.count * 8 < runs.count)
        let memory = BuildMemory(runs: runs)
        let gcc = try #require(memory.usual(package: "gcc@11.2.0"))
        #expect(gcc.count >= 20 && (3350...3550).contains(gcc.median) && gcc.high < gcc.low * 1.12)
        #expect((3000...3400).contains(memory.usual("build", of: "gcc@11.2.0")?.median ?? 0))
        #expect(memory.usual(root: "openmpi@4.1.4")?.count ?? 0 > 10 && memory.usual(package: "gmp@6.2.1") != nil)
        #expect(memory.similar(to: "test-build", besides: runs[0].item).count == 5)
    }

    /// The past is as the rules would have recorded it.
    @Test func aBuildOfTheDemoIsRecordedInTheShapeOfThePast() async throws {
        let builders = ImageBuilders(at: Self.opening)
        for name in ["starter-usw2", "md-tools", "visual-lab", "foundation-v1", "cfd-stack"] {
            let item = try await builders.item(of: try await builders.ended(name, life: name == "starter-usw2" ? 0 : 1))
            let run = try #require(Run(item: item))
            guard case .image(let detail) = item.detail else { throw Missing(name) }
            let before = try #require(builders.past.first { $0.name == name && $0.outcome == .done })
            #expect(run.outcome == .done && run.word == before.word && run.profile == before.profile)
            #expect(run.phases.map(\.name) == before.phases.map(\.name))
            for (new, old) in zip(run.phases, before.phases) {
                #expect((0.7...1.4).contains(new.seconds / old.seconds))
            }
            // Parts that take about a second, or are silent for about thirty, are sometimes left out.
            func lasting(_ parts: [RunPart]) -> Set<String> {
                Set(parts.map(\.name).filter { name in ["/total", "/build", "/disk"].contains { name.hasSuffix($0) } })
            }
            #expect(lasting(detail.parts ?? []) == lasting(before.parts))
            for part in detail.parts ?? [] where part.name.hasSuffix("/total") || part.name.hasPrefix("peak/") {
                let past = before.parts.first { $0.name == part.name }
                #expect(abs(part.seconds - (past?.seconds ?? 0)) <= part.seconds * 0.25)
                #expect(abs(part.count - (past?.count ?? 0)) <= part.count / 10)
            }
        }
    }
}
