import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What pctl or petal last wrote about one image build. Source: wire-formats 4.2.
///
/// The file says less, and other, than it seems to: `stage`, `softwarePercent` and `cautions` are what to go by.
public struct WireBuildState: Decodable, Sendable, Equatable {
    /// The build's id; nil if the file has none, and then its name is it.
    public var buildID: String?
    /// The image, once there is one; the only sure sign of success.
    public var imageID: String?
    /// The builder instance; nil before its launch.
    public var instanceID: String?
    /// launching, installing, creating, complete, failed; other words are kept.
    public var status: String?
    /// As written: of the software only, and 0 again while the image is created. `softwarePercent` is what it means.
    public var progress: Int?
    /// The raw text of the progress tag or marker.
    public var progressMessage: String?
    public var startedAt: Date?
    public var endedAt: Date?
    /// The cluster name of the template, not its file.
    public var templateName: String?
    /// The name that the image gets.
    public var imageName: String?
    public var region: String?
    public var packageCount: Int?
    /// Without secrets. `failure` is what it means.
    public var errorMessage: String?

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: StateKey.self)
        buildID = fields.text("build_id", limit: 80)
        imageID = fields.text("ami_id", limit: 80)
        instanceID = fields.text("instance_id", limit: 80)
        status = fields.text("status", limit: 60)
        progress = fields.number("progress").flatMap { Int(exactly: $0.rounded(.towardZero)) }
            .map { min(100, max(0, $0)) }
        progressMessage = fields.text("progress_message")
        startedAt = fields.time("start_time")
        endedAt = fields.time("end_time")
        templateName = fields.text("template_name")
        imageName = fields.text("ami_name")
        region = fields.text("region", limit: 60)
        packageCount = fields.count("package_count")
        errorMessage = (try? fields.decodeIfPresent(String.self, forKey: StateKey("error_message")))
            .flatMap { $0.allSatisfy(\.isWhitespace) ? nil : SecretText.line($0) }
        // Any object at all would be a build otherwise: a cache, a list of something.
        guard buildID != nil || imageID != nil || instanceID != nil || status != nil else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no build"))
        }
    }

    /// Reads a file's bytes.
    ///
    /// - Returns: nil if it is half written, no JSON, or no build.
    public static func read(_ bytes: Data) -> WireBuildState? { StateFile.decode(Self.self, from: bytes) }
}

extension WireBuildState {
    /// Where a build is.
    public enum Stage: Sendable, Equatable {
        case launching
        case installing
        case creating
        case complete
        case failed
        /// A word that pctl did not have when this was written; empty if the file has none.
        case unknown(String)

        /// How long pctl itself waits in this stage, in seconds; nil if it does not. That of the software is its flag's default.
        /// Source: wire-formats 4.1.
        public var limit: Double? {
            switch self {
            case .launching: 300
            case .installing: 28_800
            case .creating: 3600
            case .complete, .failed, .unknown: nil
            }
        }
    }

    /// An image means success, else an error means failure, else the status is right.
    ///
    /// A successful build ends as `failed`, with "Build did not complete successfully": pctl's clean-up looks at a status in memory
    /// that was never set to `complete`.
    public var stage: Stage {
        if imageID != nil { return .complete }
        if errorMessage != nil { return .failed }
        switch status {
        case "launching": return .launching
        case "installing": return .installing
        case "creating": return .creating
        case "complete": return .complete
        case "failed": return .failed
        default: return .unknown(status ?? "")
        }
    }

    /// How much of the software is installed, 0 to 100; nil if it is not known.
    ///
    /// Once the image is created all of it is, although the file says 0 again.
    public var softwarePercent: Int? {
        switch stage {
        case .creating, .complete: 100
        case .launching: progress ?? 0
        case .installing, .failed, .unknown: progress
        }
    }

    /// What went wrong; nil unless the build failed.
    public var failure: String? {
        stage == .failed ? errorMessage ?? "The build failed; its file does not say why." : nil
    }

    /// Seconds from start to end; nil if one of them is not known.
    public var duration: Double? {
        guard let startedAt, let endedAt, endedAt >= startedAt else { return nil }
        return endedAt.timeIntervalSince(startedAt)
    }

    /// Whether nothing will be written into the file any more.
    public var isOver: Bool { stage == .complete || stage == .failed }

    /// Where the file must not be taken at its word.
    public var cautions: [BuildCaution] {
        var cautions: [BuildCaution] = []
        switch stage {
        case .complete where status == "failed" || errorMessage != nil: cautions.append(.succeededAllTheSame)
        case .creating:
            if progress == 0 { cautions.append(.percentWasReset) }
            cautions.append(.imageWaitDoesNotEnd)
        case .failed where errorMessage.map(Self.isStockPhrase) == true: cautions.append(.mayBeDetached)
        case .failed where errorMessage.map(Self.isImageTimeout) == true: cautions.append(.imageMayExist)
        default: break
        }
        return cautions
    }

    /// The words that the clean-up writes for want of a reason.
    private static func isStockPhrase(_ text: String) -> Bool {
        text.lowercased().contains("build did not complete successfully")
    }

    private static func isImageTimeout(_ text: String) -> Bool {
        let text = text.lowercased()
        let isLate = text.contains("timeout") || text.contains("timed out") || text.contains("deadline")
        return isLate && (text.contains("ami") || text.contains("image") || text.contains("snapshot"))
    }
}
