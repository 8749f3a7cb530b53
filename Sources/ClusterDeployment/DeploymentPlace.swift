import Fleet

/// Where a deployment is built: its provider and region, from whatever tells.
public struct DeploymentPlace: Sendable, Equatable {
    /// `aws`, `azure`, `gcp`, `vsphere`, `openstack`, …; nil when nothing tells.
    public var provider: String?
    public var region: String?

    private static let groups = ["cloud.k0rdent.mirantis.com", "k0rdent.mirantis.com"]
    private static let providerLabels = groups.map { $0 + "/provider" }
    private static let regionLabels = groups.map { $0 + "/region" }
    /// The labels that are read; no others are kept.
    static let labels = Set(providerLabels + regionLabels)

    /// The first segment of a template's or a credential's name, and the provider that it means.
    private static let words = [
        "aws": "aws", "eks": "aws", "amazon": "aws", "azure": "azure", "aks": "azure", "gcp": "gcp", "gke": "gcp",
        "google": "gcp", "vsphere": "vsphere", "vmware": "vsphere", "openstack": "openstack", "docker": "docker",
        "kubevirt": "kubevirt", "metal3": "metal3", "hetzner": "hetzner", "nutanix": "nutanix", "adopted": "adopted",
        "remote": "remote",
    ]

    /// Labels come first, then the template, then the credential. A first segment that is no known provider is taken from the template
    /// only where the credential knows no better.
    public init(_ wire: WireDeployment) {
        let labels = wire.metadata.labels
        region = Self.first(Self.regionLabels, in: labels) ?? wire.configRegion
        if let label = Self.first(Self.providerLabels, in: labels) {
            provider = Self.words[label.lowercased()] ?? label
            return
        }
        let template = Self.segment(wire.template)
        let credential = wire.credential.flatMap(Self.segment)
        provider = template.flatMap { Self.words[$0] } ?? credential.flatMap { Self.words[$0] } ?? template
    }

    private static func first(_ keys: [String], in labels: [String: String]) -> String? {
        for key in keys {
            if let text = labels[key], !text.isEmpty { return SafeText.line(text, limit: 60) }
        }
        return nil
    }

    private static func segment(_ name: String) -> String? {
        name.split(separator: "-", maxSplits: 1).first.map { $0.lowercased() }
    }

    /// A template's name without its version: `azure-standalone-cp-1-0-15` is `azure-standalone-cp`. What has no version stays whole.
    public static func unversioned(_ template: String) -> String {
        var parts = template.split(separator: "-", omittingEmptySubsequences: false)
        while parts.count > 1, let last = parts.last, isVersion(last) { parts.removeLast() }
        return parts.joined(separator: "-")
    }

    /// `15`, `1.0.15`, `v1`, `rc1`.
    private static func isVersion(_ part: Substring) -> Bool {
        for prefix in ["", "v", "rc", "alpha", "beta"] where part.hasPrefix(prefix) {
            let rest = part.dropFirst(prefix.count)
            if let first = rest.utf8.first, (48...57).contains(first),
                rest.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 })
            {
                return true
            }
        }
        return false
    }
}
