import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The phases of a build: the packages that were asked for in their order, then the image; where no package is known, the stages of who
/// runs it. Pure.
struct BuildTrack {
    /// An image and its snapshot take about ten minutes. Source: wire-formats 4.1.
    private static let imageUsual: (Double, Double) = (600, 1200)
    /// Of pctl's instance.
    private static let launchUsual: (Double, Double) = (120, 300)

    let phases: [Phase]
    /// Seconds that remain at most, by what is usual; nil when nothing is known of what remains.
    let remaining: Double?

    init(_ reading: BuildReading, _ verdict: BuildVerdict, memory: BuildMemory, now: Date) {
        var phases: [Phase] = []
        if reading.log.roots.isEmpty {
            phases = Self.stages(reading, verdict, memory: memory)
        } else {
            phases = reading.log.roots.indices.map { Self.phase($0, reading, verdict, memory: memory) }
            if reading.known.record.imageName != nil || reading.known.image != nil {
                phases.append(Self.image(reading, verdict, memory: memory))
            }
        }
        self.phases = phases
        var sum: Double?
        for phase in phases where phase.state == .running || phase.state == .waiting {
            guard let high = phase.usualHigh ?? phase.usual else { continue }
            let taken = phase.state == .running ? phase.elapsed(at: reading.log.time(at: now)) ?? 0 : 0
            // What is late already still needs something.
            sum = (sum ?? 0) + max(high - taken, 0.1 * high)
        }
        remaining = sum
    }

    private static func phase(
        _ index: Int, _ reading: BuildReading, _ verdict: BuildVerdict, memory: BuildMemory
    ) -> Phase {
        let root = reading.log.roots[index]
        let package = reading.log.packages[root.package]
        let name = reading.names[index]
        var phase = Phase(name: name)
        if let usual = memory.usual(root: name), usual.count >= BuildMemory.fewest {
            (phase.usual, phase.usualHigh, phase.usualCount) = (usual.median, usual.high, usual.count)
        } else {
            let typical = TypicalDurations.usual(name)
            (phase.usual, phase.usualHigh, phase.usualCount) = (typical.expected, typical.high, 0)
        }
        phase.startedAt = root.startedAt
        phase.endedAt = root.endedAt
        switch package.state {
        case .done: phase.state = .done
        // It was there: how long that took says nothing about how long it takes.
        case .present: phase.state = .skipped
        case .failed: phase.state = .failed
        case .running, .waiting, .skipped:
            let hasBegun = root.startedAt != nil
            let isGoing = verdict.state == .running || verdict.state == .waiting
            phase.state = !hasBegun ? .waiting : isGoing ? .running : .failed
            if phase.state == .failed, phase.endedAt == nil { phase.endedAt = reading.endedAt }
        }
        return phase
    }

    private static func image(_ reading: BuildReading, _ verdict: BuildVerdict, memory: BuildMemory) -> Phase {
        var phase = Phase(name: "image", usual: imageUsual.0, usualHigh: imageUsual.1, usualCount: 0)
        if let usual = memory.usual(root: "image"), usual.count >= BuildMemory.fewest {
            (phase.usual, phase.usualHigh, phase.usualCount) = (usual.median, usual.high, usual.count)
        }
        guard let image = reading.known.image else {
            if verdict.word == KnownBuild.Stage.creating.rawValue { phase.state = .running }
            return phase
        }
        phase.startedAt = image.startedAt
        phase.endedAt = image.endedAt
        switch image.state {
        case .pending: phase.state = .running
        case .available: phase.state = .done
        case .failed: phase.state = .failed
        }
        return phase
    }

    private static func stages(_ reading: BuildReading, _ verdict: BuildVerdict, memory: BuildMemory) -> [Phase] {
        if !reading.known.steps.isEmpty {
            return reading.known.steps.map { step in
                let state: Phase.State =
                    step.hasFailed ? .failed : step.endedAt != nil ? .done : step.startedAt != nil ? .running : .waiting
                return Phase(name: step.name, state: state, startedAt: step.startedAt, endedAt: step.endedAt)
            }
        }
        guard let current = reading.known.stage ?? reading.stages.last?.stage else { return [] }
        let all: [(KnownBuild.Stage, String, (Double, Double)?)] = [
            (.launching, "Launch", launchUsual), (.installing, "Software", nil), (.creating, "Image", imageUsual),
        ]
        let place = all.firstIndex { $0.0 == current } ?? 0
        return all.enumerated().map { index, entry in
            var phase = Phase(name: entry.1, usual: entry.2?.0, usualHigh: entry.2?.1)
            if entry.2 != nil { phase.usualCount = 0 }
            if let usual = memory.usual(root: entry.1), usual.count >= BuildMemory.fewest {
                (phase.usual, phase.usualHigh, phase.usualCount) = (usual.median, usual.high, usual.count)
            }
            phase.startedAt = reading.stages.first { $0.stage == entry.0 }?.since
            if index < place {
                phase.state = .done
                phase.endedAt =
                    reading.stages.first { seen in
                        all[(index + 1)...].contains { $0.0 == seen.stage }
                    }?.since
            } else if index == place {
                phase.state = verdict.state == .done ? .done : verdict.state == .running ? .running : .failed
                if phase.state != .running { phase.endedAt = reading.endedAt }
            } else if verdict.state == .done {
                phase.state = .skipped
            }
            return phase
        }
    }
}
