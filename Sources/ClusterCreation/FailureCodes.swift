/// `Rules/failure-codes.yaml`: the codes of failed creations.
struct FailureCodes: Sendable, Decodable {
    struct Reason: Sendable, Decodable {
        var says: DiagnosisPhrase
        var code: String
    }

    struct Entry: Sendable, Decodable {
        var code: String
        /// Nil for every reason.
        var says: [DiagnosisPhrase]?
        /// Whether the head node's logs are likely to tell more than the code.
        var logs: Bool?
        var cause: String
        /// Sentences that come before the next steps.
        var hints: [DiagnosisStep]?
        var next: [DiagnosisStep]
    }

    var reasons: [Reason]
    /// The code of every other reason.
    var otherwise: String
    var codes: [Entry]

    static let shared: FailureCodes? = DiagnosisRegister.read(PackageResources.failure_codes_yaml)

    /// - Parameter reason: `resourceStatusReason` of the failed wait condition.
    /// - Returns: the code that `describe-cluster` will give; nil for an empty reason.
    func code(forReason reason: String) -> String? {
        guard reason.contains(where: { !$0.isWhitespace }) else { return nil }
        return reasons.first { $0.says.isSaid(in: reason) }?.code ?? otherwise
    }

    /// - Parameter texts: whatever was said of the failure.
    func entry(_ code: String, texts: [String]) -> Entry? {
        codes.first { entry in
            entry.code == code && (entry.says ?? []).contains { phrase in texts.contains(where: phrase.isSaid) }
        } ?? codes.first { $0.code == code && $0.says == nil }
    }
}
