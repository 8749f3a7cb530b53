import Fleet
import Upstream

/// Why something was not done to the pool: one sentence of what stands in the way, one of what to do.
public struct PoolRefusal: Error, Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
        /// What was given cannot be; the name of the field is given.
        case invalid(field: String)
        /// There is no such cluster or session.
        case unknown
        /// All clusters are taken, by those named; who is free first comes first.
        case noneFree([PoolHolder])
        /// It makes no sense now, or would do damage in any case.
        case conflict
        /// It would hurt somebody or destroy something: it is done when the cluster's name is said again.
        case unconfirmed
        /// Kubernetes did not do it, or did not answer.
        case upstream(UpstreamProblem.Reason)
    }

    public let reason: Reason
    public let sentence: String
    public let advice: String

    public init(_ reason: Reason, _ sentence: String, advice: String) {
        self.reason = reason
        self.sentence = sentence
        self.advice = advice
    }

    init(_ problem: UpstreamProblem) {
        self.init(.upstream(problem.reason), problem.sentence, advice: problem.advice)
    }

    static func unknown(cluster: String, there: [String]) -> PoolRefusal {
        let names = there.sorted { PoolNames.precedes($0, $1) }
        let shown = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " and \(names.count - 12) more" : "")
        return PoolRefusal(
            .unknown, "There is no cluster \(SafeText.line(cluster, limit: 80)) in the pool.",
            advice: names.isEmpty ? "The pool has no clusters yet; bootstrap makes them." : "There are: \(shown).")
    }

    static func unknown(session: String) -> PoolRefusal {
        PoolRefusal(
            .unknown, "No cluster is held by session \(SafeText.line(session, limit: 80)).",
            advice: "Look at the pool: it may have been given back already.")
    }
}

/// What clusters and sessions may be called.
public enum PoolNames {
    /// Machines are called `cp-CLUSTER` and their names are host names, which have at most 63 letters.
    static let clusterLimit = 60
    static let sessionLimit = 64

    /// The names of clusters are those of namespaces (RFC 1123 label).
    public static func check(cluster: String) throws(PoolRefusal) {
        let isLabel =
            !cluster.isEmpty && cluster.utf8.count <= clusterLimit && cluster.first != "-" && cluster.last != "-"
            && cluster.utf8.allSatisfy { isLower($0) || $0 == UInt8(ascii: "-") }
        guard isLabel else {
            throw PoolRefusal(
                .invalid(field: "cluster"),
                "\"\(SafeText.line(cluster, limit: 70))\" cannot be a cluster's name.",
                advice: "Use lower-case letters, digits and inner dashes, at most \(clusterLimit).")
        }
    }

    public static func check(session: String) throws(PoolRefusal) {
        let isName =
            !session.isEmpty && session.utf8.count <= sessionLimit
            && session.utf8.allSatisfy { isLower($0 | 0x20) || "-._:".utf8.contains($0) }
        guard isName else {
            throw PoolRefusal(
                .invalid(field: "sessionId"),
                session.isEmpty
                    ? "sessionId is empty."
                    : "sessionId \"\(SafeText.line(session, limit: 70))\" cannot be a session's.",
                advice: "Use letters, digits and - . _ : only, at most \(sessionLimit).")
        }
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// `cluster2` before `cluster10`.
    public static func precedes(_ left: String, _ right: String) -> Bool {
        func parts(_ name: String) -> (String, Int) {
            let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
            return (String(name.dropLast(digits)), Int(name.suffix(digits)) ?? -1)
        }
        let (first, second) = (parts(left), parts(right))
        return (first.0, first.1, left) < (second.0, second.1, right)
    }
}
