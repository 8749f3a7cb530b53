/// What tells one deployment from all others of a context.
public struct DeploymentKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let namespace: String
    public let name: String

    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// - Parameter text: `ns/name`; nil for anything that is not two words with one slash between them.
    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(namespace: String(parts[0]), name: String(parts[1]))
    }

    /// `kcm-system/demo`
    public var text: String { "\(namespace)/\(name)" }
    public var description: String { text }

    public static func < (left: DeploymentKey, right: DeploymentKey) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}
