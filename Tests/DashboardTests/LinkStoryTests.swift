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
        #expect(state.lines[0].hasPrefix(" slipway  dana@ops (attached)  ? connecting  read-only"))
        #expect(state.line("Connecting to dana@ops ...") != nil && state.line("--demo") == nil)
        state.press("4")
        #expect(state.line("Connecting to dana@ops ...") != nil)
        _ = update(
            &state,
            .link("dana@ops", .lost(since: Time.now, nextTry: nil, sentence: "no route to host.", advice: "Is it on?")))
        #expect(state.line("dana@ops: no route to host. Is it on?") != nil && state.line("! lost 0s") != nil)
        _ = update(&state, .link("dana@ops", .connecting))
        #expect(state.line("! lost 0s") != nil)
        var reading = Time.attached(["dana@ops"])
        _ = update(
            &reading, .snapshot(Snapshot(at: Time.now, sources: Array(Time.snapshot(at: Time.now).sources.values))))
        _ = update(&reading, .link("dana@ops", .arriving(items: 2, of: 40)))
        #expect(reading.lines[0].hasPrefix(" slipway  dana@ops  ? reading 2 of 40  read-only"))
        #expect(reading.line("nothing read yet") != nil && reading.line("nothing there yet") == nil)
        _ = update(&state, .link("dana@ops", .live(roundTrip: 0.74)))
        _ = update(&state, .snapshot(Time.snapshot(at: Time.now)))
        #expect(state.lines[0].hasPrefix(" slipway  dana@ops (attached)  slow 0.7s  read-only   sources: lab-orch ok"))
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
        #expect(state.lines[0].hasPrefix(" slipway  ops1 + ops2  ! ops2 lost 31s  read-only"))
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

    /// Hosts, how their links stand, keys before it, columns; what the first line holds then, and what it does not.
    @Test(arguments: [
        // Who is lost is named; of several the number comes first, and the names of those that are well give way to those that are lost.
        (["a", "b"], ["b": lost()], "", 80, [" slipway  a + b  ! b lost 31s  read-only"], ["a lost"]),
        (
            ["ops1", "ops2", "ops3"], ["ops2": lost(), "ops3": lost(240)], "", 80,
            [" slipway  ! 2 of 3 hosts lost: ops2 31s, ops3 4m  read-only"], ["ops1"]
        ),
        (
            ["ops-eu-west-1", "ops-us-east-1"], ["ops-us-east-1": lost()], "", 80,
            [" slipway  2 hosts  ! ops-us-east-1 lost 31s  read-only   sources: "], ["ops-eu-west-1 +"]
        ),
        (
            ["ops1", "ops2"], ["ops1": .live(roundTrip: 0.3), "ops2": lost()], "", 120,
            ["! ops2 lost 31s  ops1 slow 0.3s"], []
        ),
        (["a.lab", "b.lab", "c.lab"], ["b.lab": lost(), "c.lab": lost()], "", 60, ["! 2 of 3 hosts lost: b.lab"], []),
        // Slow is no reason to tell less of the sources.
        (
            ["ops1", "ops2", "ops3"], ["ops1": .live(roundTrip: 0.3), "ops2": .live(roundTrip: 0.7)], "", 80,
            [" slipway  ops1 + ops2 + ops3  2 of 3 hosts slow  read-only   sources: "], ["0.3s"]
        ),
        // While the screen stands, the link goes on: it is told beside what was.
        (
            ["ops1", "ops2"], ["ops2": lost()], "p", 80,
            [" = PAUSED at 22:00:00, 0 changes since   ", "  ! ops2 lost 31s"], []
        ),
        (
            ["ops1", "ops2"], ["ops2": lost()], "p [", 80,
            ["PAUSED at 22:00:00, going to a change before ...", "! ops2 lost 31s"], []
        ),
        (["ops1", "ops2"], ["ops2": lost()], "p [", 50, ["PAUSED at 22:00:00 ...", "! ops2 lost 31s"], ["going"]),
        (["ops1", "ops2"], ["ops2": lost()], "p", 44, ["PAUSED at 22:00:00   ! ops2 lost 31s"], ["changes"]),
        (["ops"], ["ops": lost()], "p", 80, ["0 changes since   ! ops lost 31s"], []),
        (["ops"], ["ops": .live(roundTrip: 0.3)], "p", 40, ["PAUSED at 22:00:00, 0 changes since"], ["slow"]),
    ])
    func theFirstLineNamesWhoIsLost(
        hosts: [String], links: [String: LinkState], keys: String, columns: Int, holds: [String], holdsNot: [String]
    ) {
        var state = Time.attached(hosts, Time.fleet(of: hosts), size: Size(columns: columns, rows: 24))
        state.press(keys)
        for (host, link) in links.sorted(by: { $0.key < $1.key }) { _ = update(&state, .link(host, link)) }
        let line = state.lines[0]
        #expect(holds.allSatisfy(line.contains) && !holdsNot.contains(where: line.contains), "\(line)")
    }

    @Test func whatIsKeptOfAttachedHostsBeginsWithTheScreen() {
        var state = Time.attached(Time.hosts, Time.fleets)
        Time.press("p Home Left", &state)
        #expect(state.line("nothing older is kept; of attached hosts, what this screen has seen") != nil)
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
