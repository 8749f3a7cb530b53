import Fleet
import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One build of a builder, from its start until it is no longer shown. Ages are seconds since that start.
struct BuilderLife: Sendable {
    let builder: SandboxBuilder
    let began: Date
    /// As our own builds are named: `20261121-1530-ab12`.
    let id: String
    let plan: BuildPlan
    let image: ImageSnapshot?

    /// - Parameter number: which of the builder's lives; 0 is the one that is led when the demo opens.
    init(of story: BuilderStory, number: Int, began: Date, seed: UInt64) {
        var chance = SeededGenerator(named: "images/\(story.builder.name)/\(number)", seed: seed)
        builder = story.builder
        self.began = began
        let day = BuildName.day(began)
        id = "\(day)-\(BuildName.minute(began))-\(chance.hexadecimal(4))"
        plan = BuildPlan(story.outline(of: number), chance: SeededGenerator(seed: chance.next()))
        image =
            builder.makesImage && plan.status == 0
            ? ImageSnapshot(
                name: "\(builder.name)-\(day)", id: "ami-0\(chance.hexadecimal(16))", starts: plan.ends + 4) : nil
    }

    /// When nothing more happens.
    var ends: Double { image?.ends ?? plan.ends }

    func date(_ age: Double) -> Date { began.addingTimeInterval(age) }

    var record: BuildRecord {
        BuildRecord(
            id: id, name: builder.name, origin: .slipway, template: builder.name, packages: plan.packages,
            host: builder.host, startedAt: began, program: "/opt/spack/bin/spack",
            deadline: BuildRecord.usualDeadline, imageName: image?.name, tree: SandboxBuilder.tree,
            stage: SandboxBuilder.stage)
    }

    func known(at age: Double) -> KnownBuild {
        let hasEnded = age >= plan.ends
        let picture = image?.state(at: age, began: began)
        return KnownBuild(
            record: record,
            life: hasEnded ? .ended(BuildEnd(status: plan.status, at: date(plan.ends))) : .running,
            stage: picture?.state == .pending ? .creating : nil, image: picture)
    }
}
