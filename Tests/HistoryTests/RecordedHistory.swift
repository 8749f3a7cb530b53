import Fleet
import Foundation
import History
import Testing

/// The same numbers for the same seed, so that a failing test fails again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func unit() -> Double { Double.random(in: 0..<1, using: &self) }

    /// Standard normal, by Box and Muller.
    mutating func normal() -> Double {
        (-2 * Foundation.log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
    }
}

/// A site whose machines are installed again and again: log-normal phases, some machines slower throughout, one phase often skipped, two profiles.
struct RecordedHistory {
    struct Shape: Sendable, CustomTestStringConvertible {
        var name: String
        var seed: UInt64
        /// Deviation of a machine's slowness on a log scale.
        var machineSpread = 0.3
        /// What all phase deviations are multiplied with.
        var phaseSpread = 1.0
        var skipped = 0.2
        /// Share of runs in which one phase takes five times as long.
        var stuck = 0.0
        var machines = 24

        var testDescription: String { name }
    }

    static let names = [
        "power_on", "pxe_boot", "discovery", "image_download", "installation", "firmware", "network", "reboot", "ready",
    ]
    private static let medians: [Double] = [20, 90, 45, 300, 600, 240, 60, 150, 30]
    private static let spreads: [Double] = [0.5, 0.25, 0.3, 0.35, 0.2, 0.4, 0.3, 0.2, 0.5]
    static let source = SourceID("lab")

    let shape: Shape
    private var generator: SeededGenerator
    private let slowness: [Double]
    private var clock = Date(timeIntervalSince1970: 1_760_000_000)

    init(_ shape: Shape) {
        self.shape = shape
        var generator = SeededGenerator(seed: shape.seed)
        slowness = (0..<shape.machines).map { _ in generator.normal() * shape.machineSpread }
        self.generator = generator
    }

    mutating func next() -> Run {
        let machine = Int.random(in: 0..<shape.machines, using: &generator)
        let isLarge = machine % 2 == 1
        let stuckPhase = generator.unit() < shape.stuck ? Int.random(in: 0..<9, using: &generator) : -1
        var phases: [PhaseDuration] = []
        for place in Self.names.indices {
            let noise = generator.normal() * Self.spreads[place] * shape.phaseSpread
            if place == 5, generator.unit() < shape.skipped { continue }
            var seconds = Self.medians[place] * exp(slowness[machine] + noise)
            if isLarge, place == 3 || place == 4 { seconds *= 1.8 }
            if place == stuckPhase { seconds *= 5 }
            phases.append(PhaseDuration(name: Self.names[place], seconds: seconds, outcome: .done))
        }
        clock += 86_400
        return Run(
            item: ItemID(kind: .metal, source: Self.source, key: "\(machine)"), kind: .metal, name: "node-\(machine)",
            source: Self.source, profile: isLarge ? "large" : "small", startedAt: clock,
            endedAt: clock + phases.reduce(0) { $0 + $1.seconds }, outcome: .done, word: "deployed", phases: phases)
    }
}

extension Run {
    /// The item as it was seen so many seconds after the run's start.
    func seen(after taken: Double) -> Item {
        var start = 0.0
        var hasCurrent = false
        var track: [Phase] = []
        for name in RecordedHistory.names {
            guard let phase = phases.first(where: { $0.name == name }) else {
                track.append(Phase(name: name, state: hasCurrent ? .waiting : .skipped))
                continue
            }
            let end = start + phase.seconds
            if hasCurrent {
                track.append(Phase(name: name))
            } else if end <= taken {
                track.append(
                    Phase(name: name, state: .done, startedAt: startedAt + start, endedAt: startedAt + end))
            } else {
                track.append(Phase(name: name, state: .running, startedAt: startedAt + start))
                hasCurrent = true
            }
            start = end
        }
        return Item(
            id: item, kind: kind, name: name, source: source, state: .running, word: "deploying", startedAt: startedAt,
            phases: track, evidence: Evidence(at: startedAt + taken, from: "test"), profile: profile)
    }
}
