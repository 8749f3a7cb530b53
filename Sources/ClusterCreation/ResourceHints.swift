/// `Rules/resource-hints.yaml`: why a resource failed, and what a stack's state asks for.
struct ResourceHints: Sendable, Decodable {
    struct Hint: Sendable, Decodable {
        var id: String
        var cause: String
        var next: [DiagnosisStep]
    }

    struct Reason: Sendable, Decodable {
        var id: String
        /// How the type begins; nil for every type.
        var types: [String]?
        /// Nil for every status.
        var status: String?
        var says: [DiagnosisPhrase]
        var cause: String
        var next: [DiagnosisStep]
    }

    struct Resource: Sendable, Decodable {
        var id: String
        var type: String
        var cause: String
        var next: [DiagnosisStep]
    }

    struct Stack: Sendable, Decodable {
        var status: [String]
        var sign: String
        var next: [DiagnosisStep]
    }

    struct Protected: Sendable, Decodable {
        var cause: String
        var next: [DiagnosisStep]
    }

    var reasons: [Reason]
    var resources: [Resource]
    var stacks: [Stack]
    var protected: Protected

    static let shared: ResourceHints? = DiagnosisRegister.read(PackageResources.resource_hints_yaml)

    /// By the reason's text, else by the resource's type.
    func hint(_ event: StackHistory.Event) -> Hint? {
        let reason = event.reason ?? ""
        let told = reasons.first { entry in
            (entry.status.map { event.status == $0 } ?? true)
                && (entry.types.map { $0.contains(where: event.type.hasPrefix) } ?? true)
                && entry.says.contains { $0.isSaid(in: reason) }
        }
        if let told { return Hint(id: told.id, cause: told.cause, next: told.next) }
        return resources.first { event.type.hasPrefix($0.type) }.map {
            Hint(id: $0.id, cause: $0.cause, next: $0.next)
        }
    }

    func stack(_ status: String) -> Stack? { stacks.first { $0.status.contains(status) } }
}
