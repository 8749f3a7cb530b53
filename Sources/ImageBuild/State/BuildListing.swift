/// What a look at a folder of builds gave.
public struct BuildListing: Sendable, Equatable {
    /// A build and the file that it was read from.
    public struct Build: Sendable, Equatable {
        /// The build's id; the file's name if the file has none.
        public let id: String
        public let file: BuildFolder.File
        public let state: WireBuildState
    }

    /// A file that could not be read.
    public struct Skipped: Sendable, Equatable {
        public let name: String
        /// One sentence.
        public let reason: String
    }

    /// The folder, as people write it.
    public let path: String
    /// The one written last first.
    public let builds: [Build]
    /// What could not be read this time; a build that could be read before is in `builds` all the same.
    public let skipped: [Skipped]
    /// How many older files were left alone.
    public let unread: Int
    /// Why the folder itself could not be read; the builds are then the last ones known.
    public let problem: BuildFolder.Problem?

    /// The builds of several folders, each once: the same build is in two of them after petal renamed pctl's folder, and the file
    /// written last is right.
    public static func merged(_ listings: [BuildListing]) -> [Build] {
        let all = listings.flatMap(\.builds).sorted {
            $0.file.modifiedAt == $1.file.modifiedAt ? $0.id < $1.id : $0.file.modifiedAt > $1.file.modifiedAt
        }
        var seen: Set<String> = []
        return all.filter { seen.insert($0.id).inserted }
    }
}
