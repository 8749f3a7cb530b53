/// A type of object that the API server keeps, as discovery tells it.
public struct KubeType: Sendable, Hashable {
    /// Empty for the core group.
    public var group: String
    public var version: String
    public var plural: String
    public var singular: String
    public var kind: String
    public var shortNames: [String]
    public var isNamespaced: Bool
    /// Whether `/status` is written apart from all else.
    public var hasStatus: Bool
    /// Built into the API server, not a custom resource: lists leave out `kind` and `apiVersion` of their items, nothing counts
    /// generations.
    public var isBuiltIn: Bool
    /// Seconds that an object is kept after it was written; nil for ever. Events live for one hour by the real server's default.
    public var lifetime: Double?

    public init(
        group: String, version: String, plural: String, kind: String, singular: String? = nil,
        shortNames: [String] = [], isNamespaced: Bool = true, hasStatus: Bool = true, isBuiltIn: Bool = false,
        lifetime: Double? = nil
    ) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.singular = singular ?? kind.lowercased()
        self.shortNames = shortNames
        self.isNamespaced = isNamespaced
        self.hasStatus = hasStatus
        self.isBuiltIn = isBuiltIn
        self.lifetime = lifetime
    }

    /// Whether a watch is told now and then how far it has come. The real server has no watch cache for events, and so no bookmarks.
    var hasBookmarks: Bool { name != "events" }
    /// `clusterdeployments.k0rdent.mirantis.com`, `events`: as Kubernetes names it in its sentences.
    public var name: String { group.isEmpty ? plural : "\(plural).\(group)" }
    /// `v1`, `k0rdent.mirantis.com/v1beta1`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    /// The path under which its lists stand, without the namespace.
    public var root: String { group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)" }

    /// What a management cluster has that the demo shows. Others are registered by those who bring them.
    public static let standard: [KubeType] =
        [
            KubeType(
                group: "", version: "v1", plural: "namespaces", kind: "Namespace", shortNames: ["ns"],
                isNamespaced: false,
                isBuiltIn: true),
            KubeType(
                group: "", version: "v1", plural: "events", kind: "Event", shortNames: ["ev"], hasStatus: false,
                isBuiltIn: true, lifetime: 3600),
            KubeType(
                group: "", version: "v1", plural: "configmaps", kind: "ConfigMap", shortNames: ["cm"], hasStatus: false,
                isBuiltIn: true),
            KubeType(
                group: "k0rdent.mirantis.com", version: "v1beta1", plural: "clusterdeployments",
                kind: "ClusterDeployment",
                shortNames: ["clusterd", "cld"]),
            KubeType(
                group: "k0rdent.mirantis.com", version: "v1beta1", plural: "clustertemplates", kind: "ClusterTemplate",
                shortNames: ["clustertmpl"]),
            KubeType(
                group: "k0rdent.mirantis.com", version: "v1beta1", plural: "credentials", kind: "Credential",
                shortNames: ["cred"]),
            KubeType(
                group: "cluster.x-k8s.io", version: "v1beta1", plural: "clusters", kind: "Cluster", shortNames: ["cl"]),
            KubeType(
                group: "cluster.x-k8s.io", version: "v1beta1", plural: "machinedeployments", kind: "MachineDeployment",
                shortNames: ["md"]),
            KubeType(
                group: "cluster.x-k8s.io", version: "v1beta1", plural: "machines", kind: "Machine", shortNames: ["ma"]),
            KubeType(
                group: "controlplane.cluster.x-k8s.io", version: "v1beta1", plural: "k0scontrolplanes",
                kind: "K0sControlPlane"),
            KubeType(
                group: "", version: "v1", plural: "secrets", kind: "Secret", hasStatus: false, isBuiltIn: true),
            KubeType(group: "", version: "v1", plural: "pods", kind: "Pod", shortNames: ["po"], isBuiltIn: true),
            KubeType(
                group: "", version: "v1", plural: "persistentvolumeclaims", kind: "PersistentVolumeClaim",
                shortNames: ["pvc"], isBuiltIn: true),
            KubeType(
                group: "", version: "v1", plural: "resourcequotas", kind: "ResourceQuota", shortNames: ["quota"],
                isBuiltIn: true),
            KubeType(
                group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease", hasStatus: false,
                isBuiltIn: true),
        ] + kubeVirt

    /// KubeVirt's, and those of its disks. `removeResource` makes a server that has never heard of it.
    public static let kubeVirt: [KubeType] = [
        KubeType(
            group: "kubevirt.io", version: "v1", plural: "virtualmachines", kind: "VirtualMachine",
            shortNames: ["vm", "vms"]),
        KubeType(
            group: "kubevirt.io", version: "v1", plural: "virtualmachineinstances", kind: "VirtualMachineInstance",
            shortNames: ["vmi", "vmis"], hasStatus: false),
        KubeType(
            group: "snapshot.kubevirt.io", version: "v1beta1", plural: "virtualmachinesnapshots",
            kind: "VirtualMachineSnapshot", shortNames: ["vmsnapshot", "vmsnapshots"]),
        KubeType(
            group: "snapshot.kubevirt.io", version: "v1beta1", plural: "virtualmachinesnapshotcontents",
            kind: "VirtualMachineSnapshotContent", shortNames: ["vmsnapshotcontent", "vmsnapshotcontents"]),
        KubeType(
            group: "snapshot.kubevirt.io", version: "v1beta1", plural: "virtualmachinerestores",
            kind: "VirtualMachineRestore", shortNames: ["vmrestore", "vmrestores"]),
        KubeType(
            group: "cdi.kubevirt.io", version: "v1beta1", plural: "datavolumes", kind: "DataVolume",
            shortNames: ["dv", "dvs"]),
    ]
}
