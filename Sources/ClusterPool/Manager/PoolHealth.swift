import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Whether a cluster that nobody works on could be lent. Pure.
enum PoolHealth {
    /// What the error of a cluster begins with that was found ill, so that it is free again when it is well again.
    static let prefix = "health check: "

    /// What is wrong with it, one sentence each; empty when it is well.
    static func findings(_ reading: PoolReading, now: Date) -> [String] {
        var found: [String] = []
        let roles = reading.roles
        for role in PoolDetail.Role.allCases {
            guard !reading.unread.contains(.machine) else { break }
            guard let machine = roles[role] else {
                found.append("there is no \(role.rawValue) machine")
                continue
            }
            if !reading.isReady(role, now: now) {
                found.append("\(machine.metadata.name) is \(PoolFault.text(of: machine) ?? machine.word)")
            }
        }
        let golden = reading.golden
        for role in PoolDetail.Role.allCases where !reading.unread.contains(.snapshot) {
            let name = PoolDiscovery.snapshotNames(of: role, cluster: reading.name)[0]
            guard let snapshot = golden[role] else {
                found.append("there is no golden snapshot \(name)")
                continue
            }
            if !snapshot.isReady { found.append("\(snapshot.metadata.name) is \(snapshot.failure ?? snapshot.word)") }
        }
        return found
    }

    /// What is to be written of it; nil when nothing but that it was looked at.
    ///
    /// - Parameter earlier: what was found a moment ago; what was not found then may pass.
    static func verdict(_ reading: PoolReading, earlier: [String], now: Date) -> PoolNotes? {
        let namespace = reading.namespace
        guard namespace.ordered == nil, reading.unread.isDisjoint(with: [.machine, .instance, .snapshot]) else {
            return nil
        }
        let found = findings(reading, now: now)
        switch namespace.status {
        case .available?:
            guard !found.isEmpty, !earlier.isEmpty else { return nil }
            return .marked(.error, reason: prefix + found.joined(separator: "; "), now: now)
        case .error?:
            let wasIll = namespace.text(PoolAnnotations.error)?.hasPrefix(prefix) ?? false
            return wasIll && found.isEmpty ? .marked(.available, reason: nil, now: now) : nil
        default: return nil
        }
    }
}
