import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A build that is to be started.
public struct BuildRequest: Sendable, Equatable {
    /// What rows call it; usually the template's cluster name.
    public var name: String
    public var template: String?
    /// The template's file, an absolute path, so that it can be built again.
    public var file: String?
    /// In the order in which they are built: `ImageTemplate.buildOrder`.
    public var packages: [String]
    /// The `spack` of the machine that builds: a name, an absolute path, or one below `~/`.
    public var program: String
    /// Of `spack install`: words without blanks. With `--verbose` everything that is compiled is in the log; without it a build is silent
    /// for as long as its compilers work.
    public var options: [String]
    /// Seconds after which it is ended.
    public var deadline: Double
    /// Seconds between two samples of the disks.
    public var period: Int
    /// Where Spack installs to and builds; nil for what lies beside `program`, and for the folder of temporary files.
    public var tree: String?
    public var stage: String?
    /// The name of the image that will be made of it; nil for none, and with `image` for one that tells the build.
    public var imageName: String?
    /// Of which machine the image is made: what `ImageMaker.prepare` has found out.
    public var image: ImageWish?

    public init(
        name: String, template: String? = nil, file: String? = nil, packages: [String], program: String = "spack",
        options: [String] = ["--verbose"], deadline: Double = BuildRecord.usualDeadline,
        period: Int = BuildDriver.period, tree: String? = nil, stage: String? = nil, imageName: String? = nil,
        image: ImageWish? = nil
    ) {
        self.name = name
        self.template = template
        self.file = file
        self.packages = packages
        self.program = program
        self.options = options
        self.deadline = deadline
        self.period = period
        self.tree = tree
        self.stage = stage
        self.imageName = imageName
        self.image = image
    }

    /// A template's packages.
    public init(_ template: ImageTemplate, program: String = "spack") {
        self.init(
            name: template.cluster.name, template: template.cluster.name,
            packages: template.buildOrder.specs.map(\.text), program: program)
    }

    /// What is written down of it.
    ///
    /// - Parameter chance: anything; builds of the same minute differ by it.
    public func record(host: String? = nil, now: Date, chance: UInt32) -> BuildRecord {
        let id = Self.id(now: now, chance: chance)
        let usual = image.map { _ in ImageName.usual(template: template ?? name, build: id) }
        return BuildRecord(
            id: id, name: SafeText.line(name, limit: 80), origin: .slipway,
            template: template.map { SafeText.line($0, limit: 80) }, file: file, packages: packages, host: host,
            region: image?.region, startedAt: now, program: program, deadline: deadline,
            imageName: imageName.map(ImageName.valid) ?? usual, image: image, tree: tree, stage: stage)
    }

    /// `20261121-1530-ab12`: sorts by time, in UTC.
    static func id(now: Date, chance: UInt32) -> String {
        let digits = WireTime.text(now).filter(\.isNumber)
        let tail = String(chance & 0xFFFF, radix: 16)
        return "\(digits.prefix(8))-\(digits.dropFirst(8).prefix(4))-"
            + String(repeating: "0", count: max(0, 4 - tail.count)) + tail
    }

    /// What is wrong with it, in one sentence; nil if it can be started. The driver takes its options apart at blanks.
    var fault: String? {
        if packages.isEmpty { return "There is no package to build." }
        if packages.count > BuildLog.rootLimit { return "There are more than \(BuildLog.rootLimit) packages." }
        for option in options {
            let isPlain = option.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
            if !option.hasPrefix("-") || !isPlain { return "\(SafeText.line(option)) is no option of spack install." }
        }
        for spec in packages where spec.hasPrefix("-") || spec.contains("\n") {
            return "\(SafeText.line(spec)) is no package."
        }
        return nil
    }

    /// What `BuildShell.start` is given behind the folder, the record and the driver.
    var words: [String] {
        [
            program, String(Int(min(max(1, deadline), 3e7))), String(max(1, period)), tree ?? "", stage ?? "",
            options.joined(separator: " "),
        ] + packages
    }
}
