import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// Hosts that collect for this screen, and their links.
@Suite struct LinkStoryTests {
    typealias Time = TimeSample

    static func lost(_ seconds: Double = 31) -> LinkState {
        .lost(
            since: Time.ago(seconds), nextTry: Time.now.addingTimeInterval(4),
            sentence: "ssh ops2: Connection refused.", advice: "Check that it runs.")
    }

    @Test func aHostIsNamedAndWhileItIsReachedForItSaysSo() {
        var state = Time.attached(["dana@ops"])
        #expect(state.lines[0].hasPrefix(" slipway  dana@ops (attached) ? connecting  read-only"))
        #expect(state.line("Connecting to dana@ops ...") != nil && state.line("--demo") == nil)
        state.press("4")
        #expect(state.line("Connecting to dana@ops ...") != nil)
        _ = update(
            &state,
            .link("dana@ops", .lost(since: Time.now, nextTry: nil, sentence: "no route to host.", advice: "Is it on?")))
        #expect(state.line("dana@ops: no route to host. Is it on?") != nil && state.line("! lost 0s") != nil)
        _ = update(&state, .link("dana@ops", .connecting))
        #expect(state.line("! lost 0s") != nil)
        _ = update(&state, .link("dana@ops", .live(roundTrip: 0.74)))
        _ = update(&state, .snapshot(Time.snapshot(at: Time.now)))
        #expect(state.lines[0].hasPrefix(" slipway  dana@ops (attached) slow 0.7s  read-only   sources: lab-orch ok"))
        #expect(state.line("HOST") == nil && state.line(Time.open) != nil)
    }

    @Test func ofTwoHostsEachItemSaysWhoseItIs() {
        var state = Time.attached(Time.hosts, Time.fleets)
        #expect(state.lines[0].hasPrefix(" slipway  ops1 + ops2  read-only   sources: ops1/lab-orch ok"))
        #expect(state.lines.filter { $0.contains("! rack1-u14") }.map { $0.contains("ops1") } == [true, false, true])
        #expect(state.line("21:58:00 ops1 ! rack1-u14") != nil)
        state.press("4 z")
        #expect(state.line("NODE")?.contains("HOST") == true)
        #expect(state.lines.count { $0.contains("ops2") && $0.contains("rack1-u") } == 2)
        state.press("/")
        state.type("ops2")
        #expect(state.shown.panes[.metal]?.total == 3)
        #expect(state.lines.allSatisfy { !$0.contains("ops1 ") || $0.contains("slipway") })
        state.press("Enter Enter")
        #expect(state.line("ops2  10.240.0.1") != nil)
    }

    @Test func aLostLinkAgesWhatIsItsAndDisturbsNothingElse() {
        var state = Time.attached(Time.hosts, Time.fleets, size: Size(columns: 130, rows: 24))
        state.press("4 z j")
        let before = state.lines
        let selected = state.selectedItem?.id
        _ = update(&state, .link("ops2", Self.lost()))
        #expect(state.lines[0].hasPrefix(" slipway  ops1 + ops2 ! lost 31s  read-only"))
        #expect(state.line("ssh ops2: Connection refused, again in 4s") != nil)
        #expect(state.selectedItem?.id == selected && state.notice == nil)
        for (old, new) in zip(before, state.lines).dropFirst(2) where !old.contains("ops2") && !old.contains("METAL") {
            #expect(old == new)
        }
        let rows = state.lines.filter { $0.contains("ops2") && $0.contains("rack1-u") }
        #expect(rows.count == 2 && rows.allSatisfy { $0.contains("~") })
        // Age goes on; what it is told meanwhile does not make it live.
        _ = update(&state, .changes([.source(Sample.source(SourceID("ops2/lab-orch")))]))
        _ = update(&state, .tick(Time.now.addingTimeInterval(60)))
        #expect(state.line("ops2/lab-orch ~1m unreachable") != nil)
        #expect(state.shown.sources[SourceID("ops2/lab-orch")]?.state == .unreachable)
        _ = update(&state, .snapshot(Time.fleets))
        #expect(state.shown.sources[SourceID("ops2/lab-orch")]?.state == .unreachable)
        #expect(state.shown.sources[SourceID("ops1/lab-orch")]?.state == .live)
    }

    @Test func aLinkThatIsBackTellsItsGap() {
        var state = Time.attached(Time.hosts, Time.fleets)
        _ = update(&state, .link("ops2", Self.lost()))
        _ = update(&state, .link("ops2", .resumed(gap: 31, reread: 4)))
        #expect(state.line("ops2: 31 s gap, 4 changes re-read") != nil)
        #expect(state.shown.sources[SourceID("ops2/lab-orch")] == Time.fleets.sources[SourceID("ops2/lab-orch")])
        state.press("4")
        #expect(state.line("changes re-read") == nil)
        _ = update(&state, .link("ops2", .live(roundTrip: 0.02)))
        #expect(state.line("ops2 back after 31 s") != nil)
        _ = update(&state, .tick(Time.now.addingTimeInterval(61)))
        #expect(state.line("back after") == nil)
    }

    @Test func badNewsIsNotCoveredByALink() {
        var state = Time.attached(Time.hosts, Time.fleets)
        let action = Action(.reset, item: ItemID(text: "x"))
        _ = update(&state, .outcome(action, Action.Outcome(isGood: false, "it failed", advice: "")))
        _ = update(&state, .link("ops1", .resumed(gap: 4000, reread: 1)))
        #expect(state.line("it failed") != nil && state.line("re-read") == nil)
        #expect(state.line("ops1 back after 1h06m") != nil)
    }
}
