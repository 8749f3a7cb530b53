import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// What becomes of an action's question when the world goes on under it, and of the action when it was sent.
@Suite struct ActionChangeTests {
    private static func becomes(
        _ state: inout State, _ name: String, _ change: (inout Item, inout PoolDetail) -> Void
    ) {
        guard let item = state.shown.items[ActionStoryTests.id(name)] else { return }
        _ = update(&state, .changes([.item(PoolStoryTests.changed(item, change))]))
    }

    private static func lock(_ item: inout Item, _ detail: inout PoolDetail, session: String) {
        (item.state, item.word, detail.status) = (.held, "locked", "locked")
        detail.session = .init(id: session)
    }

    private static func wait(_ state: inout State, _ seconds: Double) {
        _ = update(&state, .tick(state.now.addingTimeInterval(seconds)))
    }

    @Test func aYesIsNoNameWhenItHasBecomeALock() {
        var state = ActionStoryTests.state(on: "ckad-07")
        state.press("a r")
        Self.becomes(&state, "ckad-07") { Self.lock(&$0, &$1, session: "s-9") }
        #expect(state.line("ckad-07 is held by session s-9, whose work is lost.") != nil)
        #expect(state.line("This has changed while it was asked.") != nil)
        #expect(state.press("y") == [] && state.line("name: y_") != nil)
        state.press("C-u")
        state.type("ckad-07")
        #expect(
            state.press("Enter") == [.perform(Action(.reset, item: ActionStoryTests.id("ckad-07"), isConfirmed: true))])
    }

    @Test func aNameTypedForOneSessionIsNotOneForTheNext() {
        var state = ActionStoryTests.state(on: "ckad-01")
        state.press("a r")
        state.type("ckad-01")
        Self.becomes(&state, "ckad-01") { Self.lock(&$0, &$1, session: "s-9") }
        #expect(state.line("held by session s-9") != nil && state.line("name: _") != nil)
        #expect(state.press("Enter") == [] && state.line("That is not the name") != nil)
    }

    @Test func aNameIsNotAYesWhenTheLockIsGone() {
        var state = ActionStoryTests.state(on: "ckad-01")
        state.press("a r")
        state.type("ckad-01")
        Self.becomes(&state, "ckad-01") { item, detail in
            (item.state, item.word, detail.status, detail.session) = (.done, "available", "available", nil)
        }
        #expect(state.line("Do it? y/n") != nil)
        #expect(state.press("Enter") == [])
        // A finger that is on its way meant what was there before.
        #expect(state.press("y") == [] && state.lines.last?.contains("just changed") == true)
        Self.wait(&state, 1.5)
        #expect(state.press("y") == [.perform(Action(.reset, item: ActionStoryTests.id("ckad-01")))])
    }

    @Test func aQuestionThatMakesNoSenseAnyMoreIsRefused() {
        var state = ActionStoryTests.state(on: "ckad-01")
        state.press("a u")
        Self.becomes(&state, "ckad-01") { item, detail in
            (item.state, item.word, detail.status, detail.session) = (.done, "available", "available", nil)
        }
        #expect(state.line("- not now: ckad-01 is held by no session: it is available.") != nil)
        Self.wait(&state, 10)
        #expect(state.press("y Enter") == [])
        #expect(state.lines.last?.contains("release: ckad-01 is held by no session") == true)
        // And it may become possible again, as something new.
        Self.becomes(&state, "ckad-01") { Self.lock(&$0, &$1, session: "s-9") }
        Self.wait(&state, 2)
        #expect(state.line("Session s-9 loses ckad-01") != nil)
        #expect(ActionStoryTests.performed(state.press("y")).map(\.verb) == [.release])
    }

    @Test(arguments: ["a", "a u", "a b", "a e"])
    func whenTheItemGoesTheQuestionGoes(keys: String) {
        var state = ActionStoryTests.state(on: "ckad-01")
        state.press(keys)
        let before = state.text
        _ = update(&state, .changes([.gone(ActionStoryTests.id("ckad-01"))]))
        #expect(before.contains(" Esc ") && !state.text.contains(" Esc closes") && !state.text.contains(" Esc leaves"))
        #expect(state.lines.last == " ckad-01 is gone; nothing was done.")
        #expect(ActionStoryTests.performed(state.press("y Enter")).isEmpty)
    }

    @Test func whatIsJudgedByOldNewsSaysSo() {
        var state = ActionStoryTests.state(on: "ckad-07")
        var source = PoolSample.source
        (source.state, source.lastSuccess) = (.unreachable, PoolSample.ago(240))
        _ = update(&state, .changes([.source(source)]))
        state.press("a r")
        #expect(state.line("~ prod-lab does not answer: this is as of 21:56.") != nil)
    }

    // MARK: what comes of it

    static func asked() -> State {
        var state = ActionStoryTests.state(on: "ckad-07")
        state.press("a r y")
        return state
    }

    static let reset = Action(.reset, item: ActionStoryTests.id("ckad-07"))

    @Test func untilTheAnswerTheRowSaysWhatWasAsked() {
        var state = Self.asked()
        #expect(state.lines.last == " asking for reset of ckad-07 ...")
        state.press("z")
        #expect(state.line("+ ckad-07 ")?.contains("asking for reset") == true)
        // Nothing is sent twice.
        #expect(state.press("a e y Enter y").isEmpty && state.line("which is not answered yet") != nil)
        state.press("Esc")
        _ = update(&state, .outcome(Self.reset, .init(isGood: true, "the reset has begun")))
        #expect(state.lines.last == " + ckad-07: the reset has begun.")
        #expect(state.line("+ ckad-07 ")?.contains("asking for reset") == false)
        #expect(ActionStoryTests.performed(state.press("a r y")) == [Self.reset])
    }

    @Test func goodNewsGoesByItselfAndBadNewsStays() {
        var state = Self.asked()
        _ = update(&state, .outcome(Self.reset, .init(isGood: true, "the reset has begun")))
        Self.wait(&state, 5)
        #expect(state.line("the reset has begun") != nil)
        Self.wait(&state, 2)
        #expect(state.line("the reset has begun") == nil)
        let bad = Action.Outcome(isGood: false, "Forbidden in namespace ckad-07", advice: "Ask for the role.")
        _ = update(&state, .outcome(Self.reset, bad))
        Self.wait(&state, 600)
        #expect(state.lines.last == " ! ckad-07: Forbidden in namespace ckad-07. Ask for the role.")
        // Neither good news nor the end of another trouble covers it; a key takes it away.
        let other = Action(.release, item: ActionStoryTests.id("ckad-01"))
        _ = update(&state, .outcome(other, .init(isGood: true, "it is released")))
        _ = update(&state, .notice(nil))
        #expect(state.line("Ask for the role") != nil)
        state.press("j")
        #expect(state.line("Ask for the role") == nil)
    }

    @Test func anAnswerThatNeverComesIsGivenUp() {
        var state = Self.asked()
        Self.wait(&state, 119)
        #expect(state.line("asking for reset of ckad-07") != nil)
        Self.wait(&state, 2)
        #expect(state.line("! ckad-07: no answer to reset;") != nil)
        #expect(ActionStoryTests.performed(state.press("a r y")) == [Self.reset])
    }

    // MARK: small screens and bad input

    @Test func whatCannotBeReadIsNotAnswered() {
        for size in [Size(columns: 1, rows: 1), Size(columns: 15, rows: 24), Size(columns: 80, rows: 3)] {
            var state = ActionStoryTests.state(on: "ckad-07", size: size)
            #expect(state.press("a r y") == [], "\(size)")
            _ = update(&state, .resized(Size(columns: 80, rows: 24)))
            #expect(ActionStoryTests.performed(state.press("y")) == [Self.reset])
        }
    }

    @Test func onALowScreenTheSentenceIsReadToItsEndFirst() {
        var state = ActionStoryTests.state(on: "ckad-01", size: Size(columns: 20, rows: 5))
        state.press("a u")
        #expect(state.line("read on: Down") != nil && state.line("reset.") == nil)
        #expect(state.press("y") == [])
        state.press("Down Down Down Down")
        #expect(state.line("reset.") != nil && state.line("Do it? y/n") != nil)
        #expect(ActionStoryTests.performed(state.press("y")).map(\.verb) == [.release])
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["a", "a e", "a b", ": r e s e t Space", ": x y z Enter"])
    func everySizeShowsIt(keys: String) {
        for item in [PoolStoryTests.hostile, PoolSample.resetting] {
            var state = ActionStoryTests.state([item])
            state.press(keys)
            for columns in [1, 2, 16, 20, 40, 80, 200] {
                for rows in [1, 3, 5, 8, 24, 50] where item.name == "ckad-12" || rows % 8 == 0 {
                    _ = update(&state, .resized(Size(columns: columns, rows: rows)))
                    let frame = view(state, size: state.size)
                    #expect(frame.grid.size == state.size)
                    for line in frame.grid.text().split(separator: "\n") { #expect(TextWidth.of(line) <= columns) }
                }
            }
        }
    }
}
