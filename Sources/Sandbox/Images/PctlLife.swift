import Fleet
import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A build of pctl's, as its state file and its instance's tag tell of it. Source: wire-formats 4.1 to 4.3.
///
/// The tag is not touched while packages are installed: it stands at 20 % for most of the build. A good build's file ends as `failed`
/// with its image in it; the reader of such files says success and why.
struct PctlLife: Sendable {
    let began: Date
    let id: String
    private let instance: String
    private let image: ImageSnapshot
    /// When each value of the tag is written.
    private let tags: [(age: Double, text: String)]

    static let name = "chem-base"
    /// Seconds between two lives, and since the first one began when the demo's screen opens.
    static let period: Double = 21_600
    static let opening: Double = 2820
    /// When the instance runs.
    private static let launched: Double = 88

    init(number: Int, began: Date, seed: UInt64) {
        var chance = SeededGenerator(named: "images/\(Self.name)/\(number)", seed: seed)
        self.began = began
        id = chance.identifier()
        instance = "i-0\(chance.hexadecimal(16))"
        let packages = 5700 * (0.94 + 0.12 * chance.unit())
        let steps: [(Double, String)] = [
            (118, "0% - Bootstrap started"), (34, "10% - Installing Spack package manager"),
            (172, "15% - Installing Lmod module system"), (96, "20% - Starting package installation"),
            (packages, "85% - Integrating Spack with Lmod"), (52, "95% - Finalizing installation"),
            (23, "100% - Installation complete"),
        ]
        var age = 0.0
        tags = steps.map { step in
            age += step.0
            return (age, step.1)
        }
        // Two minutes for the clean-up, of which nobody tells it the end, and then the instance is stopped.
        image = ImageSnapshot(
            name: "\(Self.name)-\(BuildName.day(began))", id: "ami-0\(chance.hexadecimal(16))", starts: age + 175)
    }

    /// pctl ends the instance before it ends itself.
    var ends: Double { image.ends + 38 }

    /// The stages that a reader of the file sees, and how long each takes.
    var stages: [(name: String, seconds: Double)] {
        [("Launch", Self.launched), ("Software", image.starts - Self.launched), ("Image", ends - image.starts)]
    }

    func known(at age: Double) -> KnownBuild {
        let picture = image.state(at: age, began: began)
        let hasEnded = age >= ends
        let isCreating = picture != nil && !hasEnded
        let cautions: [BuildCaution] =
            hasEnded ? [.succeededAllTheSame] : isCreating ? [.percentWasReset, .imageWaitDoesNotEnd] : []
        return KnownBuild(
            record: BuildRecord(
                id: id, name: Self.name, origin: .pctl, template: Self.name,
                host: age < Self.launched ? nil : instance, region: "us-east-1", startedAt: began,
                deadline: BuildRecord.usualDeadline, imageName: image.name),
            life: hasEnded ? .ended(BuildEnd(status: 0, at: began.addingTimeInterval(ends))) : .running,
            stage: hasEnded ? nil : isCreating ? .creating : age < Self.launched ? .launching : .installing,
            told: tags.last { $0.age <= age }?.text, image: picture, packageCount: 4,
            troubles: cautions.map(\.sentence),
            next: cautions.compactMap(\.nextStep), hasLog: false)
    }
}
