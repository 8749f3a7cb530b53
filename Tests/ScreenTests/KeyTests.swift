import Testing

@testable import Screen

@Suite struct KeyTests {
    @Test(arguments: [
        ("j", Key.character("j")), ("J", .character("J")), ("Space", .character(" ")), ("é", .character("é")),
        ("Enter", .enter), ("Esc", .escape), ("Tab", .tab), ("S-Tab", .backTab), ("PgUp", .pageUp), ("Up", .up),
        ("F5", .function(5)), ("F12", .function(12)), ("C-d", .control("d")), ("M-x", .alt("x")),
        ("C-\\", .control("\\")),
        ("Del", .delete), ("M-Space", .alt(" ")), ("-", .character("-")),
    ])
    func namesReadBack(name: String, key: Key) {
        #expect(Key(name: name) == key)
        #expect(key.name == name)
    }

    @Test(arguments: ["enter", "ESC", "pgup", "f5", "c-D"])
    func wordsAreReadInAnyCase(name: String) {
        #expect(Key(name: name) != nil)
    }

    @Test(arguments: ["", " ", "Entre", "F0", "F99", "C-", "C-é", "M-Enter", "M-", "\u{1B}", "ab", "Mouse"])
    func whatIsNoKeyIsRefused(name: String) {
        #expect(Key(name: name) == nil)
    }
}
