import Fleet

/// What ParallelCluster's and CloudFormation's words mean for an item. Every word of wire-formats 2.3 has its place here.
enum ClusterStatus {
    /// - Returns: the item's state; nil when the fleet decides, because the stack itself is complete.
    static func state(stack: String, cluster: String) -> Item.State? {
        switch stack {
        case "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_IN_PROGRESS",
            "REVIEW_IN_PROGRESS":
            return .running
        case "CREATE_COMPLETE", "UPDATE_COMPLETE": return nil
        case "DELETE_COMPLETE": return .done
        case "CREATE_FAILED", "DELETE_FAILED", "UPDATE_FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED",
            "ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED":
            return .failed
        default: break
        }
        // A word that CloudFormation got later: the cluster's own may still be a known one.
        if cluster.hasSuffix("_FAILED") { return .failed }
        if cluster.hasSuffix("_IN_PROGRESS") { return .running }
        return cluster.hasSuffix("_COMPLETE") ? nil : .unknown
    }

    /// The cluster's own word; while something is taken back, the stack's, which says so.
    static func word(stack: String, cluster: String) -> String {
        stack.contains("ROLLBACK") || cluster == "UNKNOWN" ? stack : cluster
    }

    /// Whether a rollback still goes on.
    static func isRollingBack(_ stack: String) -> Bool { stack.contains("ROLLBACK") && stack.hasSuffix("_IN_PROGRESS") }

    enum Fleet: Equatable {
        case starting, running
        /// Stopped, disabled, or with nothing to say: the cluster is complete without it.
        case skipped
        /// ParallelCluster has stopped it because its nodes fail to bootstrap.
        case protected
        case unknown
    }

    static func fleet(_ word: String?) -> Fleet {
        switch word {
        case "START_REQUESTED", "STARTING": .starting
        case "RUNNING", "ENABLED": .running
        case "STOP_REQUESTED", "STOPPING", "STOPPED", "DISABLED": .skipped
        case "PROTECTED": .protected
        default: .unknown
        }
    }
}
