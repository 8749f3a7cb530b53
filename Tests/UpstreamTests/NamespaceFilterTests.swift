import Testing

@testable import Upstream

/// Which namespaces are seen, and what a pattern that cannot be read is told.
@Suite struct NamespaceFilterTests {
    @Test(arguments: [
        ("", "anything kcm-system", ""), ("team", "team my-team-a", "tea"), ("^team", "team-a", "my-team"),
        ("^team-(a|b)$", "team-a team-b", "team-c xteam-a team-ab"), (#"^a\.c$"#, "a.c", "abc"),
        ("^[a-c1-3-]+$", "abc 1-2 -", "d ab4"), ("(?i)^TEAM-[A-B]$", "team-a TEAM-B", "team-c"),
        ("^(kcm-system|team-.*)$", "kcm-system team-x", "default steam-x"),
    ])
    func isLookedForAnywhereInTheName(pattern: String, yes: String, no: String) throws {
        let filter = try NamespaceFilter(pattern)
        for name in yes.split(separator: " ") { #expect(filter.allows(String(name)), "\(pattern) \(name)") }
        for name in no.split(separator: " ") { #expect(!filter.allows(String(name)), "\(pattern) \(name)") }
    }

    @Test(arguments: [
        ("team-(a", 8), ("team)", 5), ("a**", 3), ("*a", 1), ("a[", 2), (String(repeating: "a", count: 300), 257),
    ])
    func aWrongPatternIsToldWithItsColumn(pattern: String, column: Int) {
        #expect { try NamespaceFilter(pattern) } throws: {
            let problem = $0 as? NamespaceFilter.Problem
            return problem?.column == column && problem?.sentence.hasSuffix("(column \(column)).") == true
        }
    }

    @Test func filtersOfTheSamePatternAreEqual() throws {
        #expect(try NamespaceFilter("a") == NamespaceFilter("a"))
        #expect(try NamespaceFilter("a") != NamespaceFilter("b"))
    }
}
