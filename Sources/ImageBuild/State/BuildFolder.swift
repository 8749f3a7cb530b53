import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A folder in which pctl or petal keeps one file per build. It reads through what it is given, and only files that changed.
public struct BuildFolder: Sendable {
    /// The most files that are read; the newest.
    public static let most = 2000
    /// The largest file that is read, in bytes; a state file has less than one kilobyte.
    public static let largest = 256 << 10

    /// A file as its folder lists it.
    public struct File: Sendable, Equatable {
        public var name: String
        public var modifiedAt: Date
        /// In bytes.
        public var size: Int

        public init(name: String, modifiedAt: Date, size: Int) {
            self.name = name
            self.modifiedAt = modifiedAt
            self.size = size
        }
    }

    /// Why a folder or a file could not be read.
    public enum Problem: Error, Sendable, Equatable {
        /// There is none. Of a folder: no build was ever started here.
        case absent
        /// One sentence.
        case unreadable(String)

        public var sentence: String {
            switch self {
            case .absent: "It is not there."
            case .unreadable(let text): text
            }
        }
    }

    /// What the folder is called for people.
    public let path: String
    private let list: @Sendable () throws(Problem) -> [File]
    private let read: @Sendable (_ name: String, _ limit: Int) throws(Problem) -> Data

    /// - Parameters:
    ///   - path: what it is called for people.
    ///   - list: all files of the folder, in any order.
    ///   - read: at most `limit` bytes of the file `name`.
    public init(
        path: String, list: @escaping @Sendable () throws(Problem) -> [File],
        read: @escaping @Sendable (_ name: String, _ limit: Int) throws(Problem) -> Data
    ) {
        self.path = path
        self.list = list
        self.read = read
    }

    /// Where such folders are, below a home folder: petal renamed pctl's, but its image part still writes into the old one.
    public static func paths(home: String) -> [String] { [".pctl", ".petal"].map { "\(home)/\($0)/ami-builds" } }

    /// Looks at the folder.
    ///
    /// - Parameters:
    ///   - newest: how many of the newest files are read at most; up to `most`.
    ///   - last: what the look before this one gave: unchanged files are not read again, and what cannot be read now keeps its last
    ///     good state.
    public func look(newest: Int = Self.most, since last: BuildListing? = nil) -> BuildListing {
        let files: [File]
        do {
            files = try list()
        } catch {
            return BuildListing(
                path: path, builds: error == .absent ? [] : last?.builds ?? [], skipped: [], unread: 0, problem: error)
        }
        let candidates = files.filter { $0.name.hasSuffix(".json") && !$0.name.hasPrefix(".") }.sorted {
            $0.modifiedAt == $1.modifiedAt ? $0.name < $1.name : $0.modifiedAt > $1.modifiedAt
        }
        let chosen = candidates.prefix(max(0, min(newest, Self.most)))
        let known = Dictionary(last?.builds.map { ($0.file.name, $0) } ?? [], uniquingKeysWith: { first, _ in first })
        var builds: [BuildListing.Build] = []
        var skipped: [BuildListing.Skipped] = []
        for file in chosen {
            if let build = known[file.name], build.file == file {
                builds.append(build)
                continue
            }
            do {
                builds.append(try build(file))
            } catch {
                skipped.append(.init(name: SafeText.line(file.name, limit: 100), reason: error.sentence))
                if let build = known[file.name] { builds.append(build) }
            }
        }
        return BuildListing(
            path: path, builds: builds, skipped: skipped, unread: candidates.count - chosen.count, problem: nil)
    }

    private func build(_ file: File) throws(Problem) -> BuildListing.Build {
        let tooLarge = Problem.unreadable("It is larger than \(Self.largest >> 10) KB, so it is no build's file.")
        guard file.size <= Self.largest else { throw tooLarge }
        guard file.size > 0 else { throw Problem.unreadable("It is empty; it may be being written.") }
        // It may have grown since it was listed.
        let bytes = try read(file.name, Self.largest + 1)
        guard bytes.count <= Self.largest else { throw tooLarge }
        guard let state = WireBuildState.read(bytes) else {
            throw Problem.unreadable("It is half written, or no build's file.")
        }
        let id = state.buildID ?? SafeText.line(String(file.name.dropLast(5)), limit: 80)
        return BuildListing.Build(id: id, file: file, state: state)
    }
}
