import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The images that pctl found again by their fingerprint, `ami-cache.json`. Source: wire-formats 4.3.
public struct WireImageCache: Decodable, Sendable, Equatable {
    /// The most images that are kept.
    public static let most = 2000

    /// One image.
    public struct Image: Sendable, Equatable {
        public var imageID: String
        public var region: String
        /// SHA-256 of base system, Spack and Lmod version and the sorted packages, in hexadecimal.
        public var fingerprint: String
        public var templateName: String?
        public var createdAt: Date?
        public var lastUsedAt: Date?
    }

    /// The one used last first; then by region and fingerprint.
    public let images: [Image]

    public init(from decoder: any Decoder) throws {
        let map = try decoder.container(keyedBy: StateKey.self)
        let images = map.allKeys.compactMap { key -> Image? in
            guard let fields = try? map.nestedContainer(keyedBy: StateKey.self, forKey: key),
                let id = fields.text("ami_id", limit: 80)
            else { return nil }
            // The key is `region:fingerprint`, and good enough where the fields are missing.
            let parts = key.stringValue.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let rest = parts.count > 1 ? String(parts[1]) : ""
            return Image(
                imageID: id,
                region: fields.text("region", limit: 60) ?? SafeText.line(String(parts.first ?? ""), limit: 60),
                fingerprint: fields.text("fingerprint", limit: 100) ?? SafeText.line(rest, limit: 100),
                templateName: fields.text("template_name"), createdAt: fields.time("created"),
                lastUsedAt: fields.time("last_used"))
        }
        let sorted = images.sorted {
            let (a, b) = ($0.lastUsedAt ?? .distantPast, $1.lastUsedAt ?? .distantPast)
            return a == b ? ($0.region, $0.fingerprint) < ($1.region, $1.fingerprint) : a > b
        }
        self.images = Array(sorted.prefix(Self.most))
    }

    /// Reads a file's bytes.
    ///
    /// - Returns: nil if it is half written or no JSON.
    public static func read(_ bytes: Data) -> WireImageCache? { StateFile.decode(Self.self, from: bytes) }
}
