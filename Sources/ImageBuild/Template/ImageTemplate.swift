import Yams

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A template: what a cluster is to have, and with it what its image is to contain.
///
/// Building an image needs the packages, the cluster's name and its region; all of it is checked, because the same file goes to pctl
/// afterwards, and an error found there costs an hour. Source of the rules: wire-formats 3.6.
public struct ImageTemplate: Sendable, Equatable {
    /// The cluster that is made from the image.
    public struct Cluster: Sendable, Equatable {
        /// A letter, then letters, digits and `-`; at most 60.
        public var name: String
        /// One of `regions`.
        public var region: String
    }

    /// A queue of compute nodes.
    public struct Queue: Sendable, Equatable {
        /// A small letter, then small letters, digits and `-`; unlike all others.
        public var name: String
        /// At least one. Several are split: each gets its share of the counts, divided without rest.
        public var instanceTypes: [String]
        /// Nodes that are always there; 0 and more.
        public var minCount: Int
        /// The most nodes; `minCount` to 1000.
        public var maxCount: Int
    }

    /// A person with an account on the cluster.
    public struct User: Sendable, Equatable {
        public var name: String
        /// 1000 to 60000, unlike all others.
        public var uid: Int
        /// 1000 to 60000.
        public var gid: Int
    }

    /// A bucket that is seen as a folder.
    public struct Mount: Sendable, Equatable {
        public var bucket: String
        /// An absolute path.
        public var mountPoint: String
    }

    /// The regions that pctl knows.
    public static let regions = [
        "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1",
        "eu-north-1", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "ap-south-1", "sa-east-1",
        "ca-central-1",
    ]

    /// What it was called when it was read; usually the file.
    public var name: String
    public var cluster: Cluster
    /// The head node's instance type.
    public var headNode: String
    public var queues: [Queue]
    /// As listed; `buildOrder` is the order of work.
    public var packages: [PackageSpec]
    public var users: [User]
    public var mounts: [Mount]

    /// The packages in the order in which they are built.
    public var buildOrder: PackageOrder { PackageOrder(packages) }

    /// Reads a template.
    ///
    /// - Parameters:
    ///   - bytes: the file, at most 1 MB.
    ///   - name: what it is called in the report.
    /// - Throws: everything that is wrong with it, at once. Only what keeps it from being read at all (its size, its encoding, its YAML)
    ///   is told alone.
    public static func read(_ bytes: Data, name: String) throws(TemplateProblems) -> ImageTemplate {
        let source = try TemplateSource(bytes, name: name)
        let document = TemplateDocument(source)
        var reader = TemplateReader(source, document)
        if let root = document.root {
            let template = reader.template(root, name: name)
            if let template, reader.problems.isEmpty { return template }
        } else if document.problems.isEmpty {
            reader.complainOfEmptyFile()
        }
        throw TemplateProblems(name: name, reader.problems)
    }
}
