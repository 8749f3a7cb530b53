import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The conditions of a KubeVirt object.
enum WireConditions {
    /// More than this are not one object's.
    static let limit = 20

    static func read<Key: CodingKey>(_ box: KeyedDecodingContainer<Key>?, _ key: Key) -> [KubeCondition] {
        (box?.entries(KubeCondition.self, key, limit: limit) ?? []).map { condition in
            var condition = condition
            condition.type = SafeText.line(condition.type, limit: 60)
            condition.status = SafeText.line(condition.status, limit: 20)
            condition.reason = SafeText.line(condition.reason, limit: 300)
            condition.message = SafeText.line(condition.message, limit: 300)
            return condition
        }
    }
}

extension KubeCondition {
    /// What it says. KubeVirt writes its sentences into `reason` and mostly leaves `message` empty; where both are there, both are told.
    var text: String {
        if message.isEmpty || message == reason { return reason }
        return reason.isEmpty ? message : "\(reason): \(message)"
    }
}

extension [KubeCondition] {
    /// The first of a type.
    func of(_ type: String) -> KubeCondition? { first { $0.type == type } }
}

extension KubeMetadata {
    /// Without what nobody reads: there may be thousands of these objects.
    var distilled: KubeMetadata {
        var metadata = self
        metadata.annotations = [:]
        metadata.labels = labels.filter { PoolLabels.all.contains($0.key) }.mapValues { SafeText.line($0, limit: 80) }
        return metadata
    }
}
