/// The five sorts of thing that Slipway watches. The raw value is the public word: in JSON, in the config and in `slipway watch KIND NAME`.
public enum Kind: String, Codable, Sendable, CaseIterable, Hashable {
    /// A bare-metal node being installed.
    case metal
    /// An AWS ParallelCluster stack.
    case cluster
    /// A k0rdent ClusterDeployment.
    case deployment
    /// A KubeVirt practice cluster.
    case pool
    /// A machine image build.
    case image
}
