import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// A recording on the screen.
@Suite struct ReplayStoryTests {
    typealias Time = TimeSample

    @Test func itRunsFromItsBeginningToItsEndAndStandsStill() {
        var state = Time.replay()
        #expect(state.lines[0].hasPrefix(" > REPLAY incident.slipway x10 at 2026-11-20 20:00:00, 0s of 2h00m"))
        for second in 1...6 { Time.tick(Double(second), &state) }
        #expect(state.lines[0].contains("at 2026-11-20 20:01:00, 1m of 2h00m"))
        #expect(state.lines[1].contains("20:01"))
        #expect(state.line("ops-1") == nil && state.line("slipway  ") == nil)
        Time.press("{ } Home } } } } } } } } } } } }", &state)
        #expect(state.lines[0].contains("= REPLAY incident.slipway at 2026-11-20 22:00:00, end of the recording"))
        #expect(state.line("NEEDS YOU 1") != nil)
        Time.tick(100, &state)
        Time.press("Right p", &state)
        #expect(state.shownAt == Time.now && state.line("end of the recording; Home begins anew") != nil)
    }

    @Test func spaceAndPPauseAndGoOn() {
        var state = Time.replay(start: Time.ago(3000), speed: 2)
        #expect(state.shownAt == Time.ago(3000))
        Time.tick(1, &state)
        #expect(state.shownAt == Time.ago(2998))
        #expect(state.lines.last?.contains("p pause") == true)
        state.press("Space")
        Time.tick(60, &state)
        #expect(state.shownAt == Time.ago(2998) && state.line("PAUSED") != nil)
        #expect(state.lines.last?.contains("p go on") == true)
        state.press("p")
        Time.tick(61, &state)
        #expect(state.shownAt == Time.ago(2996) && state.line("PAUSED") == nil)
        // Where it is moved to by hand, it goes on from.
        Time.press("Left", &state)
        Time.tick(62, &state)
        #expect(state.shownAt == Time.ago(3054))
    }

    @Test func oneQuestionAtATimeAlsoWhenAnswersAreSlow() {
        var state = Time.replay()
        let first = update(&state, .tick(Time.now.addingTimeInterval(1)))
        #expect(first == [.seek(.at(Time.oldest.addingTimeInterval(10)))])
        #expect(update(&state, .tick(Time.now.addingTimeInterval(2))) == [])
        #expect(state.press("}") == [])
        #expect(Time.answer(first, &state).last == .at(Time.oldest.addingTimeInterval(610)))
    }

    @Test func nothingCanBeAskedForOrDone() {
        var state = Time.replay(size: Size(columns: 160, rows: 60))
        state.press("Space")
        #expect(state.press("r") == [] && state.line("r refresh: this is a recording") != nil)
        #expect(state.press(": r e f r e s h Enter") == [] && state.line("refresh: this is a recording") != nil)
        state.press("4 j")
        #expect(state.press("a") == [])
        #expect(state.press("Esc Esc Esc") == [] && state.travel != nil)
        state.press("?")
        #expect(state.line("Ask the selected row's source now")?.contains("(this is a recording)") == true)
        // Nothing of an earlier run is in a recording: nobody is asked.
        #expect(state.press("x k j").allSatisfy { $0 == .restSoon })
    }

    @Test func endedRowsUnfoldWithTheKeyThatIsLeft() {
        var state = Time.replay(start: Time.now)
        var twin = Sample.node(30, "rack9-u1", state: .done, phase: 8)
        twin.endedAt = Time.ago(9)
        var then = Time.snapshot(at: Time.ago(60))
        then.items[twin.id] = twin
        _ = state.press("4 z Left")
        _ = update(&state, .past(Past(snapshot: then, range: Time.oldest...Time.now), of: .at(Time.ago(60))))
        #expect(state.line("f unfolds") != nil && state.line("rack9-u1") == nil)
        state.press("f")
        #expect(state.line("rack9-u1") != nil)
    }

    @Test func aRecordingThatCannotBeReadSaysSoOnce() {
        var state = State(
            setting: .init(
                host: "ops-1", configPath: "c", replay: ReplaySetting(name: "x", range: Time.oldest...Time.now)),
            now: Time.now)
        #expect(state.line("Reading x ...") != nil)
        let asked = update(&state, .tick(Time.now))
        #expect(asked == [.seek(.at(Time.oldest))])
        _ = update(&state, .past(nil, of: .at(Time.oldest)))
        #expect(state.line("nothing can be read from this recording") != nil)
        #expect(update(&state, .tick(Time.now.addingTimeInterval(5))) == [])
    }

    @Test(arguments: [("at 21:30", 1800.0), ("at 30m", 1800), ("at 2026-11-20 21:00", 3600)])
    func aTimeCanBeTyped(text: String, ago: Double) {
        var state = Time.replay()
        state.press("Space :")
        state.type(text)
        Time.answer(state.press("Enter"), &state)
        #expect(state.shownAt == Time.ago(ago))
    }
}
