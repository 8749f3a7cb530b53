import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The builds that pctl remembers, `build-history.json`. Source: wire-formats 4.6.
public struct WireBuildHistory: Decodable, Sendable, Equatable {
    /// The most builds that are kept: pctl keeps 90 days.
    public static let most = 5000

    /// In the order of the file; of a longer one the last `most`, which are the newest.
    public let builds: [WireBuildRecord]

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: StateKey.self)
        let elements = try fields.decode([StateElement<WireBuildRecord>].self, forKey: StateKey("builds"))
        builds = Array(elements.compactMap(\.value).suffix(Self.most))
    }

    /// Reads a file's bytes.
    ///
    /// - Returns: nil if it is half written, no JSON, or has no list of builds.
    public static func read(_ bytes: Data) -> WireBuildHistory? { StateFile.decode(Self.self, from: bytes) }
}

/// One build of the history. What is missing in the file is nil.
public struct WireBuildRecord: Decodable, Sendable, Equatable {
    /// The most packages of a build that are kept.
    public static let mostPackages = 1000

    public var id: String
    /// The template's name.
    public var template: String?
    public var startedAt: Date?
    public var endedAt: Date?
    /// In seconds; from start and end if the file has no duration of its own.
    public var duration: Double?
    public var succeeded: Bool?
    /// A word such as `disk_full`.
    public var failureReason: String?
    public var instanceType: String?
    /// In GB.
    public var volumeSize: Double?
    /// Seconds by spec, `gcc@11.3.0`.
    public var packageSeconds: [String: Double]
    /// In bytes.
    public var peakDisk: Double?
    /// In bytes.
    public var peakMemory: Double?

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: StateKey.self)
        guard let id = fields.text("id", limit: 80) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no id"))
        }
        self.id = id
        template = fields.text("template")
        startedAt = fields.time("start_time")
        endedAt = fields.time("end_time")
        duration = fields.goDuration("duration").flatMap { $0 > 0 ? $0 : nil }
        if duration == nil, let startedAt, let endedAt, endedAt > startedAt {
            duration = endedAt.timeIntervalSince(startedAt)
        }
        succeeded = fields.flag("success")
        failureReason = fields.text("failure_reason")
        instanceType = fields.text("instance_type", limit: 60)
        volumeSize = fields.number("volume_size").flatMap { $0 > 0 ? $0 : nil }
        peakDisk = fields.number("peak_disk_usage").flatMap { $0 > 0 ? $0 : nil }
        peakMemory = fields.number("peak_memory_usage").flatMap { $0 > 0 ? $0 : nil }
        packageSeconds = [:]
        let timing = try? fields.nestedContainer(keyedBy: StateKey.self, forKey: StateKey("package_timing"))
        guard let timing else { return }
        for key in timing.allKeys.sorted(by: { $0.stringValue < $1.stringValue }).prefix(Self.mostPackages) {
            guard let seconds = timing.goDuration(key.stringValue) else { continue }
            packageSeconds[SafeText.line(key.stringValue, limit: 200)] = seconds
        }
    }
}
