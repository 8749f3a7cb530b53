import Fleet
import Upstream

/// What `CAPIClusterSummary` says, one line for each of the conditions it merges. Source: wire-formats 6.4.
///
/// Its message lists only what is not healthy, as bullets that are nested by two blanks; what is not listed is healthy. Where only one thing
/// is wrong, the controller leaves the bullet's star out.
public struct SummaryBullets: Sendable, Equatable {
    public typealias Line = DeploymentDetail.HealthLine

    /// The conditions it merges, in its order.
    public static let names = [
        "InfrastructureReady", "ControlPlaneInitialized", "ControlPlaneAvailable", "ControlPlaneMachinesReady",
        "WorkersAvailable", "WorkerMachinesReady", "RemoteConnectionProbe",
    ]
    /// One copy for all the deployments that are well.
    private static let healthy = names.map { Line(name: $0, isHealthy: true) }
    /// Lines beyond these are dropped; a cluster with hundreds of broken machines says the same of each.
    static let partLimit = 12
    static let lineLimit = 20

    /// Those of `names` in their order, then unhealthy ones of other names. Empty when nothing is known of the cluster.
    public var lines: [Line]

    /// - Returns: nil for what says nothing of the cluster's parts: the cluster is missing, or the message of an unhealthy summary
    ///   has no lines.
    public init?(_ summary: KubeCondition) {
        if summary.isTrue {
            lines = Self.healthy
            return
        }
        guard summary.reason != "CAPIClusterMissing" else { return nil }
        let unhealthy = Self.parse(summary.message)
        guard !unhealthy.isEmpty else { return nil }
        lines = Self.names.map { name in
            unhealthy.first { $0.name == name } ?? Line(name: name, isHealthy: true)
        }
        lines += unhealthy.filter { !Self.names.contains($0.name) }
    }

    /// The unhealthy lines of a message in their order, each name once. Text that is no list gives none.
    public static func parse(_ message: String) -> [Line] {
        var lines: [Line] = []
        for raw in message.split(whereSeparator: \.isNewline).prefix(400) {
            let indent = raw.prefix { $0 == " " }.count
            var text = raw.dropFirst(indent)
            let hasStar = text.hasPrefix("* ")
            if hasStar { text = text.dropFirst(2) }
            text = Self.trimmed(text)
            if text.isEmpty { continue }
            if indent == 0, hasStar || lines.isEmpty, let line = Self.line(text, hasStar: hasStar) {
                if let known = lines.firstIndex(where: { $0.name == line.name }) {
                    if !line.text.isEmpty { Self.add(line.text, to: &lines[known]) }
                } else if lines.count < lineLimit {
                    lines.append(line)
                }
            } else if let last = lines.indices.last {
                // Two blanks are the first level below a condition; a line without a star goes on with the one before it.
                let depth = min(6, max(0, (indent - 2) / 2))
                Self.add(String(repeating: "  ", count: depth) + text, to: &lines[last])
            }
        }
        return lines
    }

    /// `Name: text` or `Name:`; only what looks like the name of a condition is one.
    private static func line(_ text: Substring, hasStar: Bool) -> Line? {
        guard let colon = text.firstIndex(of: ":") else {
            return hasStar && isName(text) ? Line(name: SafeText.line(String(text), limit: 60), isHealthy: false) : nil
        }
        let name = text[..<colon]
        guard isName(name) else { return nil }
        return Line(
            name: SafeText.line(String(name), limit: 60), isHealthy: false,
            text: SafeText.line(String(trimmed(text[text.index(after: colon)...])), limit: 300))
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (65...90).contains(first), text.utf8.count <= 60 else { return false }
        return text.utf8.allSatisfy { (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) }
    }

    private static func add(_ text: String, to line: inout Line) {
        guard line.parts.count < partLimit else { return }
        line.parts.append(SafeText.line(text, limit: 200))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" || last == "\r" { text = text.dropLast() }
        return text
    }
}
