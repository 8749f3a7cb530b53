import Fleet

/// Next steps for a person, as whole commands that can be copied. Those that look come first; those that act are named by what they do.
struct PoolAdvice: Sendable {
    let context: String
    let namespace: String

    func describe(_ kind: PoolKind, _ name: String) -> String {
        kubectl("describe \(kind.plural).\(kind.group) \(ShellText.word(name))")
    }
    var objects: String { kubectl("get vm,vmi,vmsnapshot,vmrestore -o wide") }
    var events: String { kubectl("get events --sort-by=.lastTimestamp") }
    var claims: String { kubectl("get pvc,datavolumes.cdi.kubevirt.io") }
    var nodes: String { "kubectl --context \(ShellText.word(context)) describe nodes" }
    var classes: String { "kubectl --context \(ShellText.word(context)) get volumesnapshotclasses,storageclasses" }
    var annotations: String {
        "kubectl --context \(ShellText.word(context)) get namespace \(ShellText.word(namespace)) -o yaml"
    }
    func launcher(_ machine: String) -> String {
        kubectl("logs -l vm.kubevirt.io/name=\(ShellText.word(machine)) -c compute --tail=100")
    }
    func start(_ machine: String) -> String { virtctl("start \(ShellText.word(machine))") }
    func stop(_ machine: String) -> String { virtctl("stop \(ShellText.word(machine))") }
    func unpause(_ machine: String) -> String { virtctl("unpause vm \(ShellText.word(machine))") }
    func forceStop(_ machine: String) -> String { virtctl("stop \(ShellText.word(machine)) --force --grace-period=0") }
    // What changes the pool is the business of the backend that manages it.
    var reset: String {
        "When the cause is mended, let the pool's backend reset \(SafeText.line(namespace, limit: 60))."
    }
    var release: String { "Let the pool's backend take \(SafeText.line(namespace, limit: 60)) back." }
    var snapshots: String { "When its machines run, let the pool's backend take the golden snapshots again." }

    private func kubectl(_ words: String) -> String {
        "kubectl --context \(ShellText.word(context)) -n \(ShellText.word(namespace)) \(words)"
    }

    private func virtctl(_ words: String) -> String {
        "virtctl --context \(ShellText.word(context)) -n \(ShellText.word(namespace)) \(words)"
    }
}
