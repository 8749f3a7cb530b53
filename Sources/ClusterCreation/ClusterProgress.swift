import Fleet

/// How far a creation is: 0 to 70 the resources, 70 to 100 what must work on them. Source: design 6, wire-formats 3.3.
enum ClusterProgress {
    /// Resources that are to be created, and where that number comes from.
    struct Expected: Equatable {
        var count: Int
        /// `seen`, `history` or `typical`.
        var from: String
    }

    /// The largest of what was seen, what the last creation of this configuration had, and what is typical; once the stack is complete, what
    /// there is.
    static func expected(_ operation: StackOperation, memory: ClusterMemory) -> Expected {
        let seen = operation.resources.count
        if operation.stackStatus == "CREATE_COMPLETE" { return Expected(count: seen, from: "seen") }
        if let learned = memory.resources {
            return learned >= seen ? Expected(count: learned, from: "history") : Expected(count: seen, from: "seen")
        }
        let typical = ResourceKinds.typicalCount
        return typical > seen ? Expected(count: typical, from: "typical") : Expected(count: seen, from: "seen")
    }

    static func progress(_ operation: StackOperation, reading: ClusterReading, memory: ClusterMemory) -> Progress? {
        switch operation.kind {
        case .create: return creation(operation, reading: reading, memory: memory)
        case .delete:
            let total = operation.resources.count
            let deleted = operation.resources.count { $0.isDeleted }
            guard total > 0 else { return nil }
            let percent = reading.stackStatus == "DELETE_COMPLETE" ? 100 : min(99, deleted * 100 / total)
            return Progress(percent: percent, done: deleted, total: total, unit: "deleted")
        // How many resources an update will touch is nowhere told.
        case .update: return nil
        }
    }

    private static func creation(
        _ operation: StackOperation, reading: ClusterReading, memory: ClusterMemory
    ) -> Progress {
        let created = operation.resources.count { $0.createdAt != nil }
        let expected = expected(operation, memory: memory)
        return Progress(
            percent: percent(operation, fleet: ClusterStatus.fleet(reading.fleetStatus), expected: expected),
            done: created, total: expected.count, unit: "resources")
    }

    private static func percent(
        _ operation: StackOperation, fleet: ClusterStatus.Fleet, expected: Expected
    ) -> Int {
        guard operation.headNode?.createdAt != nil else {
            let infrastructure = operation.resources.filter { operation.isInfrastructure($0) }
            // The wait condition is one of the expected resources, but none of the infrastructure.
            let done = infrastructure.count { $0.createdAt != nil }
            return min(69, done * 70 / max(1, max(infrastructure.count, expected.count - 1)))
        }
        switch fleet {
        case .starting: return 80
        case .protected: return 90
        case .running where operation.stackStatus != "CREATE_COMPLETE": return 85
        case .running, .skipped, .unknown: return operation.stackStatus == "CREATE_COMPLETE" ? 100 : 75
        }
    }
}
