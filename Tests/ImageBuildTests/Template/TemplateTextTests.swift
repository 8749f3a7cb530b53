import Foundation
import Testing

@testable import ImageBuild

/// Files that are wrong as text or as YAML, and files that would keep a parser busy.
@Suite struct TemplateTextTests {
    @Test(arguments: [
        ("", "1:1", "the file is empty"), ("# nothing\n", "1:1", "the file is empty"),
        ("---\n...\n", "1:1", "is empty"),
        ("a: \"b", "1:6", "unexpected end of stream"), ("a: b: c\n", "1:5", "mapping values are not allowed"),
        ("a:\n  - b\n - c\n", "3:2", "did not find expected"), ("@a: b\n", "1:1", "cannot start any token"),
        ("a: [b\nc: d\n", "2:2", "did not find expected ',' or ']'"), ("a: *\n", "1:5", "alphabetic or numeric"),
    ])
    func whatIsNoYAMLIsToldWithTheParsersOwnPlace(text: String, place: String, words: String) throws {
        let problems = TemplateSamples.problems(text)
        try #require(problems.count == 1, "\(problems)")
        #expect("\(problems[0].line):\(problems[0].column)" == place)
        #expect(problems[0].text.contains(words), "\(problems[0].text)")
    }

    @Test func everyTabIsToldNotOnlyTheFirst() {
        let text = TemplateSamples.short("users:\n\t- name: a\n\t  uid: 5001\n  \tgid: 5001\n")
        let problems = TemplateSamples.problems(text)
        #expect(problems.map { "\($0.line):\($0.column)" } == ["8:1", "9:1", "10:3"])
        #expect(problems.allSatisfy { $0.text.contains("tab") && $0.fix.contains("blanks") })
    }

    @Test(
        arguments: [
            ([0x61, 0x3A, 0x0A, 0x62, 0xFC], "2:2", "not UTF-8"), ([0xFF, 0xFE, 0x61, 0x00], "1:1", "UTF-16"),
            ([0x61, 0x00, 0x3A, 0x00], "1:1", "UTF-16"), ([0x61, 0x3A, 0x20, 0x1B, 0x5B], "1:4", "U+001B"),
            ([0x61, 0x3A, 0x20, 0x07], "1:4", "U+0007"), ([0x61, 0x0A, 0xF4, 0x8F, 0xBC, 0x80], "2:1", "U+10FF00"),
        ] as [([UInt8], String, String)])
    func whatIsNoTextIsToldAtItsFirstWrongByte(bytes: [UInt8], place: String, words: String) throws {
        let problem = try #require(TemplateSamples.problems(Data(bytes)).first)
        #expect("\(problem.line):\(problem.column)" == place)
        #expect(problem.text.contains(words), "\(problem.text)")
    }

    @Test func aFileOverOneMegabyteIsNotLookedInto() {
        let comment = "#" + String(repeating: "x", count: 1023) + "\n"
        let fits = TemplateSamples.starter + String(repeating: comment, count: 1000)
        #expect(TemplateSamples.problems(fits) == [])
        let problems = TemplateSamples.problems(fits + String(repeating: comment, count: 30))
        #expect(problems.map(\.text).first?.contains("at most 1048576 (1 MB)") == true)
        #expect(problems.count == 1)
    }

    @Test func aSecondDocumentIsToldBesideTheProblemsOfTheFirst() {
        let problems = TemplateSamples.problems(TemplateSamples.short("users: 3\n---\ncluster: 5\n"))
        #expect(problems.map { "\($0.line):\($0.column)" } == ["7:8", "9:1"])
        #expect(problems.last?.text.contains("second document") == true)
    }

    @Test func aDoubledKeyHidesNoOtherProblem() {
        let problems = TemplateSamples.problems(
            TemplateSamples.short(
                "cluster: {name: other}\nusers:\n- {name: a, uid: 7, \"name\": b, gid: 5001}\n- name: c\n  uid: 8\n  name: d\n"
            ))
        let told = problems.map { "\($0.line):\($0.column) \($0.text)" }
        #expect(
            told == [
                "7:1 the key `cluster` is set twice; first in line 1", "9:18 7 is not from 1000 to 60000",
                "9:22 the key `name` is set twice; first in line 9", "10:3 is missing",
                "11:8 8 is not from 1000 to 60000", "12:3 the key `name` is set twice; first in line 10",
            ])
    }

    @Test func whatTheFileSaysCannotActOnTheTerminal() {
        let text = TemplateSamples.starter.replacingOccurrences(of: "us-west-2", with: #""\e[31mred\x07""#)
        let told = TemplateSamples.problems(text).map { $0.text + $0.fix }.joined()
        #expect(told.contains("[31mred"))
        #expect(told.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    }

    // MARK: what would keep a parser busy

    /// Ten lines, each ten times the one before it.
    static let laughs = (1...12).reduce("a0: &a0 [x, x]\n") { text, level in
        let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
        return text + "a\(level): &a\(level) [\(aliases)]\n"
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            laughs + TemplateSamples.short("software: {spack_packages: *a12}\n"),
            // As a key, a parser would have to compare all of it.
            laughs + "? *a12\n: x\n", "a: &a {<<: *a, b: *a}\n<<: *a\n",
            laughs + "compute: {head_node: c5.large, queues: *a12}\n",
            (1...8).reduce("m0: &m0 {cluster: {}}\n") { text, level in
                let aliases = Array(repeating: "*m\(level - 1)", count: 20).joined(separator: ", ")
                return text + "m\(level): &m\(level) {<<: [\(aliases)]}\n"
            } + "<<: *m8\n",
            String(repeating: "{", count: 900_000), String(repeating: "- ", count: 400_000),
            String(repeating: "{? ", count: 480) + "[" + String(repeating: "x,", count: 400_000),
        ])
    func bombsEndSoonInAProblem(text: String) throws {
        let problems = TemplateSamples.problems(text)
        #expect(!problems.isEmpty)
        #expect(problems.count <= TemplateProblems.most)
    }
}
