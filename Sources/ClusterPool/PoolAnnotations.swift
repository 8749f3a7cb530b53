/// The annotations of a cluster's namespace: what the pool keeps lies there and nowhere else. Times are RFC 3339.
public enum PoolAnnotations {
    // MARK: of the existing backend (wire-formats 9.3)

    public static let status = "cks.io/cluster-status"
    /// The existing backend rewrites it with every change of the status; ours with a reset only. `statusSince` tells the two apart.
    public static let lastReset = "cks.io/last-reset"
    public static let createdAt = "cks.io/created-at"

    // MARK: ours

    public static let statusSince = "cks.io/status-since"
    public static let assignedSession = "cks.io/assigned-session"
    public static let lockTime = "cks.io/lock-time"
    /// When the session's time is over and the cluster is taken back; without it the lock has no end.
    public static let lockExpires = "cks.io/lock-expires"
    public static let lastHealthCheck = "cks.io/last-health-check"
    /// `bootstrap`, `snapshot` or `reset` while it runs, and after it has failed.
    public static let operation = "cks.io/operation"
    public static let operationStarted = "cks.io/operation-started"
    /// Who works on it: host and process. Whoever takes the work over writes his own.
    public static let operationHolder = "cks.io/operation-holder"
    /// The raw value of a `PoolStep`.
    public static let operationStep = "cks.io/operation-step"
    public static let stepStarted = "cks.io/step-started"
    /// Why it failed, in the words of what failed.
    public static let error = "cks.io/error"

    static let all: Set = [
        status, lastReset, createdAt, statusSince, assignedSession, lockTime, lockExpires, lastHealthCheck, operation,
        operationStarted, operationHolder, operationStep, stepStarted, error,
    ]
}
