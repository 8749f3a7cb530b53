import Fleet

/// Next steps for a person, as whole commands that can be copied. Those that look come first; those that act are named by what they do.
struct PoolAdvice: Sendable {
    let context: String
    let namespace: String

    func describe(_ kind: PoolKind, _ name: String) -> String {
        kubectl("describe \(kind.plural).\(kind.group) \(Self.word(name))")
    }
    var objects: String { kubectl("get vm,vmi,vmsnapshot,vmrestore -o wide") }
    var events: String { kubectl("get events --sort-by=.lastTimestamp") }
    var claims: String { kubectl("get pvc,datavolumes.cdi.kubevirt.io") }
    var nodes: String { "kubectl --context \(Self.word(context)) describe nodes" }
    var classes: String { "kubectl --context \(Self.word(context)) get volumesnapshotclasses,storageclasses" }
    var annotations: String {
        "kubectl --context \(Self.word(context)) get namespace \(Self.word(namespace)) -o yaml"
    }
    func launcher(_ machine: String) -> String {
        kubectl("logs -l vm.kubevirt.io/name=\(Self.word(machine)) -c compute --tail=100")
    }
    func start(_ machine: String) -> String { virtctl("start \(Self.word(machine))") }
    func stop(_ machine: String) -> String { virtctl("stop \(Self.word(machine))") }
    func unpause(_ machine: String) -> String { virtctl("unpause vm \(Self.word(machine))") }
    func forceStop(_ machine: String) -> String { virtctl("stop \(Self.word(machine)) --force --grace-period=0") }
    // What changes the pool is the business of the backend that manages it.
    var reset: String {
        "When the cause is mended, let the pool's backend reset \(SafeText.line(namespace, limit: 60))."
    }
    var release: String { "Let the pool's backend take \(SafeText.line(namespace, limit: 60)) back." }
    var snapshots: String { "When its machines run, let the pool's backend take the golden snapshots again." }

    private func kubectl(_ words: String) -> String {
        "kubectl --context \(Self.word(context)) -n \(Self.word(namespace)) \(words)"
    }

    private func virtctl(_ words: String) -> String {
        "virtctl --context \(Self.word(context)) -n \(Self.word(namespace)) \(words)"
    }

    /// One word of a shell command: what is not plain is quoted, so that a copied command runs nothing else, and a leading dash is
    /// dropped, for it would be an option, quoted or not.
    static func word(_ name: String) -> String {
        let text = SafeText.line(String(name.drop { $0 == "-" }.prefix(253)))
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || "-_.:/@+,".utf8.contains($0)
            }
        if isPlain { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
