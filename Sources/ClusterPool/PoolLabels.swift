/// The labels of namespaces, machines and snapshots of the pool.
public enum PoolLabels {
    /// On the namespace, with the value `true`. The existing backend never sets it (wire-formats 9.3).
    public static let pool = "cks.io/cluster-pool"
    public static let clusterID = "cks.io/cluster-id"
    /// `control-plane` or `worker`, on machines and snapshots. On the existing backend's snapshots it is always `worker`, so that it is
    /// believed last there.
    public static let role = "cks.io/vm-role"
    /// What the existing backend puts on its machines.
    public static let plainRole = "role"

    /// On snapshots: which operation took them, `snapshot-SECONDS`. An older one of the same name has another.
    public static let operation = "cks.io/operation"
    /// On the namespace of templates and golden images.
    public static let templates = "cks.io/vm-templates"

    /// Namespaces of the pool.
    public static let selector = "\(pool)=true"

    static let all: Set = [pool, clusterID, role, plainRole, operation]
}
