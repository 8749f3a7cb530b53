import Fleet

/// Why a head node has not signalled, worked out while it is still waited for, which `pcluster` does only after the
/// failure. Pure.
enum WaitDiagnosis {
    /// What a rule makes of the facts.
    struct Finding: Sendable, Equatable {
        var rule: String
        var diagnosis: Diagnosis
    }

    /// What a person can take in.
    private static let signLimit = 8
    private static let quoteLimit = 3
    static let nextLimit = 6

    /// - Returns: nil while nothing is waited for, and while the wait is young and normal.
    static func diagnosis(_ facts: ClusterFacts) -> Diagnosis? { finding(facts)?.diagnosis }

    /// - Returns: the finding of the best rule, which is the first that fits.
    static func finding(_ facts: ClusterFacts) -> Finding? {
        guard let wait = facts.wait, wait.isRunning else { return nil }
        guard let register = WaitRegister.shared else { return general(facts) }
        let isLong = wait.age > register.patience(facts)
        for rule in register.rules where isLong || rule.hard == true {
            let verdict = DiagnosisVerdict.all(rule.when, facts)
            if verdict.holds == true { return finding(rule, cause: rule.cause, verdict, facts, register.always) }
        }
        return nil
    }

    /// What the same rules say of a wait that has failed, as far as they can: they read what the head node left.
    ///
    /// - Parameter facts: as they were when it failed.
    static func afterwards(_ facts: ClusterFacts) -> Finding? {
        guard let register = WaitRegister.shared else { return nil }
        for rule in register.rules {
            guard let ended = rule.ended else { continue }
            let verdict = DiagnosisVerdict.all(rule.when, facts)
            if verdict.holds == true { return finding(rule, cause: ended, verdict, facts, []) }
        }
        return nil
    }

    private static func finding(
        _ rule: WaitRegister.Rule, cause: String, _ verdict: DiagnosisVerdict, _ facts: ClusterFacts,
        _ always: [DiagnosisSign]
    ) -> Finding {
        let values = DiagnosisValues(facts)
        let quotes = verdict.quotes.prefix(quoteLimit).map { "for: \($0.text)" }
        let signs = ((rule.signs ?? []) + always).compactMap { $0.text(facts, values) }
        return Finding(
            rule: rule.id,
            diagnosis: Diagnosis(
                cause: values.sentence(cause), signs: Array((quotes + signs).unique().prefix(signLimit)),
                next: Array(rule.next.compactMap { $0.text(values) }.unique().prefix(nextLimit))))
    }

    /// Without the register: that it is long, and where to look.
    private static func general(_ facts: ClusterFacts) -> Finding? {
        guard let wait = facts.wait, wait.age > max(720, facts.usual?.high ?? 0) else { return nil }
        return Finding(
            rule: "general",
            diagnosis: Diagnosis(
                cause: "The head node has not signalled for \(DurationText.short(wait.age)).",
                next: ["Look at its console output and at /var/log/cfn-init.log and /var/log/chef-client.log on it."]))
    }
}

extension DiagnosisValues {
    /// A text that must be shown in any case: what is not known in it is called so.
    func sentence(_ template: String) -> String {
        if let text = fill(template, as: .prose) { return text }
        var values = self
        for name in Self.names(in: template) where values[name] == nil { values[name] = "unknown" }
        return values.fill(template, as: .prose) ?? template
    }
}

extension Array where Element: Hashable {
    /// Each once, in the order of the first.
    func unique() -> [Element] {
        var known: Set<Element> = []
        return filter { known.insert($0).inserted }
    }
}
