import Testing
import Themes

@testable import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct ThemeTests {
    static func builtIn(_ name: String) -> (theme: Theme?, problems: [ThemeProblem]) {
        ThemeFile.load(yaml: BuiltInThemes.yaml(named: name) ?? "", file: name + ".yaml")
    }

    @Test(arguments: BuiltInThemes.names)
    func builtInThemesHaveNoProblem(name: String) throws {
        let (theme, problems) = ThemeTests.builtIn(name)
        #expect(problems.map(\.description) == [])
        #expect(try #require(theme).name == name)
    }

    @Test(arguments: ["default-dark", "default-light"], [ColorDepth.direct, .indexed256, .ansi16, .ansi8])
    func statusesStayApartWithFewColours(name: String, depth: ColorDepth) throws {
        let theme = try #require(ThemeTests.builtIn(name).theme)
        let statuses: [Role] = [.statusOk, .statusRun, .statusWarn, .statusFail, .statusHold]
        let faces = Set(statuses.map { theme.face(for: Style($0), depth: depth) })
        #expect(faces.count == statuses.count)
        let selected = theme.face(for: Style(.cursor), depth: depth)
        #expect(selected.bg >= 0 && selected.bg != selected.fg || selected.attributes.contains(.reverse))
    }

    @Test(arguments: BuiltInThemes.names)
    func withoutColoursAttributesCarryIt(name: String) throws {
        let theme = try #require(ThemeTests.builtIn(name).theme)
        let faces = Role.allCases.map { theme.face(for: Style($0), depth: .mono) }
        #expect(faces.allSatisfy { $0.fg == -1 && $0.bg == -1 })
        #expect(theme.face(for: Style(.cursor), depth: .mono).attributes.contains(.reverse))
        #expect(theme.face(for: Style(.statusFail), depth: .mono).attributes.contains(.bold))
        #expect(theme.face(for: Style(.text, .underline), depth: .mono).attributes == .underline)
    }

    /// Each is put into a theme that inherits everything else; the line is that of the text.
    @Test(arguments: [
        ("status.fial: red", 3, "warning", "did you mean `status.fail`?"),
        ("text: \"#12345\"", 3, "error", "expected # and six digits"),
        ("text: #123456", 3, "error", "must stand in quotes"),
        ("text: rde", 3, "error", "did you mean `red`?"),
        ("text: {fg: red, blod: true}", 3, "warning", "did you mean `bold`?"),
        ("text: {fg: red, c16: 16}", 3, "error", "0 to 15"),
        ("text: {fg: red, mono: [loud]}", 3, "error", "bold, dim, underline, reverse"),
        ("text: {bold: maybe}", 3, "error", "true or false"),
        ("paint-background: perhaps", 3, "error", "true or false"),
        ("text: \"#777777\"", 3, "warning", "contrast of 4.1 to its ground; at least 4.5"),
        ("status.fail: \"#e04040\"", 3, "warning", "at least 7.0 is needed"),
        ("cursor.bg: \"#4f86c6\"", 3, "warning", "`cursor.fg` has a contrast of"),
        ("status.warn: \"#a0f5a6\"", 3, "warning", "look nearly the same to everybody"),
        ("text: [", 4, "error", "not YAML"),
        ("text: red\ntext: blue", 3, "error", "twice"),
    ])
    func problemsAreToldWithLine(text: String, line: Int, severity: String, message: String) throws {
        let parent = ThemeTests.builtIn("default-dark").theme
        let (theme, problems) = ThemeFile.load(
            yaml: "name: mine\ninherits: default-dark\n\(text)\n", file: "mine.yaml", parent: { _ in parent })
        let problem = try #require(problems.first)
        #expect(problem.message.contains(message))
        #expect(problem.severity.rawValue == severity)
        // The ground of the selection is set on line 3, but it is `cursor.fg`, inherited, that cannot be read.
        #expect(problem.line == line || text.hasPrefix("cursor.bg"))
        #expect((theme == nil) == (severity == "error"))
        #expect(problem.description.hasPrefix("mine.yaml:"))
    }

    @Test func greenAndRedAloneAreNotEnough() throws {
        let yaml = """
            inherits: default-dark
            status.ok: "#5fbf5f"
            status.hold: "#d98f4a"
            """
        let parent = ThemeTests.builtIn("default-dark").theme
        let problems = ThemeFile.load(yaml: yaml, file: "x", parent: { _ in parent }).problems
        #expect(problems.contains { $0.line == 3 && $0.message.contains("opia") })
        #expect(problems.contains { $0.message.contains("in lightness") })
    }

    @Test func inheritsWhatItDoesNotSet() throws {
        let dark = try #require(ThemeTests.builtIn("default-dark").theme)
        let yaml = "inherits: default-dark\npalette: {sea: \"#66ccff\"}\nstatus.run: sea\npaint-background: true"
        let (theme, problems) = ThemeFile.load(yaml: yaml, file: "themes/mine.yaml", parent: { _ in dark })
        let mine = try #require(theme)
        #expect(problems == [])
        #expect(mine.name == "mine")
        #expect(mine[.statusRun].fg == Color(.rgb(RGB(0x66, 0xCC, 0xFF))))
        #expect(mine[.statusFail] == dark[.statusFail])
        #expect(mine.face(for: Style(.text), depth: .direct).bg == 0x0F141A)
        #expect(ThemeFile.load(yaml: "inherits: nowhere", file: "x").problems.map(\.line) == [1])
    }

    @Test func nearestColoursAreNearToTheEye() {
        // Channel by channel a dark grey falls into the cube's black; the grey ramp has it almost exactly.
        #expect(Color(.rgb(RGB(0x26, 0x26, 0x26))).number(at: .indexed256) == 235)
        #expect(Color(.rgb(RGB(0xFF, 0x00, 0x00))).number(at: .indexed256) == 196)
        #expect(Color(.rgb(RGB(0x00, 0x00, 0x05))).number(at: .direct) == 8)
        #expect(Color(.rgb(RGB(0x1E, 0x90, 0xFF))).number(at: .direct) == 0x1E90FF)
        #expect(Color(.ansi(9)).number(at: .ansi8) == 1)
        #expect(Color(.rgb(RGB(1, 2, 3)), indexed: 99, ansi: 4).number(at: .indexed256) == 99)
        #expect(Color(.ansi(3)).number(at: .mono) == nil)
        #expect(abs(RGB(0, 0, 0).contrast(with: RGB(255, 255, 255)) - 21) < 0.001)
        #expect(abs(RGB(0x77, 0x77, 0x77).contrast(with: RGB(255, 255, 255)) - 4.48) < 0.01)
    }

    @Test func everyKeyIsDocumented() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Themes/README.md")
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(ThemeKey.all.count == 24)
        for key in ThemeKey.all {
            let ratio = key.contrast.map { $0 == .read ? "4.5 |" : "\(Int($0.rawValue)) |" } ?? "|"
            #expect(text.contains("| `\(key.name)` | \(key.meaning) | \(ratio)"), "\(key.name)")
        }
    }
}
