import Fleet

/// What is to be done next in a step of an operation.
enum PoolMove: Sendable, Equatable {
    /// These are to be written; then it is looked at again. Writing twice does no harm.
    case write([PoolWrite])
    /// Nothing but waiting, for this.
    case wait(PoolObstacle?)
    case done
    /// It will not work, in the words of what failed.
    case failed(String)
}

/// What is in the way while a step waits.
struct PoolObstacle: Sendable, Equatable {
    var text: String
    /// Seconds after which it counts as a failure; nil where it may heal until the step's own limit.
    var patience: Double?
}

/// One change of an object of the cluster.
enum PoolWrite: Sendable, Equatable {
    /// Whether a machine is meant to run.
    case run(WireMachine, Bool)
    case delete(PoolKind, String)
    case deleteSecret(String)
    case restore(name: String, machine: String, snapshot: String)
    /// - operation: the label that tells the snapshots of one operation from those before.
    case snapshot(PoolDetail.Role, machine: String, operation: String)
}
