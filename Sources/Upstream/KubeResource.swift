#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A sort of object that an API server keeps, by the names it has in paths.
public struct KubeResource: Sendable, Hashable {
    /// Empty for the core group.
    public var group: String
    public var version: String
    /// `clusterdeployments`.
    public var plural: String

    public init(group: String = "", version: String, plural: String) {
        self.group = group
        self.version = version
        self.plural = plural
    }

    public static let events = KubeResource(version: "v1", plural: "events")
    public static let namespaces = KubeResource(version: "v1", plural: "namespaces")
    public static let secrets = KubeResource(version: "v1", plural: "secrets")
    public static let claims = KubeResource(version: "v1", plural: "persistentvolumeclaims")
    public static let quotas = KubeResource(version: "v1", plural: "resourcequotas")
    public static let services = KubeResource(version: "v1", plural: "services")
    public static let configMaps = KubeResource(version: "v1", plural: "configmaps")
    public static let leases = KubeResource(group: "coordination.k8s.io", version: "v1", plural: "leases")

    /// - Parameters:
    ///   - namespace: nil for all of them, and for what has no namespace.
    ///   - name: one object; nil for the list.
    public func path(namespace: String? = nil, name: String? = nil) -> String {
        var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        if let namespace { path += "/namespaces/\(Self.escaped(namespace))" }
        path += "/\(plural)"
        if let name { path += "/\(Self.escaped(name))" }
        return path
    }

    /// A query from its parameters, in their order.
    static func query(_ parameters: [(String, String?)]) -> String {
        let given = parameters.compactMap { name, value in value.map { "\(name)=\(escaped($0))" } }
        return given.isEmpty ? "" : "?" + given.joined(separator: "&")
    }

    /// Percent-encoded but for what RFC 3986 calls unreserved.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
