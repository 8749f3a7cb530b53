import Fleet

/// KubeVirt and its disk importer in the sandbox: they react to what anybody writes into the API server. A machine that is wanted gets an
/// instance, one that is not loses it; disks are filled, snapshots taken, restores carried out, each in the time that it usually takes.
///
/// Every answer of the API server shows the state of its moment: what is due is done before, at its own date.
public struct SandboxKubeVirt: Sendable {
    private let api: SandboxKubernetes
    private let time: TimeSource
    private let seed: UInt64
    private let faults: KubeVirtFaults

    /// - Parameters:
    ///   - api: the API server whose objects they move; one KubeVirt each.
    ///   - time: the clock of the API server.
    ///   - seed: decides every duration, address and node.
    public init(api: SandboxKubernetes, time: TimeSource, seed: UInt64) {
        self.init(api: api, time: time, seed: seed, faults: KubeVirtFaults())
    }

    init(api: SandboxKubernetes, time: TimeSource, seed: UInt64, faults: KubeVirtFaults) {
        self.api = api
        self.time = time
        self.seed = seed
        self.faults = faults
    }

    /// Lives until the task is cancelled.
    public func run() async { await run(with: []) }

    /// Lives together with others, in the order of the dates of all their deeds.
    func run(with others: [any KubeController]) async {
        for resource in KubeType.kubeVirt { await api.register(resource) }
        await api.live(with: [KubeVirtEngine(seed: seed, faults: faults)] + others, time: time)
    }

    /// Lets something go wrong from now on.
    ///
    /// - Parameter pattern: the name of the machine, disk, snapshot or restore, alone or with its namespace: `cp-snap`, `cluster2/*`,
    ///   `*-restore-*`. `*` stands for anything.
    public func set(_ fault: KubeVirtFault, for pattern: String) async {
        faults.add(fault, for: pattern)
        await api.surveyAgain()
    }

    /// Heals what was set for this pattern; everything, if there is none.
    public func heal(_ pattern: String? = nil) async {
        faults.remove(pattern)
        await api.surveyAgain()
    }
}
