import Fleet
import Upstream

/// An image as `aws ec2 describe-images` gives it; fields that cannot be read are missing.
struct WireMachineImage: Decodable, Sendable {
    var id: String?
    var name: String?
    /// pending, available, failed, error, invalid, deregistered, transient, disabled.
    var state: String?
    /// Why it is in that state.
    var reason: String?
    var tags: [String: String]
    /// The snapshot of its first disk that has one; EC2 names it some seconds after it has begun.
    var snapshot: String?

    private enum CodingKeys: String, CodingKey {
        case id = "ImageId", name = "Name", state = "State", reason = "StateReason", tags = "Tags", disks =
            "BlockDeviceMappings"
    }

    private struct Reason: Decodable {
        var message: String?
        enum CodingKeys: String, CodingKey { case message = "Message" }
    }

    private struct Tag: Decodable {
        var key: String
        var value: String
        enum CodingKeys: String, CodingKey { case key = "Key", value = "Value" }
    }

    private struct Disk: Decodable {
        struct Volume: Decodable {
            var snapshot: String?
            enum CodingKeys: String, CodingKey { case snapshot = "SnapshotId" }
        }
        var volume: Volume?
        enum CodingKeys: String, CodingKey { case volume = "Ebs" }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = fields.lenient(String.self, .id)
        name = fields.lenient(String.self, .name)
        state = fields.lenient(String.self, .state)
        reason = fields.lenient(Reason.self, .reason)?.message
        tags = Dictionary(fields.entries(Tag.self, .tags, limit: 100).map { ($0.key, $0.value) }) { first, _ in first }
        snapshot = fields.entries(Disk.self, .disks, limit: 100).lazy.compactMap { $0.volume?.snapshot }.first
    }
}

/// The answer of `aws ec2 describe-images`.
struct WireMachineImages: Decodable, Sendable {
    var images: [WireMachineImage]

    private enum CodingKeys: String, CodingKey { case images = "Images" }

    init(from decoder: any Decoder) throws {
        images = try decoder.container(keyedBy: CodingKeys.self).entries(WireMachineImage.self, .images, limit: 1000)
    }
}

/// The answer of `aws ec2 describe-snapshots`.
struct WireSnapshots: Decodable, Sendable {
    /// How much of the first one is written, 0 to 100.
    var percent: Int?

    private struct Snapshot: Decodable {
        var progress: String?
        enum CodingKeys: String, CodingKey { case progress = "Progress" }
    }

    private enum CodingKeys: String, CodingKey { case snapshots = "Snapshots" }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        percent = fields.entries(Snapshot.self, .snapshots, limit: 10).first?.progress.flatMap(Self.percent)
    }

    /// `"75%"`
    static func percent(_ text: String) -> Int? {
        guard let value = Int(text.prefix { $0.isASCII && $0.isNumber }) else { return nil }
        return min(100, max(0, value))
    }
}
