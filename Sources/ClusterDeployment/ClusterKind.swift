import Upstream

/// The Cluster API objects that are read where the server has them and we may.
public enum ClusterKind: String, Sendable, CaseIterable {
    case cluster = "Cluster"
    case machineDeployment = "MachineDeployment"
    case machine = "Machine"
    case k0sControlPlane = "K0sControlPlane"
    case kubeadmControlPlane = "KubeadmControlPlane"

    var group: String {
        switch self {
        case .cluster, .machineDeployment, .machine: "cluster.x-k8s.io"
        case .k0sControlPlane, .kubeadmControlPlane: "controlplane.cluster.x-k8s.io"
        }
    }

    var plural: String {
        switch self {
        case .cluster: "clusters"
        case .machineDeployment: "machinedeployments"
        case .machine: "machines"
        case .k0sControlPlane: "k0scontrolplanes"
        case .kubeadmControlPlane: "kubeadmcontrolplanes"
        }
    }

    /// Those of each API group.
    static var groups: [String: [ClusterKind]] { Dictionary(grouping: allCases, by: \.group) }
}
