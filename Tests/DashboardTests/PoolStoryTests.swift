import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// What a person sees of practice clusters.
@Suite struct PoolStoryTests {
    static func state(_ items: [Item] = PoolSample.items, size: Size = Size(columns: 80, rows: 24)) -> State {
        Sample.state(Snapshot(at: Sample.now, items: items, sources: [PoolSample.source]), size: size)
    }

    static func changed(_ item: Item, _ change: (inout Item, inout PoolDetail) -> Void) -> Item {
        var item = item
        guard case .pool(var detail) = item.detail else { return item }
        change(&item, &detail)
        item.detail = .pool(detail)
        return item
    }

    /// The page of one item, in one piece.
    static func page(_ item: Item, columns: Int = 80) -> State {
        var state = state([item], size: Size(columns: columns, rows: 120))
        state.press("2 Enter")
        return state
    }

    // MARK: the list

    @Test(arguments: [
        ("ckad-11", [" ! ", "error       22m Restore worker", "not by itself", "+! 1/2"]),
        ("ckad-12", [" > ", "resetting    2m", "worker 29s", "2-3m n=61", "+. 2/2"]),
        ("ckad-20", [" > ", "creating     1m cp ready 59s", "6-10m n=61", ">  0/2"]),
        ("ckad-03", [" ? ", "locked       2h 0c9e11d7 is gone", "not by itself", "++ 2/2"]),
        ("ckad-01", [" = ", "locked      38m a41f9c3e", "25-26m n=61", "++ 2/2"]),
        ("ckad-07", [" + ", "available   31m reset 2h ago", "now ", "++ 2/2"]),
        ("ckad-09", [" ? ", "available    1h worker CrashL", "now? ", "+! 2/2"]),
    ])
    func aRowSaysWhatIsDoneWithItAndWhenItIsFree(name: String, parts: [String]) {
        var state = Self.state()
        state.press("2 z")
        for part in parts { #expect(state.line(name)?.contains(part) == true, "\(part): \(state.line(name) ?? "")") }
    }

    @Test func aWideListNamesMachinesAndSaysWhenItWasResetAndChecked() {
        var state = Self.state(size: Size(columns: 200, rows: 50))
        state.press("2 z")
        for part in ["a41f9c3e network-policies", "+ Running cp-ckad-01", "+ Running wk-ckad-01", "2h    2m ▁"] {
            #expect(state.line("ckad-01")?.contains(part) == true, "\(part)")
        }
        #expect(
            state.line("ckad-20")?.contains("> ckad-20     creating              1m Control plane ready 59s") == true)
    }

    @Test func whatIsWrongStandsFirstAndWhatIsFreeIsNotFolded() {
        var state = Self.state()
        state.press("2 z")
        let all = [
            "ckad-11", "ckad-12", "ckad-20", "ckad-01", "ckad-02", "ckad-03", "ckad-07", "ckad-09", "ckad-05",
        ]
        #expect(state.lines.compactMap { line in all.first { line.contains($0) } } == all)
        state.press("Space")
        #expect(state.line("3 more")?.contains("available") == true && state.line("ckad-07") == nil)
        state.press("Space")
        #expect(state.line("ckad-07") != nil)
    }

    @Test func theTitleCountsEachStatusAndSaysWhenTheNextIsFree() {
        var state = Self.state(size: Size(columns: 200, rows: 50))
        state.press("2")
        let counts = "POOL 9: 3 available, 3 locked, 1 resetting, 1 error, 1 creating"
        #expect(state.line(counts)?.hasSuffix("next free in 2-3m n=61") == true)
        // What is filtered out is not counted.
        state.press("/")
        state.type("locked")
        state.press("Enter")
        #expect(state.line("POOL 3: 3 locked  filter: locked")?.hasSuffix("next free in 25-26m n=61") == true)
    }

    @Test func onANarrowScreenTheTitleCountsInMarks() {
        var state = Self.state(size: Size(columns: 50, rows: 20))
        state.press("2")
        #expect(state.line("POOL 9: +3 =3 >1 !1 ^1") != nil)
    }

    @Test func nextFreeIsNotOneThatNobodyGivesBack() {
        var state = Self.state([PoolSample.forgotten, PoolSample.broken])
        state.press("2")
        #expect(state.line("POOL 2: 1 locked, 1 error") != nil && !state.text.contains("next free"))
    }

    @Test func whileTheSourceIsAwayItsAgeStandsBeforeTheWords() {
        var source = PoolSample.source
        (source.state, source.lastSuccess) = (.unreachable, PoolSample.ago(240))
        source.error = "prod-lab did not answer within 10 s."
        var state = Sample.state(Snapshot(at: Sample.now, items: PoolSample.items, sources: [source]))
        state.press("2 z")
        #expect(state.line("ckad-07")?.contains("~+") == true)
        #expect(state.line("ckad-07")?.contains("~4m available") == true)
        #expect(state.line("POOL 9: +3 =3 >1 !1 ^1")?.contains("shown as of 21:56: prod-lab did not") == true)
    }

    @Test func aSessionThatIsOverSaysSinceWhen() {
        let item = Self.changed(PoolSample.locked("ckad-01", "a41f9c3e", since: 3900, left: -300)) { _, detail in
            detail.free = PoolSample.estimate(150, 240)
        }
        var state = Self.state([item])
        state.press("2 z")
        #expect(state.line("ckad-01")?.contains("locked       1h ended 5m ago") == true)
        let page = Self.page(item)
        #expect(page.line("? session") != nil && page.text.contains("ended 5m ago"))
        #expect(page.text.contains("in about 3-4m n=61: reset, once it is given back"))
    }

    @Test func aSlowStepIsSeenInTheRow() {
        let item = Self.changed(PoolSample.resetting) { item, _ in
            item.phases = PoolSample.phases(PoolSample.resetSteps, 4, since: 100)
        }
        var state = Self.state([item], size: Size(columns: 200, rows: 50))
        state.press("2")
        state.press("z")
        #expect(state.line("ckad-12 ")?.contains("slow: usual") == true)
    }

    // MARK: the last 24 hours

    @Test func theStripShowsTheStatusOfEachHourAndNothingWhereNothingIsKnown() {
        let past: [PoolDetail.Span] = [
            .init(status: "available", from: PoolSample.ago(12 * 3600), to: PoolSample.ago(6 * 3600)),
            .init(status: "locked", from: PoolSample.ago(6 * 3600), to: PoolSample.ago(3 * 3600)),
            .init(status: "error", from: PoolSample.ago(3 * 3600), to: PoolSample.ago(3 * 3600 - 60)),
            .init(status: "resetting", from: PoolSample.ago(3 * 3600 - 60)),
        ]
        let strip = PoolStrip(past, now: PoolSample.now, slices: 24)
        #expect(strip.line(.box).text == String(repeating: " ", count: 12) + "▁▁▁▁▁▁███!▒▒")
        #expect(strip.line(.ascii).text.hasSuffix("______###!>>"))
        #expect(strip.hours(.gmt) == "  00  04  08  12  16  20")
        #expect(
            strip.legend(.box).text == "▁ available 6h  █ locked 3h  ▒ resetting 2h  ! error 1m  not seen 12h")
    }

    /// It stands still until the next slice begins, and then moves by one cell.
    @Test(arguments: [(0.0, 0), (1, 1), (3599, 1), (3600, 1), (3601, 2)])
    func theStripMovesOnlyWithTheHour(later: Double, cells: Int) {
        let past = [PoolDetail.Span(status: "locked", from: PoolSample.ago(7200), to: PoolSample.ago(3600))]
        let strip = PoolStrip(past, now: PoolSample.now.addingTimeInterval(later), slices: 24).line(.ascii).text
        #expect(strip == String(repeating: " ", count: 22 - cells) + "#" + String(repeating: " ", count: 1 + cells))
    }

    @Test func eachStatusHasAnotherGlyphInEitherSet() {
        for glyphs in [Glyphs.box, .ascii] {
            #expect(Set((PoolLook.words + ["other"]).map { PoolLook($0).cell(glyphs) }).count == 6)
        }
    }

    // MARK: one cluster

    @Test func enterOpensThePageOfAReset() {
        let state = Self.page(PoolSample.resetting)
        for part in [
            "> resetting  59% (4/6 steps)  for 2m21s  left 2-3m n=61", "+ Stop                   25s  25s (45s) n=61",
            "> Restore worker        29s+   40s (1m) n=61", "free again           in about 2-3m n=61",
            "+ control plane  Running    31s  cp-ckad-12  10.244.3.17  on metal-7",
            "> worker         Waiting for new PVCs  29s  wk-ckad-12-restore-1795211971",
            "+ 2/2 golden           cp-snap 12d, wk-snap 12d", "reset 2h ago, health check 2m ago",
            "last 24 hours        ▁", "▁ available 18h  █ locked 5h  ▒ resetting 11m",
            "kube context         prod-lab, namespace ckad-12", "21:57:39 status         resetting",
        ] { #expect(state.text.contains(part), "\(part)") }
    }

    @Test func thePageOfAFailureGivesCauseNextStepAndWhatFailed() {
        let item = Self.changed(PoolSample.broken) { item, _ in
            item.diagnosis = Diagnosis(cause: "The reset failed.", next: ["Let the backend reset it."])
        }
        let rows = Self.page(item).lines
        for part in [
            "failed   The reset failed.", "next     1 Let the backend reset it.", "! Restore worker       3m30s",
            "free again           not by itself", "? not read             VirtualMachineInstances: forbidden",
            "golden 1/2     state      age  name",
        ] { #expect(rows.contains { $0.contains(part) }, "\(part)") }
        // Each reason stands under what has it.
        for (what, why) in [
            ("! worker         Stopped", "RestoreFailed: persistentvolumeclaim"),
            ("! worker         Operation failed", "restore source cp-snap: VolumeSnapshot"),
            ("! worker         Failed ", "snapshot deadline exceeded"),
        ] {
            let row = rows.firstIndex { $0.contains(what) } ?? 0
            #expect(rows[row + 1].contains(why), "\(what)")
        }
    }

    @Test func aLockSaysWhoHasItAndUntilWhen() {
        let state = Self.page(PoolSample.locked("ckad-01", "a41f9c3e", since: 2280, left: 1320))
        #expect(state.text.contains("free again           in about 25-26m n=61: session, then reset"))
        #expect(state.line("+ session")?.contains("a41f9c3e, scenario network-policies, locked 38m ago") == true)
        #expect(state.text.contains("ends in 22m at 22:22"))
    }

    /// Also where the rules do not yet say that it needs a person.
    @Test func aLockWithoutALiveSessionIsShownAsSuch() {
        var state = Self.state([PoolSample.forgotten])
        state.press("2")
        #expect(state.line("ckad-03 ")?.hasPrefix("▌ ? ckad-03") == true)
        #expect(state.line("? session")?.contains("0c9e11d7, locked 2h ago, ended 1h36m ago") == true)
        #expect(state.line("? no live session")?.contains("not among the live ones") == true)
        #expect(state.line("free again")?.contains("not by itself") == true)
    }

    @Test func aLockThatNobodyAskedForSaysSo() {
        let item = Self.changed(PoolSample.forgotten) { _, detail in detail.session?.isLive = nil }
        #expect(Self.page(item).text.contains("not asked"))
        #expect(!Self.page(item).text.contains("no live session"))
    }

    @Test func aClusterThatIsMadeShowsItsDisk() {
        let state = Self.page(PoolSample.creating)
        #expect(state.line("> cp-ckad-20-rootdisk  ImportInProgress  45%  █████████───") != nil)
        #expect(state.line(". 0/2 golden")?.contains("none yet: it cannot be reset") == true)
        #expect(state.line("not seen 23h")?.contains("^ creating 1m") == true)
        var list = Self.state([PoolSample.creating])
        list.press("2")
        #expect(list.line("> disk ")?.contains("ImportInProgress 45%  cp-ckad-20-rootdisk") == true)
        #expect(list.line("+ done: 7 steps, 25s") != nil)
    }

    /// Its item keeps the track of the last reset, whose percent and time are not its own.
    @Test func whatRestsSaysForHowLong() {
        let state = Self.page(PoolSample.locked("ckad-01", "a41f9c3e", since: 2280, left: 1320))
        #expect(state.lines.contains(" = locked  for 38m"))
        #expect(state.line("+ Start worker") != nil)
    }

    @Test func theWordSaysWhatIsMoreWhereThereIsRoom() {
        for (columns, text) in [(80, "locked       2h"), (200, "locked, no session    2h")] {
            var state = Self.state([PoolSample.forgotten], size: Size(columns: columns, rows: 30))
            state.press("2 z")
            #expect(state.line("ckad-03")?.contains(text) == true, "\(columns)")
        }
    }

    @Test func whatIsTakenDownIsNotCountedAsFree() {
        let item = Self.changed(PoolSample.resetting) { item, detail in
            (item.word, item.phases, item.progress, detail.status) = ("deleting", [], nil, "available")
        }
        var state = Self.state([item])
        state.press("2")
        #expect(state.line("POOL 1: 1 deleting")?.contains("next free") == false)
        #expect(state.line("ckad-12  deleting")?.contains("never") == true)
        #expect(state.line("free again") == nil)
    }

    @Test func whatIsOnlyLabelledIsNotByItselfBootstrapped() {
        let item = Self.changed(PoolSample.creating) { item, detail in
            (item.state, item.phases, item.progress, detail.machines, detail.disks) = (.waiting, [], nil, [], [])
        }
        var state = Self.state([item])
        state.press("2")
        #expect(state.line("ckad-20  creating")?.contains("nothing made yet") == true)
        #expect(state.line("free  ")?.contains("once it is bootstrapped") == true)
    }

    @Test func theSameNameInTwoContextsIsToldApart() {
        let other = SourceID("edge-lab")
        let twin = Self.changed(PoolSample.available("ckad-05", since: 60)) { item, detail in
            (item.source, detail.context) = (other, other.text)
            item.id = ItemID(kind: .pool, source: other, key: item.name)
        }
        var source = PoolSample.source
        source.id = other
        let items = PoolSample.items + [twin]
        for columns in [60, 80, 200] {
            var state = Sample.state(
                Snapshot(at: Sample.now, items: items, sources: [PoolSample.source, source]),
                size: Size(columns: columns, rows: 30))
            state.press("2 z")
            #expect(state.line("edge-lab/ckad-05") != nil && state.line("prod-lab/ckad-05") != nil, "\(columns)")
            #expect(state.line(" ckad-07 ") != nil)
        }
    }

    @Test func aFreeOneThatDoesNotRunIsDoubted() {
        var state = Self.state([PoolSample.limping])
        state.press("2")
        #expect(state.line("? free in doubt")?.contains("not all of its machines run") == true)
        #expect(state.line("! worker")?.contains("CrashLoopBackOff") == true)
    }

    @Test func yankGivesACommandThatNoNameCanTurnIntoAnother() {
        let item = Self.changed(PoolSample.forgotten) { _, detail in
            (detail.namespace, detail.context) = ("x;rm", "a b")
        }
        var state = Self.state([item])
        state.press("2")
        #expect(state.press("y c") == [.copy("kubectl --context 'a b' -n 'x;rm' get vm,vmi,vmsnapshot,vmrestore")])
        #expect(KindParts.address(item) == "10.244.3.17")
    }

    // MARK: elsewhere

    @Test func theOverviewCountsInThePoolsWordsAndNamesWhatMoves() {
        let state = Sample.state(PoolSample.withNodes, size: Size(columns: 200, rows: 50))
        for part in [
            "! error        1", "> resetting    1", "> creating     1", "= locked       3", "+ available    3",
        ] {
            #expect(state.text.contains(part), "\(part)")
        }
        #expect(state.line("   next free in 2-3m n=61") != nil)
        #expect(state.line("> ckad-12")?.contains("59% 4/6 2-3m n=61") == true)
    }

    @Test func withoutASourceItSaysHowToGetAPoolRead() {
        var state = Sample.state()
        state.press("2")
        for line in [
            "No kube context with practice clusters is read.", "  pool: [CONTEXT]", "cks.io/cluster-pool=true",
            "  slipway doctor", "slipway --demo",
        ] { #expect(state.text.contains(line), "\(line)") }
    }

    // MARK: many, and bad input

    @Test func fiveHundredScrollFromTheBrokenToTheFree() {
        let free = (0..<480).map { PoolSample.available("lab-\($0)", since: 1000 + Double($0)) }
        var state = Self.state(free + [PoolSample.broken, PoolSample.resetting])
        state.press("2")
        #expect(state.line("POOL 482: 480 available, 1 resetting, 1 error")?.contains("next free in 2-3m") == true)
        #expect(state.line("▌ ! ckad-11") != nil)
        state.press("G")
        #expect(state.line("▌ + lab-479") != nil)
        for _ in 0..<600 { state.press("k") }
        #expect(state.line("▌ ! ckad-11") != nil)
    }

    static let hostile: Item = {
        let long = String(repeating: "名前\u{FFFD}x", count: 25)
        return changed(PoolSample.broken) { item, detail in
            (item.name, item.word, item.state) = (long, long, .running)
            item.phases = (0..<12).map { _ in Phase(name: long, state: .running, startedAt: .distantFuture, usual: .nan)
            }
            (detail.namespace, detail.context, detail.status) = (long, long, long)
            detail.session = .init(
                id: long, lockedAt: .distantFuture, expiresAt: .distantPast, scenario: long, isLive: true)
            detail.machines = (0..<5000).map { _ in
                .init(
                    role: .worker, name: long, word: long, state: .failed, phase: long, since: .distantPast,
                    address: long,
                    node: long, failure: long)
            }
            detail.snapshots = (0..<5000).map { _ in
                .init(role: .worker, name: long, isReady: false, word: long, createdAt: .distantFuture, failure: long)
            }
            detail.restores = (0..<5000).map { number in
                .init(
                    role: .controlPlane, name: long, state: .running, word: long,
                    startedAt: Date(timeIntervalSince1970: Double(number) * 1e9), failure: long)
            }
            detail.disks = [.nan, -1, 1e300, nil].map { .init(name: long, word: "", percent: $0) }
            detail.past = (0..<20_000).map { number in
                let to: Date = number % 3 == 0 ? .distantFuture : PoolSample.ago(-1e15)
                return .init(status: number % 2 == 0 ? long : "error", from: PoolSample.ago(Double(number)), to: to)
            }
            detail.past.append(.init(status: "", from: Date(timeIntervalSince1970: .nan), to: .distantPast))
            detail.free = Estimate(p50: .infinity, p90: .nan, n: -1, basis: .history)
            detail.troubles = Array(repeating: long, count: 3000)
        }
    }()

    @Test(.timeLimit(.minutes(5)), arguments: [1, 40, 80, 200], [1, 8, 24, 50])
    func aHostileClusterStaysInsideTheScreen(columns: Int, rows: Int) {
        var state = Self.state([Self.hostile], size: Size(columns: columns, rows: rows))
        for keys in ["1", "2", "z", "z Enter", "G"] {
            state.press(keys)
            let frame = view(state, size: state.size)
            #expect(frame.grid.size == state.size)
            for line in frame.grid.text().split(separator: "\n") { #expect(TextWidth.of(line) <= columns) }
        }
    }
}
