import Upstream

/// What a monitor is told by whoever reads the deployments.
public enum DeploymentSignal: Sendable {
    /// A deployment as it is now, also one that nobody has subscribed to: its name keeps its events from being taken for another's.
    case deployment(WireDeployment)
    /// An event of the namespace, whoever it belongs to.
    case event(WireEvent)
    /// It is deleted.
    case gone(DeploymentKey)
    /// The watch is lost: so many tries in a row to take it up again have failed, 0 when it has only just been lost. A watch that merely ended
    /// and was resumed is not lost.
    ///
    /// The namespace is nil where all of them are read at once.
    case lost(namespace: String?, failures: Int, UpstreamProblem)
    case resumed(namespace: String?)
}
