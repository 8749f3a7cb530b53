import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// Going through what is kept, and coming back.
@Suite struct TimeStoryTests {
    typealias Time = TimeSample

    @Test func backAMinuteTheWholeScreenIsAsItWas() {
        var state = Time.live()
        #expect(state.line("! rack1-u14") != nil && state.line("NEEDS YOU 1") != nil)
        #expect(state.press("p Left") == [.seek(.at(Time.ago(60)))])
        #expect(state.line("PAUSED at 22:00:00, going to 21:59:00 ...") != nil)
        _ = Time.answer([.seek(.at(Time.ago(60)))], &state)
        #expect(state.line("= PAUSED at 21:59:00, 1m ago, 0 events since") != nil)
        let asked = Time.press("Left Left", &state)
        #expect(asked == [.at(Time.ago(120)), .at(Time.ago(180))])
        #expect(state.line("= PAUSED at 21:57:00, 3m ago, 1 event since") != nil)
        #expect(state.line("NEEDS YOU 0") != nil && state.line("no boot device") == nil)
        #expect(state.lines[1].contains("21:57"))
        state.press("4")
        #expect(state.line("rack1-u14")?.contains("installation") == true)
        state.press("6")
        #expect(state.line("INBOX 3") != nil)
        // Time goes on, the screen does not.
        let before = Array(state.lines.dropFirst())
        Time.tick(3600, &state)
        #expect(Array(state.lines.dropFirst()) == before)
        #expect(state.line("PAUSED at 21:57:00, 1h03m ago") != nil)
    }

    @Test func agesAreThoseOfThatTime() {
        var state = Time.live(size: Size(columns: 200, rows: 50))
        Time.press("4 j p { { {", &state)
        #expect(state.selectedItem?.name == Time.open)
        _ = update(&state, .rested)
        #expect(state.line("last sign 20s ago") != nil)
        #expect(state.line("for 1h30m") != nil)
        #expect(state.line("lab-orch ok") != nil)
        let id = ItemID(kind: .metal, source: Sample.lab, key: "11")
        let ends = [6000.0, 600]
        let runs = ends.map { ago in
            Run(
                item: id, kind: .metal, name: Time.open, source: Sample.lab, profile: nil,
                startedAt: Time.ago(ago + 900), endedAt: Time.ago(ago), outcome: .done, word: "deployed", cause: nil,
                phases: [])
        }
        _ = update(&state, .runs(id, runs))
        state.press("Enter")
        // A run that ended later was no earlier run then.
        #expect(state.lines.count { $0.contains("deployed  took 15m") } == 1)
    }

    /// Keys, and where they lead from a pause at 22:00; each is answered before the next.
    @Test(arguments: [
        ("Left", 60.0), ("h h", 120), ("Left Left Right", 60), ("{", 600), ("{ { }", 600), ("[", 120), ("[ [", 3600),
        ("[ [ ]", 120), ("[ [ [ [", 6000), ("Home", 7200), ("Home ]", 6000), ("Home Right", 7140), ("{ [", 3600),
    ])
    func keysGoThroughTime(keys: String, ago: Double) {
        var state = Time.live()
        Time.press("p " + keys, &state)
        #expect(state.shownAt == Time.ago(ago))
        #expect(state.tab == .overview)
    }

    @Test func ofAHeldKeyOnlyTheLastInstantIsAskedFor() {
        var state = Time.live()
        let first = state.press("p Left Left Left Left Left")
        #expect(first == [.seek(.at(Time.ago(60)))])
        #expect(state.line("going to 21:55:00") != nil)
        #expect(Time.answer(first, &state) == [.at(Time.ago(60)), .at(Time.ago(300))])
        #expect(state.shownAt == Time.ago(300))
        let changes = state.press("[ [ ]")
        #expect(Time.answer(changes, &state) == [.change(-1, from: Time.ago(300))])
        #expect(state.shownAt == Time.ago(3600))
    }

    @Test func whatWasSetInAPaneSurvivesBothWays() {
        var state = Time.live()
        state.press("4 /")
        state.type("rack1")
        state.press("Enter s s s s z k")
        #expect(state.selectedItem?.name == Time.late)
        state.press("Enter")
        Time.press("p Home", &state)
        // It was not there then: its page closes, and no other one takes its place.
        #expect(state.listPane?.isOpen == false && state.line("rack1-u14 was not there then") != nil)
        #expect(state.line("filter: rack1") != nil && state.isZoomed)
        Time.press("s s s s ] ]", &state)
        #expect(state.listPane?.isOpen == true && state.selectedItem?.name == Time.late)
        #expect(state.line("failed") == nil)
        Time.press("Home", &state)
        state.press("End")
        #expect(state.travel == nil && state.listPane?.isOpen == true && state.selectedItem?.name == Time.late)
        // What is chosen then is still chosen now.
        Time.press("Esc p { k", &state)
        let chosen = state.selectedItem?.name
        #expect(chosen == Time.open)
        state.press("p")
        #expect(state.selectedItem?.name == chosen && state.line("filter: rack1") != nil)
    }

    @Test func theNeedsYouListComesBackToWhatWasChosen() {
        var state = Time.live()
        for number in 21...23 {
            let node = Sample.node(number, "rack3-u\(number)", state: .failed, taken: 10)
            _ = update(&state, .changes([.item(node)]))
        }
        state.press("j")
        let chosen = state.selectedItem?.id
        Time.press("p {", &state)
        #expect(state.selectedItem == nil)
        state.press("p")
        #expect(chosen != nil && state.selectedItem?.id == chosen)
    }

    @Test(arguments: ["End", "p", "Esc"])
    func backToNow(key: String) {
        var state = Time.live()
        Time.press("4 p {", &state)
        _ = update(&state, .changes([.item(Sample.node(20, "new-node"))]))
        #expect(state.line("new-node") == nil)
        state.press(key)
        #expect(state.line("PAUSED") == nil && state.line("new-node") != nil && state.tab == .metal)
    }

    @Test func aHeldRightStopsAtNow() {
        var state = Time.live()
        Time.press("4 p Left", &state)
        _ = update(&state, .changes([.item(Sample.node(20, "new-node"))]))
        Time.press("Right Right Right", &state)
        #expect(state.tab == .metal && state.line("new-node") != nil)
        #expect(state.line("PAUSED at 22:00:00, 0 changes since") != nil && state.line("this is now; p goes on") != nil)
        state.press("p Right")
        #expect(state.tab == .images)
    }

    @Test func whereNothingIsKeptItSaysSo() {
        var state = Time.live()
        state.press("p Left")
        _ = update(&state, .past(nil, of: .at(Time.ago(60))))
        #expect(state.line("nothing is kept of earlier times") != nil)
        #expect(state.line("PAUSED at 22:00:00, 0 changes since") != nil)
        Time.press("Home Left", &state)
        #expect(state.line("nothing older is kept") != nil && state.shownAt == Time.oldest)
        Time.press("[", &state)
        #expect(state.line("no change is kept before this") != nil && state.shownAt == Time.oldest)
    }

    @Test func whatIsWrongWithWhatIsKeptIsTold() {
        var state = Time.live()
        let why = "The recording k.jsonl cannot be opened: Permission denied. Check the folder and its permissions."
        state.press("p Left Left")
        let next = update(&state, .past(nil, of: .at(Time.ago(60)), why: why))
        // A held key finds out what is further back.
        #expect(next == [.seek(.at(Time.ago(120)))] && state.line("k.jsonl cannot be opened: Permission") != nil)
        #expect(state.line("and its permissions.") != nil)
        let old = "2 items are of a kind that this slipway does not know. Open it with a newer slipway."
        func answer(_ ago: Double) {
            let past = Past(snapshot: Time.snapshot(at: Time.ago(ago)), range: Time.oldest...Time.now)
            _ = update(&state, .past(past, of: .at(Time.ago(ago)), why: old))
        }
        answer(120)
        #expect(state.line("PAUSED at 21:58:00, 2m ago") != nil && state.line("does not know. Open it") != nil)
        // Once is enough for as long as it stays so.
        state.press("Left")
        answer(180)
        #expect(state.line("PAUSED at 21:57:00, 3m ago") != nil && state.line("does not know") == nil)
    }

    /// A demo's clock runs fast; whoever waits, or reads a sentence, does not.
    @Test func theDemoIsWaitedForAsLongAsTheWorld() {
        var state = State(setting: .init(host: "h", demoSpeed: 20, configPath: "c"), now: Time.now)
        _ = update(&state, .snapshot(Time.snapshot(at: Time.now)))
        let asked = state.press("p Left")
        Time.tick(31, &state)
        #expect(state.line("going to") != nil)
        Time.answer(asked, &state)
        #expect(state.shownAt == Time.ago(60))
        let action = Action(.reset, item: ItemID(text: "x"))
        _ = update(&state, .outcome(action, Action.Outcome(isGood: true, "it is being reset", advice: "")))
        Time.tick(51, &state)
        #expect(state.line("it is being reset") != nil)
        Time.tick(160, &state)
        #expect(state.line("it is being reset") == nil)
    }

    @Test func beforeAnythingWasReadNothingIsCalledWell() {
        var state = Time.live()
        state.press("p Home")
        var source = Sample.source(Sample.lab)
        source.lastSuccess = nil
        let start = Snapshot(at: Time.oldest, items: [], sources: [source])
        _ = update(&state, .past(Past(snapshot: start, range: Time.oldest...Time.now), of: .at(.distantPast)))
        #expect(state.line("NEEDS YOU 0") != nil && state.line("nothing is known yet; no source has answered") != nil)
        _ = update(&state, .resized(Size(columns: 30, rows: 5)))
        #expect(state.lines[0].hasSuffix("? 1 source asked, > 0") && state.line("well") == nil)
    }

    @Test(arguments: [": a t Space 2 d Enter", "p Home } {", "p Home Right {", "p Home [ Right Right {"])
    func whereNothingSoOldIsKeptItStopsAndSaysSo(keys: String) {
        var state = Time.live()
        Time.press(keys, &state)
        #expect(state.shownAt == Time.oldest && state.line("PAUSED at 20:00:00, 2h00m ago") != nil)
        #expect((state.line("nothing older is kept") != nil) == (keys != "p Home } {"))
    }

    @Test func thatNobodyLookedIsSomethingElseThanThatNothingChanged() {
        var state = Time.live()
        func go(_ ago: Double) {
            let moment = Moment.at(Time.ago(ago))
            state.press("End :")
            state.type("at \(Int(ago))s")
            state.press("Enter")
            var then = Time.snapshot(at: Time.ago(max(ago, 6000)))
            then.at = Time.ago(ago)
            then.items = [:]
            let past = Past(snapshot: then, range: Time.oldest...Time.now, gap: Time.ago(6000)...Time.ago(600))
            _ = update(&state, .past(past, of: moment))
        }
        go(1800)
        #expect(state.line("= PAUSED at 21:30:00, 30m ago, nothing recorded since 20:20:00") != nil)
        #expect(state.line("nothing needed you when last seen; nothing was recorded at this time") != nil)
        _ = update(&state, .resized(Size(columns: 60, rows: 20)))
        #expect(state.line("= PAUSED at 21:30:00, nothing recorded since 20:20:00") != nil)
        // Within a minute it is as good as of that time.
        go(5970)
        #expect(state.line("nothing recorded") == nil && state.line("events since") != nil)
        state.press("p p")
        #expect(state.line("PAUSED at 22:00:00, 0 changes since") != nil)
    }

    @Test func theHelpOfAPauseTellsWhatKeysMeanThere() {
        var state = Time.live()
        state.press("p ?")
        #expect(state.lines[1].contains("Left h") && state.lines[1].contains("back by a minute"))
        #expect(state.lines.contains { $0.contains("Go to the next pane") && !$0.contains("Right") })
        state.press("x p ?")
        #expect(state.lines.contains { $0.contains("Tab Right l") && $0.contains("Go to the next pane") })
    }

    @Test func lateAnswersAndNoneAreNoHarm() {
        var state = Time.live()
        let asked = state.press("p Left")
        state.press("p")
        Time.answer(asked, &state)
        #expect(state.travel == nil)
        state.press("p Left")
        Time.tick(31, &state)
        #expect(state.line("was not read within 30 s; try again") != nil && state.line("going to") == nil)
        #expect(state.press("Left") == [.seek(.at(Time.ago(60)))])
    }

    @Test func nothingCanBeDoneToWhatWas() {
        var state = Sample.state(PoolSample.snapshot, isReadOnly: false)
        state.press("2 p Left")
        let then = Snapshot(at: Time.ago(60), items: PoolSample.items, sources: [PoolSample.source])
        _ = update(&state, .past(Past(snapshot: then, range: Time.oldest...Time.now), of: .at(Time.ago(60))))
        #expect(state.press("a") == [] && state.layers.isEmpty)
        #expect(state.line("paused: this is how it was; p goes back to now") != nil)
        state.press(":")
        state.type("reset ckad-07")
        #expect(state.press("Enter") == [] && state.layers.isEmpty)
    }

    @Test func whatHappenedLaterIsNotShownNorCounted() {
        var state = Time.live()
        state.press("p Left")
        var leaky = Time.snapshot(at: Time.ago(3000))
        leaky.events = Time.events
        _ = update(&state, .past(Past(snapshot: leaky, range: Time.oldest...Time.now), of: .at(Time.ago(60))))
        #expect(state.line("no boot device") == nil)
        var news = Time.events[3]
        news.at = Time.now.addingTimeInterval(1)
        _ = update(&state, .changes([.event(news)]))
        #expect(state.line("Inbox(") == nil)
        state.press("6 p")
        #expect(state.line("INBOX 5") != nil && state.line("Inbox(") == nil)
    }

    @Test func withoutAPauseTheKeysAreWhatTheyWere() {
        var state = Time.live()
        #expect(state.press("Left") == [] && state.tab == .inbox)
        #expect(state.press("[") == [] && state.line("[ change before: the screen is not paused") != nil)
        state.press("? q 4 z Space")
        #expect(state.lines.last?.contains("Left") == false)
        state.press("p")
        #expect(state.lines.last?.contains("Left -1m  Right +1m  [ change before  ] after  End now") == true)
    }

    @Test(arguments: [
        ("at 21:30", 1800.0), ("AT 21:59:30", 30), ("at 22:30", 84_600), ("at 2h05m", 7500), ("at -90s", 90),
        ("at 2026-11-20 21:00", 3600),
    ])
    func aTimeCanBeTyped(text: String, ago: Double) {
        var state = Time.live()
        state.press(":")
        state.type(text)
        #expect(state.press("Enter") == [.seek(.at(Time.ago(ago)))])
        #expect(state.travel != nil)
    }

    @Test(arguments: ["at", "at noon", "at 25:00", "at 2030-01-01 00:00", "at 5", "at 0m", "at 9999999d"])
    func aTimeThatIsNoneLeavesEverything(text: String) {
        var state = Time.live()
        state.press(":")
        state.type(text)
        #expect(state.press("Enter") == [])
        #expect(state.travel == nil && state.line("at") != nil)
    }

    @Test func aScreenWithoutPanesSaysItToo() {
        var state = Time.live(size: Size(columns: 30, rows: 5))
        Time.press("p {", &state)
        #expect(state.lines[0].hasPrefix("= 21:50 "))
        _ = update(&state, .resized(Size(columns: 1, rows: 1)))
        #expect(state.lines[0] == "=")
    }
}
