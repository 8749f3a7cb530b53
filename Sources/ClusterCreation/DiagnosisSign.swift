/// A sign that a rule looks at, and how it is told when it is there and when it is not.
struct DiagnosisSign: Sendable, Equatable, Decodable {
    /// What it means for the cause that the rule names.
    enum Weight: String, Sendable, Equatable, CodingKey, CaseIterable {
        case speaksFor = "for"
        case speaksAgainst = "against"
        /// Neither; it is told without a word before it.
        case fact
    }

    struct Telling: Sendable, Equatable, Decodable {
        var weight: Weight
        var text: String

        init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: Weight.self)
            guard box.allKeys.count == 1, let weight = box.allKeys.first else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "a sign is for, against or a fact"))
            }
            self.weight = weight
            text = try box.decode(String.self, forKey: weight)
        }

        func text(_ values: DiagnosisValues) -> String? {
            values.fill(text, as: .prose).map { weight == .fact ? $0 : "\(weight.rawValue): \($0)" }
        }
    }

    /// Nil for what is always told.
    var sign: DiagnosisCondition?
    var present: Telling?
    var absent: Telling?

    /// - Returns: nil when it is not known whether the sign is there, or when there is nothing to say of it.
    func text(_ facts: ClusterFacts, _ values: DiagnosisValues) -> String? {
        guard let sign else { return present?.text(values) }
        return switch DiagnosisVerdict(sign, facts).holds {
        case true: present?.text(values)
        case false: absent?.text(values)
        default: nil
        }
    }
}
