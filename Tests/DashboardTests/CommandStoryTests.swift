import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// What is typed after `:`.
@Suite struct CommandStoryTests {
    static func state(on name: String = "ckad-07", isReadOnly: Bool = false) -> State {
        ActionStoryTests.state(on: name, isReadOnly: isReadOnly)
    }

    @discardableResult
    static func run(_ text: String, _ state: inout State) -> [Effect] {
        state.press(":")
        state.type(text)
        return state.press("Enter")
    }

    @Test(arguments: [("clusters", Tab.clusters), ("  METAL ", .metal), ("inbox", .inbox), ("overview", .overview)])
    func panesAreOpenedByTheirNames(text: String, tab: Tab) {
        for isReadOnly in [true, false] {
            var state = Self.state(isReadOnly: isReadOnly)
            Self.run(text, &state)
            #expect(state.tab == tab && state.layers.isEmpty)
        }
    }

    @Test(arguments: [("quit", [Effect.quit]), ("q", [.quit]), ("refresh", [.refresh(PoolSample.lab)]), ("", [])])
    func whatChangesNothingWorksReadOnlyAndWhilePaused(text: String, effects: [Effect]) {
        var state = Self.state(isReadOnly: true)
        #expect(Self.run(text, &state) == effects)
        state.press("p")
        #expect(Self.run(text, &state) == effects)
        Self.run("help", &state)
        #expect(state.line("KEYS") != nil)
    }

    /// What is typed, then the answer, then what is done.
    @Test(arguments: [
        ("release ckad-01", "y", Action(.release, item: ActionStoryTests.id("ckad-01"))),
        ("release prod-lab/ckad-01", "y", Action(.release, item: ActionStoryTests.id("ckad-01"))),
        ("assign s-1 ckad-05", "y", Action(.assign, item: ActionStoryTests.id("ckad-05"), argument: "s-1")),
        ("assign s-1", "y", Action(.assign, item: ActionStoryTests.id("ckad-07"), argument: "s-1")),
        ("assign ckad-05", "s 9 Enter y", Action(.assign, item: ActionStoryTests.id("ckad-05"), argument: "s9")),
        ("Reset", "y", Action(.reset, item: ActionStoryTests.id("ckad-07"))),
        ("mark-available ckad-11", "y", Action(.markAvailable, item: ActionStoryTests.id("ckad-11"))),
        (
            "mark-error  disk is   full", "y",
            Action(.markError, item: ActionStoryTests.id("ckad-07"), argument: "disk is full")
        ),
        (
            "mark-error ckad-05 has no disk", "y",
            Action(.markError, item: ActionStoryTests.id("ckad-05"), argument: "has no disk")
        ),
        ("mark-error", "Enter y", Action(.markError, item: ActionStoryTests.id("ckad-07"))),
        (
            "bootstrap ckad-01", "c k a d - 0 1 Enter",
            Action(.bootstrap, item: ActionStoryTests.id("ckad-01"), isConfirmed: true)
        ),
    ])
    func actionsAreAskedAsInTheMenu(text: String, answer: String, action: Action) {
        var state = Self.state()
        #expect(Self.run(text, &state) == [])
        #expect(ActionStoryTests.performed(state.press(answer)) == [action])
        // Without the answer, and read-only, and looking at what was, nothing comes of it.
        for spoiler in ["Esc", "n"] where !text.hasPrefix("bootstrap") {
            var left = Self.state()
            Self.run(text, &left)
            #expect(ActionStoryTests.performed(left.press(spoiler) + left.press("Esc y")).isEmpty)
        }
        var readOnly = Self.state(isReadOnly: true)
        Self.run(text, &readOnly)
        #expect(readOnly.layers.isEmpty && readOnly.line("read-only: start with --allow-writes") != nil)
        var paused = Self.state()
        paused.press("p")
        Self.run(text, &paused)
        #expect(paused.layers.isEmpty && paused.line("paused: this is how it was; p goes back to now") != nil)
    }

    @Test(arguments: [
        ("fly away", "There is no command fly. There is: overview, pool,"),
        ("reset ckad-99", "There is no ckad-99."), ("reset rack1-u10", "nothing can be done to a node from here"),
        ("reset a b", "reset takes one cluster"), ("assign s ckad-05 x", "assign takes a session and a cluster"),
        ("assign s/1 ckad-05", "a session id has 1 to 64"), ("pool now", "pool stands alone"),
        ("release", "release: ckad-07 is held by no session"), ("snapshot ckad-12", "snapshot: ckad-12 is busy"),
    ])
    func whatMeansNothingSaysWhatThereIs(text: String, sentence: String) {
        var state = Sample.state(PoolSample.withNodes, isReadOnly: false)
        state.press("2 /")
        state.type("ckad-07")
        state.press("Enter")
        #expect(Self.run(text, &state) == [])
        #expect(state.line(sentence) != nil, "\(state.lines.suffix(3))")
        #expect(ActionStoryTests.performed(state.press("y Enter y")).isEmpty)
    }

    @Test func withoutARowACommandNamesItsCluster() {
        var state = Self.state()
        Self.run("inbox", &state)
        Self.run("reset", &state)
        #expect(state.line("reset: nothing is selected; name a cluster") != nil)
        Self.run("reset ckad-07", &state)
        #expect(ActionStoryTests.performed(state.press("y")) == [ActionChangeTests.reset])
    }

    static var twins: State {
        let other = SourceID("edge-lab")
        let twin = PoolStoryTests.changed(PoolSample.available("ckad-05", since: 60)) { item, detail in
            (item.source, detail.context) = (other, other.text)
            item.id = ItemID(kind: .pool, source: other, key: item.name)
        }
        var source = PoolSample.source
        source.id = other
        var state = Sample.state(
            Snapshot(at: Sample.now, items: PoolSample.items + [twin], sources: [PoolSample.source, source]),
            isReadOnly: false)
        state.press("2")
        return state
    }

    @Test func ofTwoWithOneNameNoneIsGuessed() {
        var state = Self.twins
        Self.run("reset ckad-05", &state)
        #expect(state.layers.isEmpty)
        #expect(state.line("ckad-05 is there more than once: edge-lab/ckad-05, prod-lab/ckad-05") != nil)
        Self.run("reset edge-lab/ckad-05", &state)
        #expect(state.line("RESET edge-lab/ckad-05") != nil)
        let id = ItemID(kind: .pool, source: SourceID("edge-lab"), key: "ckad-05")
        #expect(ActionStoryTests.performed(state.press("y")).map(\.item) == [id])
    }

    // MARK: typing

    @Test(arguments: [
        ("ov", "overview "), ("re", "re"), ("rel", "release "), ("mark", "mark-"), ("mark-e", "mark-error "),
        ("zz", "zz"), ("", ""), ("reset ", "reset ckad-0"), ("reset ckad-07", "reset ckad-07 "),
        // What is held, broken or busy cannot be reset or lent.
        ("release ckad-0", "release ckad-0"), ("release ", "release ckad-0"), ("snapshot ckad-1", "snapshot ckad-1"),
        ("assign s-1 ckad-0", "assign s-1 ckad-0"), ("assign s-1 ckad-07", "assign s-1 ckad-07 "),
        ("assign s-1 ckad-01", "assign s-1 ckad-01"), ("assign ck", "assign ck"),
        ("mark-available ckad-1", "mark-available ckad-1"), ("mark-available ckad-11", "mark-available ckad-11 "),
        ("refresh x", "refresh x"),
    ])
    func tabCompletesWhatFits(text: String, wanted: String) {
        var state = Self.state()
        state.press(":")
        state.type(text)
        state.press("Tab")
        #expect(state.layers == [.command(wanted)])
    }

    @Test func whatFitsIsShownWhileOneTypes() {
        var state = Self.state()
        state.press(":")
        state.type("assign s-1 ckad-")
        #expect(state.lines.last == " :assign s-1 ckad-_  Tab: ckad-05 ckad-07 ckad-09")
        state.press("C-u")
        state.type("re")
        #expect(state.lines.last == " :re_  Tab: refresh release reset")
        var twins = Self.twins
        twins.press(":")
        twins.type("reset edge")
        #expect(twins.lines.last == " :reset edge_  Tab: edge-lab/ckad-05")
    }

    @Test func readOnlyCompletesOnlyWhatChangesNothing() {
        var state = Self.state(isReadOnly: true)
        state.press(":")
        state.type("re")
        #expect(state.lines.last == " :re_  Tab: refresh")
        state.press("C-u")
        state.type("reset ")
        #expect(state.lines.last?.contains("ckad") == false)
    }

    @Test func theCommandLineIsLeftWithEscOrBackspace() {
        for keys in ["Esc", "C-c", "Backspace Backspace"] {
            var state = Self.state()
            state.press(": x")
            #expect(state.lines.last?.hasPrefix(" :x_") == true)
            #expect(state.press(keys) == [] && state.layers.isEmpty, "\(keys)")
        }
    }

    @Test func aLongLineShowsItsEnd() {
        var state = Self.state()
        state.press(":")
        _ = update(&state, .key(.paste(String(repeating: "a", count: 1000) + "\u{1B}]0;x")))
        state.type("zzz")
        #expect(state.lines.last?.hasPrefix(" :…aaa") == true)
        #expect(TextWidth.of(state.lines.last ?? "") <= 80)
        #expect(state.press("Enter") == [])
        #expect(state.line("There is no command aaaa") != nil)
    }
}
