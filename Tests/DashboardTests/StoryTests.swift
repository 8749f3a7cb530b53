import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// What a person does, and what the screen then says.
@Suite struct StoryTests {
    @Test func whatNeedsYouIsOnTopWithItsCause() {
        let state = Sample.state()
        #expect(state.line("NEEDS YOU 2") != nil)
        let failed = state.lines.firstIndex { $0.contains("storage_discovery: no boot device") }
        let overdue = state.lines.firstIndex { $0.contains("overdue") && $0.contains("rack1-u16") }
        #expect((failed ?? 99) < (overdue ?? 0))
    }

    @Test func enterOnTheOverviewOpensTheItemInItsPane() {
        var state = Sample.state()
        state.press("Enter")
        #expect(state.tab == .metal)
        #expect(state.line("next") != nil)
        #expect(state.text.contains("curl -s http://lab/api/status/history/13"))
        state.press("Esc")
        #expect(state.line("METAL 9") != nil)
    }

    @Test func rowsStandInTheOrderOfUrgency() {
        var state = Sample.state()
        state.press("4 z")
        let names = state.lines.compactMap { line in
            ["rack1-u14", "rack1-u16", "rack1-u12", "rack1-u10", "edge-a", "rack1-u18", "3 more"].first {
                line.contains($0)
            }
        }
        #expect(names == ["rack1-u14", "rack1-u16", "rack1-u12", "rack1-u10", "edge-a", "rack1-u18", "3 more"])
    }

    @Test func theCursorFollowsTheItemAndNotTheRow() {
        var state = Sample.state()
        state.press("4 j j")
        #expect(state.selectedItem?.name == "rack1-u12")
        var failed = Sample.node(12, "rack1-u12", state: .failed, phase: 5, taken: 10, since: 1500)
        failed.evidence.at = Sample.now
        _ = update(&state, .changes([.item(failed)]))
        #expect(state.selectedItem?.name == "rack1-u12")
        #expect(state.line("rack1-u12")?.contains("failed") == true)
    }

    @Test func aCursorThatNobodyMovedIsOnTheMostUrgent() {
        var state = Sample.state()
        state.press("4")
        #expect(state.selectedItem?.name == "rack1-u14")
        let failed = Sample.node(11, "rack1-u10", state: .failed, phase: 4, taken: 1, since: 700)
        _ = update(&state, .changes([.item(failed)]))
        #expect(state.selectedItem?.name == "rack1-u10")
        state.press("j")
        _ = update(
            &state, .changes([.item(Sample.node(12, "rack1-u12", state: .failed, phase: 4, taken: 0, since: 700))]))
        #expect(state.selectedItem?.name == "rack1-u14")
    }

    @Test func theCursorStaysNearWhenItsItemGoes() {
        var state = Sample.state()
        state.press("4 j j")
        let gone = state.selectedItem?.id
        _ = update(&state, .changes([.gone(gone ?? ItemID(text: ""))]))
        #expect(state.selectedItem?.name == "rack1-u10")
    }

    @Test func eachPaneKeepsWhatWasSetThere() {
        var state = Sample.state()
        state.press("4 /")
        state.type("rack1")
        state.press("Enter j j")
        let selected = state.selectedItem?.id
        state.press("1 4")
        #expect(state.selectedItem?.id == selected)
        #expect(state.line("filter: rack1") != nil)
        state.press("Esc")
        #expect(state.line("filter:") == nil)
    }

    @Test(arguments: [
        ("U12", 2), ("!rack1", 3), ("10.240.0.13", 1), ("nonsense", 0), ("deployed", 3), ("rack1 failed", 1),
    ])
    func filterFindsByNameWordAddressAndWithout(words: String, count: Int) {
        var state = Sample.state()
        state.press("4 /")
        state.type(words)
        #expect(state.shown.panes[.metal]?.total == count)
        state.press("Esc")
        #expect(state.shown.panes[.metal]?.total == 9)
    }

    @Test func spaceUnfoldsTheEndedRows() {
        var state = Sample.state()
        state.press("4 z")
        #expect(state.line("3 more") != nil)
        #expect(state.line("rack2-u10") == nil)
        state.press("Space")
        #expect(state.line("rack2-u10") != nil)
        #expect(state.line("3 more") == nil)
    }

    @Test func sortGoesRoundAndSaysSo() {
        var state = Sample.state()
        state.press("4 s")
        #expect(state.line("by name") != nil)
        #expect(state.shown.panes[.metal]?.row(at: 0) == .item(ItemID(kind: .metal, source: Sample.edge, key: "19")))
        state.press("s s s")
        #expect(state.line("METAL 9")?.contains(" by ") == false)
    }

    @Test func pauseHoldsTheScreenWhileTheFleetGoesOn() {
        var state = Sample.state()
        state.press("4 p")
        let before = state.lines.dropFirst()
        _ = update(&state, .changes([.item(Sample.node(20, "new-node")), .gone(Sample.items[0].id)]))
        _ = update(&state, .tick(Sample.now.addingTimeInterval(600)))
        #expect(Array(state.lines.dropFirst()) == Array(before))
        #expect(state.line("PAUSED at 22:00:00, 10m ago, 2 changes since") != nil)
        state.press("p")
        #expect(state.line("PAUSED") == nil)
        #expect(state.shown.items.values.contains { $0.name == "new-node" })
    }

    @Test func yankCopiesWhatIsChosen() {
        var state = Sample.state()
        state.press("4 y")
        #expect(state.line("COPY") != nil)
        let effects = [state.press("i"), state.press("y 2"), state.press("y x")]
        #expect(effects == [[.copy("10.240.0.13")], [.copy("curl -s http://lab/api/status/history/13")], []])
    }

    @Test func helpNamesEveryKeyAndSaysWhyOneDoesNothing() {
        var state = Sample.state(size: Size(columns: 120, rows: 60))
        state.press("2 ?")
        for binding in Binding.standard { #expect(state.text.contains(binding.tooltip), "\(binding.name)") }
        #expect(state.line("Order by")?.contains("(this pane has no list)") == true)
        state.press("x s")
        #expect(state.line("s sort: this pane has no list") != nil)
    }

    @Test func refreshAsksTheSourcesOfThePane() {
        var state = Sample.state()
        let effects = ["4 r", "1 r", "q", "C-z"].map { state.press($0) }
        #expect(effects[0].contains(.refresh(Sample.edge)))
        #expect(effects.dropFirst() == [[.refresh(nil)], [.quit], [.suspend]])
    }

    @Test func earlierRunsAreAskedForOnceAndShown() {
        var state = Sample.state()
        let asked = state.press("4")
        let id = ItemID(kind: .metal, source: Sample.lab, key: "13")
        #expect(asked == [.loadRuns(id)])
        let again = state.press("4")
        #expect(again == [])
        let run = Run(
            item: id, kind: .metal, name: "rack1-u14", source: Sample.lab, profile: nil,
            startedAt: Sample.now.addingTimeInterval(-90_000), endedAt: Sample.now.addingTimeInterval(-88_560),
            outcome: .done,
            word: "deployed", cause: nil, phases: [])
        _ = update(&state, .runs(id, [run]))
        state.press("Enter G")
        #expect(state.line("1d ago  deployed  took 24m") != nil)
    }

    @Test func oldValuesAreMarkedAndTheSourceSaysWhy() {
        var state = Sample.state()
        state.press("4 z")
        #expect(state.line("edge-a")?.contains("~") == true)
        #expect(state.line("rack1-u10")?.contains("~") == false)
        #expect(state.line("edge-orch ~47s unreachable") != nil)
        #expect(state.line("did not answer within 10 s, again in 8s") != nil)
    }

    @Test func aSourceThatSaysNothingForLongIsLate() {
        var state = Sample.state(size: Size(columns: 120, rows: 24))
        _ = update(&state, .tick(Sample.now.addingTimeInterval(20)))
        #expect(state.line("lab-orch ~21s late") != nil)
    }

    @Test func timeAloneMakesANodeOverdue() {
        var state = Sample.state()
        #expect(state.line("NEEDS YOU 2") != nil)
        _ = update(&state, .tick(Sample.now.addingTimeInterval(1000)))
        #expect(state.lines.contains { $0.contains("rack1-u10") && $0.contains("overdue") })
    }

    @Test func theFirstFrameCountsWhatItDoesNotHold() {
        var state = State(setting: .init(host: "ops-1", configPath: "c"), now: Sample.now)
        state.restore(Sample.snapshot, unread: [.metal: [.done: 4991]])
        #expect(state.line("METAL 5000") != nil)
        _ = update(&state, .snapshot(Sample.snapshot))
        #expect(state.line("METAL 9") != nil)
    }

    @Test func withoutASourceItSaysHowToAddOne() {
        var state = Sample.state(Snapshot(at: Sample.now))
        #expect(state.line("No source is configured or was found") != nil)
        state.press("4")
        #expect(state.line("metal: http://HOST:8080") != nil)
    }

    @Test func unreadNewsIsCountedUntilTheInboxIsOpened() {
        var state = Sample.state()
        var event = Sample.events[1]
        event.at = Sample.now.addingTimeInterval(1)
        _ = update(&state, .changes([.event(event)]))
        #expect(state.line("Inbox(1)") != nil)
        state.press("6 1")
        #expect(state.line("Inbox(") == nil)
    }
}
