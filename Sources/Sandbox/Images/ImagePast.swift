import Fleet
import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SandboxPast {
    /// The images that were built before the demo began: what the history would hold after two months.
    ///
    /// They are as `ImageRules` would have made them: packages that were asked for are the phases, with all that they needed; parts are
    /// what was built from source, `gcc@11.2.0/total` and `gcc@11.2.0/build`, the longest silence in it, peaks, and what it failed of.
    ///
    /// - Parameters:
    ///   - source: the source the runs belong to, as the demo names it.
    ///   - now: the newest run ended some hours before.
    public static func imageRuns(source: SourceID, seed: UInt64, now: Date) -> [Run] {
        let current = SandboxBuilder.all.enumerated().flatMap { place, builder in
            ages(builder.name, 11, every: 5.2, newest: 0.7 + Double(place) * 0.4, seed).enumerated().map { index, age in
                (builder, index + 1, now.addingTimeInterval(-age))
            }
        }
        let former = SandboxBuilder.former.flatMap { builder in
            ages(builder.name, 5, every: 9, newest: 7, seed).enumerated().map { index, age in
                (builder, index + 1, now.addingTimeInterval(-age))
            }
        }
        let stories = Dictionary(
            (SandboxBuilder.all + SandboxBuilder.former).map { ($0.name, BuilderStory($0)) },
            uniquingKeysWith: { first, _ in first })
        let ours = (current + former).compactMap { builder, number, began in
            stories[builder.name].map { story in
                run(BuilderLife(of: story, number: -number, began: began, seed: seed), source)
            }
        }
        let pctl = ages(PctlLife.name, 6, every: 8, newest: 1.3, seed).enumerated().map { index, age in
            run(PctlLife(number: -index - 1, began: now.addingTimeInterval(-age), seed: seed), source)
        }
        return ours + pctl
    }

    /// How long ago builds began, in seconds, the newest first.
    ///
    /// - Parameter every: days, as `newest`.
    private static func ages(_ name: String, _ count: Int, every: Double, newest: Double, _ seed: UInt64) -> [Double] {
        var chance = SeededGenerator(named: "past/\(name)", seed: seed)
        return (0..<count).map { 86_400 * (newest + Double($0) * every + 0.2 * chance.unit()) }
    }

    private static func run(_ life: BuilderLife, _ source: SourceID) -> Run {
        let plan = life.plan
        var phases = plan.roots.compactMap { root -> PhaseDuration? in
            // What is there already says nothing about how long it takes.
            guard let package = root.packages.last, package.way != .present else { return nil }
            return PhaseDuration(
                name: String(root.spec.prefix { !" +~%^".contains($0) }), seconds: root.ends - root.begins,
                outcome: root.status == 0 ? .done : .failed)
        }
        if life.image != nil {
            phases.append(PhaseDuration(name: "image", seconds: ImageSnapshot.seconds, outcome: .done))
        }
        return run(
            life.id, life.builder.name, source, from: life.began, to: life.date(life.ends), cause: cause(life),
            phases: phases, parts: parts(life))
    }

    private static func run(_ life: PctlLife, _ source: SourceID) -> Run {
        run(
            life.id, PctlLife.name, source, from: life.began, to: life.began.addingTimeInterval(life.ends), cause: nil,
            phases: life.stages.map { PhaseDuration(name: $0.name, seconds: $0.seconds, outcome: .done) }, parts: [])
    }

    private static func run(
        _ id: String, _ name: String, _ source: SourceID, from start: Date, to end: Date, cause: String?,
        phases: [PhaseDuration], parts: [RunPart]
    ) -> Run {
        Run(
            item: ItemID(kind: .image, source: source, key: id), kind: .image, name: name, source: source,
            profile: name, startedAt: start, endedAt: end, outcome: cause == nil ? .done : .failed,
            word: cause == nil ? "complete" : "failed", cause: cause, phases: phases, parts: parts)
    }

    private static func cause(_ life: BuilderLife) -> String? {
        guard let package = life.plan.failed, let phase = package.phases.last else { return nil }
        let failure = SpackFailure(package, isDiskFull: life.plan.status == BuildPlan.diskFull)
        return "Build failed in \(package.spec), phase \(phase.name): \(failure.reason)"
    }

    private static func parts(_ life: BuilderLife) -> [RunPart] {
        let plan = life.plan
        var parts: [RunPart] = []
        if plan.failed != nil {
            let trouble: BuildTrouble = plan.status == BuildPlan.diskFull ? .diskFull : .configure
            parts.append(RunPart(name: "failure/\(trouble.rawValue)", seconds: 0, count: 1))
        }
        parts.append(RunPart(name: "peak/disk", seconds: 0, count: BuilderDisk(of: life).highest * 1024))
        parts.append(RunPart(name: "peak/memory", seconds: 0, count: BuilderScript.highestMemory * 1024))
        for package in plan.roots.flatMap(\.packages) where package.way == .source && !package.hasFailed {
            func add(_ name: String, _ seconds: Double) {
                parts.append(RunPart(name: "\(package.spec)/\(name)", seconds: seconds, count: 1))
            }
            add("total", package.ends - package.starts)
            let phases =
                [("stage", package.staged - package.starts)] + package.phases.map { ($0.name, $0.ends - $0.starts) }
                + [("post-install", package.finishing)]
            for (name, seconds) in phases where seconds >= 1 { add(name, seconds) }
            let silence = phases.map(\.1).max() ?? 0
            if !life.builder.isVerbose, silence >= 30 { add("silence", silence) }
        }
        return parts
    }
}
