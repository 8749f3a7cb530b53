/// What a condition comes to over facts, with the lines that made it true.
struct DiagnosisVerdict: Sendable, Equatable {
    /// Nil when a fact it needs is not known.
    var holds: Bool?
    /// The newest line that each condition over a log was met by.
    var quotes: [Quote] = []

    struct Quote: Sendable, Equatable {
        var log: String
        var line: String
        /// What was found in it.
        var phrase: DiagnosisPhrase

        /// For people.
        var text: String { "\(log): \(DiagnosisLog.quoted(line, showing: phrase))" }
    }

    init(_ holds: Bool?, quotes: [Quote] = []) {
        self.holds = holds
        self.quotes = holds == true ? quotes : []
    }

    init(_ condition: DiagnosisCondition, _ facts: ClusterFacts) {
        switch condition {
        case .all(let parts): self = Self.all(parts, facts)
        case .any(let parts):
            let verdicts = parts.map { DiagnosisVerdict($0, facts) }
            let met = verdicts.first { $0.holds == true }
            self.init(met?.holds ?? (verdicts.contains { $0.holds == nil } ? nil : false), quotes: met?.quotes ?? [])
        case .not(let part): self.init(DiagnosisVerdict(part, facts).holds.map(!))
        case .waited(let span): self.init(facts.wait.map { span.contains($0.age) })
        case .remaining(let span): self.init(facts.wait.map { span.contains($0.remaining) })
        case .usual(let words): self.init(words.contains(Self.usual(facts)))
        case .instance(let words): self.init(facts.instance.map { words.contains($0.state) })
        case .instanceAge(let span): self.init(facts.instance?.age.map(span.contains))
        case .publicIP(let wanted): self.init(facts.instance?.hasPublicIP.map { $0 == wanted })
        case .logs(let words): self.init(words.contains(facts.logState.rawValue))
        case .message(let phrases): self.init(facts.logMessage.map { text in phrases.contains { $0.isSaid(in: text) } })
        case .stream(let name):
            self.init(Self.isKnown(facts) ? facts.logs.contains { $0.name == name } : nil)
        case .logAge(let age):
            let newest = Self.logs(age.of, facts).compactMap(\.age).min()
            self.init(newest.map(DiagnosisCondition.Span(atLeast: age.atLeast, atMost: age.atMost).contains))
        case .line(let line): self = Self.line(line, facts)
        case .compute(let compute):
            let count = facts.compute.map { all in
                all.reduce(0) { $0 + (compute.states?.contains($1.key) ?? true ? $1.value : 0) }
            }
            self.init(
                count.map(Double.init).map(
                    DiagnosisCondition.Span(atLeast: compute.atLeast, atMost: compute.atMost).contains))
        case .fleet(let words): self.init(facts.fleetStatus.map(words.contains))
        case .resource(let wanted):
            self.init(
                facts.resources.contains {
                    wanted.status.contains($0.status) && wanted.id ?? $0.logicalID == $0.logicalID
                        && $0.type.hasPrefix(wanted.type ?? "")
                })
        case .scheduler(let words): self.init(facts.scheduler.map(words.contains))
        }
    }

    /// True only if every part is; one that is false decides, whatever is not known of the others.
    static func all(_ parts: [DiagnosisCondition], _ facts: ClusterFacts) -> DiagnosisVerdict {
        var isUnknown = false
        var quotes: [Quote] = []
        for part in parts {
            let verdict = DiagnosisVerdict(part, facts)
            if verdict.holds == false { return DiagnosisVerdict(false) }
            if verdict.holds == nil { isUnknown = true }
            quotes += verdict.quotes
        }
        return DiagnosisVerdict(isUnknown ? nil : true, quotes: quotes)
    }

    private static func usual(_ facts: ClusterFacts) -> String {
        guard let usual = facts.usual, let wait = facts.wait else { return "unknown" }
        return wait.age > usual.high ? "passed" : "within"
    }

    private static func isKnown(_ facts: ClusterFacts) -> Bool {
        facts.logState == .readable || facts.logState == .none
    }

    private static func logs(_ names: [String]?, _ facts: ClusterFacts) -> [DiagnosisLog] {
        facts.logs.filter { names?.contains($0.name) ?? true }
    }

    private static func line(_ wanted: DiagnosisCondition.Line, _ facts: ClusterFacts) -> DiagnosisVerdict {
        guard isKnown(facts) else { return DiagnosisVerdict(nil) }
        let logs = logs(wanted.of, facts)
        for log in logs {
            let first = max(0, log.folded.count - (wanted.newest ?? .max))
            for index in stride(from: log.folded.count - 1, through: first, by: -1) {
                let line = log.folded[index]
                if let phrase = wanted.says.first(where: { $0.isSaid(in: line) }) {
                    return DiagnosisVerdict(
                        true, quotes: [Quote(log: log.name, line: log.lines[index], phrase: phrase)])
                }
                if let later = wanted.unlessLater, later.contains(where: { $0.isSaid(in: line) }) { break }
            }
        }
        // A stream that was not read says neither.
        return DiagnosisVerdict(logs.contains { $0.lines.isEmpty } ? nil : false)
    }
}
