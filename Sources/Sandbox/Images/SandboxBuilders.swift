import Fleet
import ImageBuild
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sandbox's builders: five machines and this one build images with Spack, and a sixth one is pctl's.
///
/// It keeps nothing and has no tasks: every answer follows from the seed and the time alone, so any number of questions in any order agree.
public struct SandboxBuilders: BuildDoor {
    private let time: TimeSource
    private let world: SandboxTime
    /// Each builder, and when its first life begins: seconds since the world began.
    private let builders: [(story: BuilderStory, first: Double)]

    /// A pause between two lines is no heap, in seconds.
    private static let pause: Double = 5
    /// The least time between two looks at a log that grows.
    private static let shortest: Double = 1

    /// - Parameters:
    ///   - time: the clock that the builders live by. The world begins `SandboxWorld.past` seconds before it shows now.
    ///   - seed: decides every duration and identifier.
    public init(time: TimeSource, seed: UInt64) {
        self.time = time
        let world = SandboxTime(beginning: time.now().addingTimeInterval(-SandboxWorld.past), seed: seed)
        self.world = world
        builders = SandboxBuilder.all.map { builder in
            let story = BuilderStory(builder)
            let life = BuilderLife(of: story, number: 0, began: world.beginning, seed: seed)
            return (story, SandboxTime.opening - life.ageAtOpening)
        }
    }

    public func builds() async throws(UpstreamProblem) -> [KnownBuild] {
        let elapsed = elapsed
        let ours = lives(at: elapsed).map { $0.known(at: world.age(of: $0.began, at: elapsed)) }
        return ours + pctl(at: elapsed)
    }

    public func follow(
        _ id: String, from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {
        guard let life = lives(at: elapsed).first(where: { $0.id == id }) else {
            throw UpstreamProblem(
                .status(404), "There is no build \(id).",
                advice: "Builds are kept for a day; look which ones there are.")
        }
        let log = BuilderLog(of: life)
        var offset = place.offset
        if offset > log.size(at: age(of: life)) {
            await take(.restarted(.truncated))
            offset = 0
        }
        var isFirst = true
        while !Task.isCancelled {
            let age = age(of: life)
            let end = log.size(at: age)
            // What comes late was written while nobody looked.
            let isPast = isFirst || offset < end && age - log.age(ofByte: offset) > Self.pause
            while offset < end, !Task.isCancelled {
                let next = min(end, offset + BuildPiece.largest)
                await take(
                    .bytes(
                        Array(log.bytes[offset..<next]), place: BuildPlace(offset: next),
                        written: life.date(log.age(ofByte: next - 1)), isPast: isPast))
                offset = next
            }
            if isFirst, !Task.isCancelled { await take(.caughtUp) }
            isFirst = false
            guard let next = log.next(after: age) else { return }
            do { try await time.sleep(max(Self.shortest, next - age)) } catch { return }
        }
    }

    /// Seconds since the world began.
    private var elapsed: Double { time.now().timeIntervalSince(world.beginning) }

    private func age(of life: BuilderLife) -> Double { world.age(of: life.began, at: elapsed) }

    /// All that run, and those that ended and are still kept.
    private func lives(at elapsed: Double) -> [BuilderLife] {
        builders.flatMap { story, first in
            let period = story.builder.period
            return Self.numbers(first: first, period: period, at: elapsed).map { number in
                BuilderLife(
                    of: story, number: number,
                    began: world.beginning.addingTimeInterval(first + Double(number) * period), seed: world.seed)
            }.filter { world.age(of: $0.began, at: elapsed) < $0.ends + SandboxBuilder.keeping }
        }
    }

    private func pctl(at elapsed: Double) -> [KnownBuild] {
        let first = SandboxTime.opening - PctlLife.opening
        return Self.numbers(first: first, period: PctlLife.period, at: elapsed).compactMap { number in
            let begins = first + Double(number) * PctlLife.period
            let life = PctlLife(number: number, began: world.beginning.addingTimeInterval(begins), seed: world.seed)
            let age = elapsed - begins
            return age < life.ends + SandboxBuilder.keeping ? life.known(at: age) : nil
        }
    }

    /// The lives that have begun and can still be kept; no build ends later than the next one begins.
    private static func numbers(first: Double, period: Double, at elapsed: Double) -> Range<Int> {
        let latest = Int(((elapsed - first) / period).rounded(.down))
        guard latest >= 0 else { return 0..<0 }
        let kept = Int((SandboxBuilder.keeping / period).rounded(.up)) + 1
        return max(0, latest - kept)..<latest + 1
    }
}

extension SandboxTime {
    fileprivate func age(of began: Date, at elapsed: Double) -> Double {
        elapsed - began.timeIntervalSince(beginning)
    }
}

extension BuilderLife {
    /// What this life has come to when the demo's screen opens.
    fileprivate var ageAtOpening: Double {
        switch builder.opening {
        case .into(let name, let seconds):
            let package = plan.roots.lazy.flatMap(\.packages).first { $0.recipe.name == name }
            return (package?.starts ?? 0) + seconds
        case .beforeEnd(let seconds): return ends - seconds
        case .afterEnd(let seconds): return ends + seconds
        }
    }
}
