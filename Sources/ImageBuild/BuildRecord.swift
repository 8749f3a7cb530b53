import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a build was asked to do. It is written down once, before the build begins, and never changes.
public struct BuildRecord: Codable, Sendable, Equatable, Identifiable {
    /// Unlike all others of its place, without blanks and slashes; ours sort by time: `20261121-1530-ab12`.
    public var id: String
    /// What rows call it: the template's name, an image's, a log file's.
    public var name: String
    /// Who runs it.
    public var origin: ImageDetail.Origin
    /// The template's name; nil when only a log is known. Builds of the same template are compared with each other.
    public var template: String?
    /// The template's file, an absolute path, so that it can be built again.
    public var file: String?
    /// What is installed, in the order in which it is built, each as `spack install` is given it; empty where that is not known.
    public var packages: [String]
    /// `user@host`, an EC2 instance; nil for this machine.
    public var host: String?
    public var region: String?
    public var startedAt: Date?
    /// The `spack` that is run.
    public var program: String?
    /// Seconds after which it is ended.
    public var deadline: Double?
    /// The name that the image gets; nil when none is made.
    public var imageName: String?
    /// Of which machine Slipway is to make it when the packages are there; nil where others make it, or nobody.
    public var image: ImageWish?
    /// A folder that Spack installs into and one that it builds in, if known: their disks are sampled.
    public var tree: String?
    public var stage: String?

    /// What pctl allows a build: 480 minutes.
    public static let usualDeadline: Double = 28_800

    public init(
        id: String, name: String, origin: ImageDetail.Origin, template: String? = nil, file: String? = nil,
        packages: [String] = [],
        host: String? = nil, region: String? = nil, startedAt: Date? = nil, program: String? = nil,
        deadline: Double? = nil, imageName: String? = nil, image: ImageWish? = nil, tree: String? = nil,
        stage: String? = nil
    ) {
        self.id = id
        self.name = name
        self.origin = origin
        self.template = template
        self.file = file
        self.packages = packages
        self.host = host
        self.region = region
        self.startedAt = startedAt
        self.program = program
        self.deadline = deadline
        self.imageName = imageName
        self.image = image
        self.tree = tree
        self.stage = stage
    }
}
