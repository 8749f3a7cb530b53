/// What words of KubeVirt, CDI and the scheduler mean, and what to do about them. A hint is added here.
struct PoolHint: Sendable, Equatable {
    enum Step: Sendable { case events, claims, nodes, classes, launcher, stop, forceStop, snapshots }

    /// Lower case; any of them in the text is enough.
    let words: [String]
    /// One sentence without its full stop.
    let meaning: String
    let advice: String
    let steps: [Step]

    /// The first that fits; the order is from the particular to the general.
    static func first(for text: String) -> PoolHint? {
        guard !text.isEmpty else { return nil }
        let lower = text.lowercased()
        return all.first { $0.words.contains { lower.contains($0) } }
    }

    static let all = [
        PoolHint(
            words: ["snapshot deadline exceeded"], meaning: "the storage did not finish the snapshot in time",
            advice: "Check the storage's snapshot controller, then take the snapshots again.",
            steps: [.classes, .events, .snapshots]),
        PoolHint(
            words: ["source does not exist"], meaning: "the machine that it names is gone",
            advice: "Make the machine again with a bootstrap, then take the snapshots again.", steps: [.events]),
        PoolHint(
            words: ["snapshotclass", "snapshot class", "no volumesnapshot"],
            meaning: "its storage has no snapshot class",
            advice: "Give the storage class of its disks a VolumeSnapshotClass of the same driver.", steps: [.classes]),
        PoolHint(
            words: ["exceeded quota", "exceeds quota", "forbidden: quota"],
            meaning: "the namespace's quota is used up",
            advice: "Raise the quota of the namespace, or delete what is left over in it.", steps: [.claims, .events]),
        PoolHint(
            words: [
                "insufficient memory", "insufficient cpu", "errorunschedulable", "unschedulable", "nodes are available",
            ],
            meaning: "no node has room for it", advice: "Free CPU and memory on a node, or add one.",
            steps: [.nodes, .events]),
        PoolHint(
            words: ["imagepullbackoff", "errimagepull", "failed to pull"], meaning: "its image cannot be pulled",
            advice: "Check the image's name, the registry and its secret.", steps: [.events]),
        PoolHint(
            words: ["datavolumeerror", "importer", "clone", "golden image"], meaning: "its disk could not be filled",
            advice: "Check the golden image in the namespace vm-templates and the storage.", steps: [.claims, .events]),
        PoolHint(
            words: ["errorpvcnotfound", "persistentvolumeclaim", "pvc", "no space", "provisioning failed"],
            meaning: "a volume is missing or cannot be made",
            advice: "Check the volumes of the namespace and the storage.",
            steps: [.claims, .classes]),
        PoolHint(
            words: ["waitingforvolumebinding"], meaning: "a volume waits to be bound",
            advice: "Check that the storage class can make volumes.", steps: [.claims, .classes]),
        PoolHint(
            words: ["crashloopbackoff", "guest panicked"], meaning: "the machine ends again and again after its start",
            advice: "See what its launcher says.", steps: [.launcher, .events]),
        PoolHint(
            words: ["longer than its grace period"], meaning: "the guest does not shut down",
            advice: "Stop it by force: a reset throws its disk away in any case.", steps: [.forceStop, .launcher]),
        PoolHint(
            words: ["not stopped", "must be stopped", "is running"], meaning: "the machine was still running",
            advice: "Stop the machine, then reset the cluster again.", steps: [.stop]),
        PoolHint(
            words: ["timed out", "timeout", "deadline exceeded"], meaning: "it took too long",
            advice: "See what its objects wait for.", steps: [.events]),
    ]
}
