import Screen
import Testing

@testable import Terminal

@Suite struct TerminalCapabilitiesTests {
    @Test(arguments: [
        ("TERM=xterm-256color LANG=en_GB.UTF-8", ColorDepth.indexed256, Glyphs.box, true),
        ("TERM=xterm-256color LANG=en_GB.UTF-8 COLORTERM=truecolor", .direct, .box, true),
        ("TERM=tmux-256color LANG=en_GB.UTF-8 COLORTERM=truecolor TMUX=/tmp/t", .indexed256, .box, false),
        ("TERM=xterm-256color LANG=en_GB.utf8 TMUX=/tmp/t", .indexed256, .box, false),
        ("TERM=xterm-256color LANG=en_GB.UTF-8 NO_COLOR=1 COLORTERM=24bit", .mono, .box, true),
        ("TERM=xterm-256color LANG=en_GB.UTF-8 NO_COLOR=", .indexed256, .box, true),
        ("TERM=xterm LANG=C", .ansi8, .ascii, true),
        ("TERM=xterm-256color LC_ALL=C LANG=en_GB.UTF-8", .indexed256, .ascii, true),
        ("TERM=linux LANG=en_GB.UTF-8", .ansi8, .ascii, false),
        ("TERM=vt220 LANG=en_GB.UTF-8", .mono, .box, false),
        ("TERM=dumb", .mono, .ascii, false),
        ("TERM=rxvt-unicode-256color LANG=en_GB.UTF-8 COLORTERM=truecolor", .indexed256, .box, true),
    ])
    func detects(words: String, depth: ColorDepth, glyphs: Glyphs, synchronised: Bool) {
        var environment: [String: String] = [:]
        for word in words.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(parts[0])] = String(parts[1])
        }
        let found = TerminalCapabilities.detect(environment: environment)
        #expect(found.depth == depth)
        #expect(found.glyphs == glyphs)
        #expect(found.synchronised == synchronised)
        #expect(found.isFullScreen == (environment["TERM"] != "dumb"))
    }

    @Test func waitsLongerForEscOverSsh() {
        #expect(TerminalCapabilities.detect(environment: ["TERM": "xterm"]).escapeDelay == 25)
        #expect(TerminalCapabilities.detect(environment: ["TERM": "xterm", "SSH_TTY": "/dev/pts/1"]).escapeDelay == 50)
        #expect(!TerminalCapabilities.detect(environment: [:]).isFullScreen)
    }
}
