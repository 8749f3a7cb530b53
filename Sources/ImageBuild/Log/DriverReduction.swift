#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the markers of our driver change.
extension BuildLog {
    mutating func driven(_ marker: DriverMarker) -> BuildChange {
        let now = marker.at
        switch marker.event {
        case .disk(let used, let total, let place):
            samples.take(place, used: Double(used) * 1024, total: Double(total) * 1024, at: now)
            return .disk
        case .held(let held, let place):
            samples.take(place, held: Double(held) * 1024)
            return .disk
        case .memory(let used, let total):
            samples.memory = BuildSamples.Memory(used: Double(used) * 1024, total: Double(total) * 1024)
            return .disk
        case .load(let load):
            samples.load = load
            return .disk
        default: break
        }
        var told = driven ?? Driven(startedAt: now)
        defer { driven = told }
        switch marker.event {
        case .started(_, let total): told.total = min(total, Self.rootLimit)
        case .begin(let number, let total, let spec):
            told.total = min(total, Self.rootLimit)
            begin(number - 1, spec, at: now)
        case .end(let number, let total, let status, _):
            told.total = min(total, Self.rootLimit)
            if roots.indices.contains(number - 1) { return end(root: number - 1, exitStatus: status, at: now) }
        case .verified: told.isVerified = true
        case .missing(let spec):
            return failed(
                SpackError("\(spec) was installed, but Spack does not find it", trouble: .other), at: now)
        case .stopped: told.stop = .byHand
        case .late: told.stop = .late
        case .over(let status):
            told.endedAt = now
            told.status = status
            // What was stopped has not failed by itself.
            return end(exitStatus: told.stop == nil ? status : nil, at: now)
        case .disk, .held, .memory, .load: break
        }
        return [.packages, .outcome]
    }

    private mutating func begin(_ place: Int, _ spec: String, at now: Date) {
        // A log that was found without its record says by itself what is asked for.
        if place == roots.count, roots.count < Self.rootLimit {
            var text = spec
            adopt(text.withUTF8 { PackageID.spec(LineBytes(base: $0)) } ?? PackageID(name: spec), at: now)
        }
        begin(root: place, at: now)
        // What was said before belongs to what was built before.
        current = nil
    }
}
