import Synchronization

/// What can go wrong with a machine, its disks, its snapshots or its restores, for as long as it is set.
public enum KubeVirtFault: Sendable, Equatable {
    /// The snapshot stays in progress until its deadline, and fails then with "snapshot deadline exceeded".
    case snapshotNeverReady
    /// The snapshot fails after a few seconds.
    case snapshotFails(reason: String)
    /// The restore fails while it makes its disks: condition Failure with this reason.
    case restoreFails(reason: String)
    /// The restore meets an error and tries again and again: no condition Failure, as KubeVirt tells most errors. The text stands in the
    /// reason of Progressing and Ready, both False.
    case restoreErrs(reason: String)
    /// The restore waits for its disks without end.
    case restoreHangs
    /// The machine does not stop: its instance is being deleted without end.
    case stuckStopping
    /// The machine does not get beyond Starting.
    case neverReady
    /// No node has room for the machine.
    case unschedulable
    /// The disk cannot be filled: the DataVolume fails at 30 %.
    case diskFails(reason: String)
}

/// The faults that are set, by patterns of names. Shared by who sets them and by the controllers.
final class KubeVirtFaults: Sendable {
    private let set = Mutex<[(pattern: String, fault: KubeVirtFault)]>([])

    func add(_ fault: KubeVirtFault, for pattern: String) {
        set.withLock { $0.append((pattern, fault)) }
    }

    /// - Parameter pattern: as it was given when the fault was set; nil for all.
    func remove(_ pattern: String?) {
        set.withLock { set in set.removeAll { pattern == nil || $0.pattern == pattern } }
    }

    /// All that is wrong with an object, in the order in which it was set.
    func of(_ namespace: String, _ name: String) -> [KubeVirtFault] {
        set.withLock { set in
            set.filter {
                Self.matches(name[...], $0.pattern[...]) || Self.matches("\(namespace)/\(name)", $0.pattern[...])
            }.map(\.fault)
        }
    }

    /// `*` stands for anything, also for nothing.
    private static func matches(_ name: Substring, _ pattern: Substring) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return name == pattern }
        guard name.hasPrefix(first) else { return false }
        var rest = name.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            while !rest.isEmpty, !rest.hasPrefix(part) { rest.removeFirst() }
            guard rest.hasPrefix(part) else { return false }
            rest = rest.dropFirst(part.count)
        }
        return rest.hasSuffix(last)
    }
}
