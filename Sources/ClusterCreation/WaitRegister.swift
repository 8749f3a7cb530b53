/// `Rules/wait-condition.yaml`: why a head node may not have signalled yet.
struct WaitRegister: Sendable, Decodable {
    struct Rule: Sendable, Decodable {
        var id: String
        /// Speaks however young the wait is.
        var hard: Bool?
        /// All must hold.
        var when: [DiagnosisCondition]
        /// One sentence, with `likely` where it is no more than that.
        var cause: String
        /// The same, said after the wait has failed; nil for a rule that can say nothing then.
        var ended: String?
        var signs: [DiagnosisSign]?
        var next: [DiagnosisStep]
    }

    struct Limit: Sendable, Decodable {
        /// The first version that has another limit; nil for all later ones.
        var before: String?
        /// Seconds.
        var seconds: Double
    }

    /// Seconds of waiting before which only hard rules speak.
    var least: Double
    /// Seconds that such a wait may take without a word, where no history says what is usual.
    var typical: Double
    var limits: [Limit]
    /// Signs of every diagnosis.
    var always: [DiagnosisSign]
    /// The first whose conditions hold is told: what is certain stands before what is likely.
    var rules: [Rule]

    static let shared: WaitRegister? = DiagnosisRegister.read(PackageResources.wait_condition_yaml)

    /// Seconds after which CloudFormation gives up, by ParallelCluster's version, unless the configuration says
    /// otherwise.
    static func limit(version: String?) -> Double { shared?.limit(version: version) ?? 1800 }

    private func limit(version: String?) -> Double? {
        guard let version else { return limits.first?.seconds }
        return limits.first { $0.before.map { Self.isVersion(version, before: $0) } ?? true }?.seconds
    }

    private static func isVersion(_ version: String, before other: String) -> Bool {
        let numbers = [version, other].map { $0.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 } }
        return numbers[0].lexicographicallyPrecedes(numbers[1])
    }

    /// Seconds of waiting from which on every rule may speak.
    func patience(_ facts: ClusterFacts) -> Double { max(least, facts.usual?.high ?? typical) }
}
