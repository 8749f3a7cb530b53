import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// What a person can do to a practice cluster from the screen, and what keeps it from being done by mistake.
@Suite struct ActionStoryTests {
    static func state(
        _ items: [Item] = PoolSample.items, size: Size = Size(columns: 80, rows: 24), isReadOnly: Bool = false
    ) -> State {
        var state = Sample.state(
            Snapshot(at: Sample.now, items: items, sources: [PoolSample.source]), size: size, isReadOnly: isReadOnly)
        state.press("2")
        return state
    }

    /// With the cursor on the cluster of this name.
    static func state(on name: String, size: Size = Size(columns: 80, rows: 24), isReadOnly: Bool = false) -> State {
        var state = state(size: size, isReadOnly: isReadOnly)
        state.press("/")
        state.type(name)
        state.press("Enter")
        return state
    }

    static func id(_ name: String) -> ItemID { ItemID(kind: .pool, source: PoolSample.lab, key: name) }

    static func item(_ name: String) -> Item? { PoolSample.items.first { $0.name == name } }

    static func performed(_ effects: [Effect]) -> [Action] {
        effects.compactMap { if case .perform(let action) = $0 { action } else { nil } }
    }

    // MARK: the menu

    @Test func theMenuSaysWhatEachActionDoesAndWhyOneIsRefused() {
        var state = Self.state(on: "ckad-01")
        #expect(state.lines.last?.contains("a actions") == true)
        state.press("a")
        #expect(state.line("ACTIONS ON ckad-01") != nil)
        #expect(state.line("▌  u  release         Take it back from its session and reset it.") != nil)
        #expect(state.line("  - s  snapshot        not now: ckad-01 is held by session a41f9c3e") != nil)
        // Under the list, the one under the cursor in full.
        #expect(state.line("Session a41f9c3e loses ckad-01,") != nil)
        state.press("G")
        #expect(state.line("Asks for the name. ckad-01") != nil)
        state.press("Esc")
        #expect(state.line("ACTIONS") == nil)
    }

    @Test func refusedOnesTellTheReasonAndDoNothing() {
        var state = Self.state(on: "ckad-11")
        #expect(state.press("a r") == [])
        let reason = "reset: ckad-11 has 1 of 2 golden snapshots ready: nothing to restore"
        #expect(state.lines.last == " " + reason)
        #expect(state.line("▌- r  reset") != nil)
        // The same with the cursor, which the letter has moved there; nothing that follows is an answer.
        for key in ["Enter", "y", "Enter"] { #expect(state.press(key) == [], "\(key)") }
        #expect(state.lines.last == " " + reason && state.line("ACTIONS ON ckad-11") != nil)
    }

    @Test func arrowsLettersAndEnterChooseTheSame() {
        let ways = ["a b", "a G Enter", "a j j Enter", "a Down Down Enter", "a j j j k Up Down Enter"]
        let verbs = ways.map { keys -> Action.Verb? in
            var state = Self.state(on: "ckad-07")
            state.press(keys)
            if case .prompt(let prompt) = state.layers.last { return prompt.verb }
            return nil
        }
        #expect(verbs == [.bootstrap, .bootstrap, .reset, .reset, .reset])
    }

    @Test func noLetterMovesAndNoneIsGivenTwice() {
        let letters = Action.Verb.allCases.map(\.key)
        #expect(Set(letters).count == letters.count && Set(letters).isDisjoint(with: "hjkl"))
        #expect(Set(ItemActions.verbs(.pool)) == Set(Action.Verb.allCases))
    }

    @Test func theMenuIsOfTheItemThatItWasOpenedFor() {
        var state = Self.state()
        state.press("a")
        #expect(state.line("ACTIONS ON ckad-11") != nil)
        // Behind the menu another one comes to the top, and the cursor that nobody moved with it.
        let failed = PoolStoryTests.changed(PoolSample.available("ckad-99", since: 5)) { item, detail in
            (item.state, item.word, detail.status) = (.failed, "error", "error")
            item.endedAt = PoolSample.now
        }
        _ = update(&state, .changes([.item(failed)]))
        #expect(state.selectedItem?.name == "ckad-99")
        state.press("v")
        #expect(Self.performed(state.press("y")).map(\.item) == [Self.id("ckad-11")])
    }

    // MARK: the question

    @Test(arguments: [
        ("ckad-01", "a u", "Session a41f9c3e loses ckad-01", Action.Verb.release),
        ("ckad-07", "a r", "ckad-07 is stopped and restored", .reset),
        ("ckad-11", "a v", "ckad-11 may be lent as it is", .markAvailable),
    ])
    func onlyYDoesIt(name: String, keys: String, sentence: String, verb: Action.Verb) {
        for key in ["Enter", "Space", "Y", "Tab", "n", "Esc", "a", "C-c"] {
            var state = Self.state(on: name)
            let opened = state.press(keys)
            #expect(opened == [] && state.line(sentence) != nil && state.line("Do it? y/n") != nil)
            #expect(state.press(key) == [], "\(key)")
            let isLeft = ["n", "Esc", "C-c"].contains(key)
            #expect((state.line("Do it? y/n") == nil) == isLeft, "\(key)")
            // Once it was left, a yes is not an answer to anything.
            #expect(Self.performed(state.press("y")).isEmpty == isLeft, "\(key)")
        }
        var state = Self.state(on: name)
        state.press(keys)
        #expect(state.press("y") == [.perform(Action(verb, item: Self.id(name)))])
        #expect(state.press("y y Enter").allSatisfy { Self.performed([$0]).isEmpty })
    }

    @Test(arguments: ["", "ckad-0", "ckad-011", "CKAD-01", " ckad-01", "ckad-01 ", "y", "ckad-02"])
    func whatHurtsIsNotDoneWithoutTheName(typed: String) {
        var state = Self.state(on: "ckad-01")
        state.press("a b")
        #expect(state.line("ckad-01 is held by session a41f9c3e, whose work is lost; its") != nil)
        #expect(state.line(" machines are made anew.") != nil)
        state.type(typed)
        #expect(state.press("Enter") == [])
        #expect(state.lines.last == " That is not the name; nothing was done.")
        #expect(state.line("BOOTSTRAP") == nil)
    }

    @Test func whatHurtsIsDoneWithTheName() {
        var state = Self.state(on: "ckad-01")
        state.press("a b")
        state.type("ckad-02")
        state.press("Backspace")
        state.type("1")
        #expect(state.line("name: ckad-01_") != nil)
        #expect(state.press("Enter") == [.perform(Action(.bootstrap, item: Self.id("ckad-01"), isConfirmed: true))])
    }

    @Test func assignAsksForTheSessionAndThenForAYes() {
        var state = Self.state(on: "ckad-07")
        state.press("a a")
        #expect(state.line("session: _") != nil)
        state.type("s-1")
        #expect(state.press("Enter") == [])
        #expect(state.line("session: s-1") != nil && state.line("ckad-07 is lent to the session.") != nil)
        #expect(state.press("Enter") == [])
        #expect(state.press("y") == [.perform(Action(.assign, item: Self.id("ckad-07"), argument: "s-1"))])
    }

    @Test(arguments: [" ", "/", "é", "\u{301}", "$", "'", "\u{202E}", "名"])
    func aSessionTakesNothingThatWouldNeedQuoting(character: Character) {
        var state = Self.state(on: "ckad-07")
        state.press("a a")
        state.type("Ab.9_:")
        state.type(String(character))
        #expect(state.line("session: Ab.9_:_") != nil, "\(character)")
        #expect(state.lines.last == " a session id has 1 to 64 letters, digits or . _ : -")
        _ = update(&state, .key(.paste("x\(character)y")))
        #expect(state.line("session: Ab.9_:_") != nil)
        // A blank at the ends comes with copying, and is not part of it.
        _ = update(&state, .key(.paste(" -z\n")))
        #expect(state.line("session: Ab.9_:-z_") != nil)
    }

    @Test func aSessionHasOneTo64Characters() {
        var state = Self.state(on: "ckad-07")
        state.press("a a Enter")
        #expect(state.line("session: _") != nil && state.lines.last?.contains("1 to 64") == true)
        state.type(String(repeating: "x", count: 64))
        state.type("y")
        #expect(state.lines.last?.contains("1 to 64") == true)
        #expect(
            Self.performed(state.press("Enter y")).map(\.argument) == [String(repeating: "x", count: 64)])
    }

    @Test(arguments: [("", nil), ("  ", nil), ("disk is full", "disk is full")] as [(String, String?)])
    func aReasonMayBeEmpty(typed: String, reason: String?) {
        var state = Self.state(on: "ckad-07")
        state.press("a e")
        state.type(typed)
        #expect(state.press("Enter") == [])
        #expect(state.press("y") == [.perform(Action(.markError, item: Self.id("ckad-07"), argument: reason))])
    }

    @Test func aReasonEndsAfter200Characters() {
        var state = Self.state(on: "ckad-12")
        state.press("a e")
        _ = update(&state, .key(.paste("wörk\u{1B}[31m\n" + String(repeating: "x", count: 500))))
        state.type("yyy")
        state.press("Enter")
        // There is a reset, which would be broken off: it asks for the name too.
        #expect(state.line("The reset of ckad-12 is broken off where it is.") != nil)
        state.type("ckad-12")
        let action = Self.performed(state.press("Enter")).first
        #expect(action?.isConfirmed == true && action?.argument?.count == 200)
        #expect(action?.argument?.hasPrefix("wörk\u{FFFD}[31m xx") == true && action?.argument?.hasSuffix("x") == true)
    }

    // MARK: when nothing may be done

    @Test func readOnlyOffersNothing() {
        let reason = "read-only: start with --allow-writes, or set allow-writes: true in the config"
        var state = Self.state(on: "ckad-01", size: Size(columns: 160, rows: 50), isReadOnly: true)
        #expect(state.lines.last?.contains("actions") == false)
        #expect(state.press("a") == [])
        #expect(state.lines.last == " a actions: " + reason)
        #expect(state.press("u y") == [])
        #expect(state.line("ACTIONS") == nil && state.line("Do it?") == nil)
        state.press("Esc ?")
        #expect(state.line("it asks first.")?.contains("(\(reason))") == true)
    }

    /// Longer than a line: it is wrapped, not cut.
    @Test func aNoticeIsReadToItsEnd() {
        var state = Self.state(on: "ckad-01", isReadOnly: true)
        state.press("a")
        #expect(state.lines[22].hasPrefix(" a actions: read-only: start with --allow-writes, or set allow-writes:"))
        #expect(state.lines[23].hasSuffix("the config"))
    }

    @Test func whatIsFrozenIsNotActedOn() {
        var state = Self.state(on: "ckad-01")
        state.press("p a")
        #expect(state.lines.last == " a actions: paused: this is how it was; p goes back to now")
        #expect(state.press("u y") == [])
        #expect(state.line("ACTIONS") == nil && state.line("Do it?") == nil)
        state.press("Esc p a u")
        #expect(Self.performed(state.press("y")).count == 1)
    }

    @Test(arguments: [
        (Sample.snapshot, "4", "a node"), (ClusterSample.snapshot, "3", "a ParallelCluster stack"),
        (DeploymentSample.snapshot, "3", "a k0rdent deployment"),
    ])
    func ofOtherKindsItSaysThatNothingCanBeDone(snapshot: Snapshot, keys: String, what: String) {
        for isReadOnly in [true, false] {
            var state = Sample.state(snapshot, isReadOnly: isReadOnly)
            state.press(keys)
            #expect(state.lines.last?.contains("actions") == false)
            #expect(state.press("a") == [])
            #expect(state.lines.last == " a actions: nothing can be done to \(what) from here")
        }
    }
}
