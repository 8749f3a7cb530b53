import Fleet

/// Next steps for a person, as whole commands that can be copied. Those that look come first; those that act are named by what they do.
struct PoolAdvice: Sendable {
    let context: String
    let namespace: String
    /// Nil while nobody has written its status.
    let keeper: PoolDetail.Keeper?

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
    // What another backend keeps is changed by that backend.
    var reset: String {
        keeper == .backend
            ? "When the cause is mended, let the pool's backend reset \(name)." : slipway("reset")
    }
    var release: String { keeper == .backend ? "Let the pool's backend take \(name) back." : slipway("release") }
    var snapshots: String {
        keeper == .backend
            ? "When its machines run, let the pool's backend take the golden snapshots again." : slipway("snapshot")
    }

    private var name: String { SafeText.line(namespace, limit: 60) }

    private func slipway(_ verb: String) -> String {
        "slipway pool \(verb) \(ShellText.word(namespace)) --context \(ShellText.word(context))"
    }

    private func kubectl(_ words: String) -> String {
        "kubectl --context \(ShellText.word(context)) -n \(ShellText.word(namespace)) \(words)"
    }

    private func virtctl(_ words: String) -> String {
        "virtctl --context \(ShellText.word(context)) -n \(ShellText.word(namespace)) \(words)"
    }
}
