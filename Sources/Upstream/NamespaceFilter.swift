import Synchronization

/// Which namespaces may be seen: a regular expression that is looked for anywhere in the name, as the k0rdent MCP server does it; `^` and `$`
/// make it speak of the whole name.
public struct NamespaceFilter: Sendable, Equatable {
    /// Why a pattern cannot be read.
    public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// One sentence with the place.
        public let sentence: String
        /// Where in the pattern, counted from 1; nil when the library does not tell.
        public let column: Int?

        public var description: String { sentence }
    }

    /// The longest pattern, in characters.
    public static let patternLimit = 256

    public let pattern: String
    private let verdicts = Verdicts()

    /// - Parameter pattern: `^team-(a|b)$`.
    public init(_ pattern: String) throws(Problem) {
        guard pattern.count <= Self.patternLimit else {
            throw Self.problem("it is longer than \(Self.patternLimit) characters", column: Self.patternLimit + 1)
        }
        do {
            _ = try Regex(pattern)
        } catch {
            // The library knows the place and does not offer it.
            let range = Mirror(reflecting: error).descendant("location", "range") as? Range<String.Index>
            let column = range.map { pattern.distance(from: pattern.startIndex, to: $0.lowerBound) + 1 }
            throw Self.problem("\(error)", column: column)
        }
        self.pattern = pattern
    }

    public func allows(_ namespace: String) -> Bool { verdicts.verdict(of: namespace, by: pattern) }

    public static func == (left: NamespaceFilter, right: NamespaceFilter) -> Bool { left.pattern == right.pattern }

    private static func problem(_ text: String, column: Int?) -> Problem {
        let place = column.map { " (column \($0))" } ?? ""
        return Problem(sentence: "The namespace filter cannot be used: \(text)\(place).", column: column)
    }

    /// Thousands of objects lie in a few namespaces: each name is matched once.
    private final class Verdicts: Sendable {
        private static let limit = 10_000
        private let known = Mutex<[String: Bool]>([:])

        func verdict(of name: String, by pattern: String) -> Bool {
            if let known = known.withLock({ $0[name] }) { return known }
            // A compiled expression cannot be shared between tasks; this one was compiled before.
            let verdict = (try? Regex(pattern)).map { name.contains($0) } ?? false
            known.withLock {
                if $0.count >= Self.limit { $0 = [:] }
                $0[name] = verdict
            }
            return verdict
        }
    }
}
