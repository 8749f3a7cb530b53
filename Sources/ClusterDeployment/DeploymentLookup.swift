import Upstream

/// Where a new subscription learns how its deployment is.
public protocol DeploymentLookup: Sendable {
    /// - Returns: the deployment and the events of its namespace of the last five minutes at least, in any order, of any object; nil when
    /// there is no such deployment.
    func state(
        of key: DeploymentKey
    ) async throws(UpstreamProblem) -> (deployment: WireDeployment, events: [WireEvent])?
}
