import Foundation
import Synchronization
import Testing

@testable import ImageBuild

/// What a look at a folder of builds reads, keeps and tells.
@Suite struct BuildFolderTests {
    /// A folder in memory that counts how often a file is read.
    final class Disk: Sendable {
        private let files = Mutex<[String: (Date, Data)]>([:])
        private let reads = Mutex<[String]>([])
        let problem = Mutex<BuildFolder.Problem?>(nil)

        func write(_ name: String, _ text: String, at second: Double) {
            files.withLock { $0[name] = (Date(timeIntervalSince1970: second), Data(text.utf8)) }
        }

        func takeReads() -> [String] {
            reads.withLock { names in
                defer { names = [] }
                return names
            }
        }

        var folder: BuildFolder {
            BuildFolder(
                path: "~/.pctl/ami-builds",
                list: { () throws(BuildFolder.Problem) in
                    if let problem = self.problem.withLock({ $0 }) { throw problem }
                    return self.files.withLock { files in
                        files.map { .init(name: $0.key, modifiedAt: $0.value.0, size: $0.value.1.count) }
                    }
                },
                read: { (name: String, limit: Int) throws(BuildFolder.Problem) in
                    self.reads.withLock { $0.append(name) }
                    guard let data = self.files.withLock({ $0[name]?.1 }) else { throw .absent }
                    return data.prefix(limit)
                })
        }
    }

    static func json(_ id: String, _ status: String) -> String { #"{"build_id": "\#(id)", "status": "\#(status)"}"# }

    @Test func theNewestComesFirstAndWhatIsNoBuildIsSaid() {
        let disk = Disk()
        disk.write("a.json", Self.json("a", "complete"), at: 1)
        disk.write("b.json", Self.json("b", "installing"), at: 3)
        disk.write("c.json", #"{"build_id": "c", "sta"#, at: 2)
        disk.write("d.json", "", at: 4)
        disk.write("e.json", String(repeating: " ", count: BuildFolder.largest + 1), at: 5)
        disk.write("nameless.json", #"{"status": "launching"}"#, at: 0)
        disk.write(".hidden.json", Self.json("h", "complete"), at: 9)
        disk.write("a.json.tmp", Self.json("t", "complete"), at: 9)
        let listing = disk.folder.look()
        #expect(listing.builds.map(\.id) == ["b", "a", "nameless"])
        #expect(listing.builds.map(\.state.stage) == [.installing, .complete, .launching])
        #expect(listing.skipped.map(\.name) == ["e.json", "d.json", "c.json"])
        #expect(listing.skipped.map(\.reason).last?.contains("half written") == true)
        #expect(!disk.takeReads().contains("e.json"))
    }

    @Test func onlyWhatChangedIsReadAgain() {
        let disk = Disk()
        for name in ["a", "b", "c"] { disk.write("\(name).json", Self.json(name, "installing"), at: 1) }
        let first = disk.folder.look()
        #expect(disk.takeReads() == ["a.json", "b.json", "c.json"])
        disk.write("b.json", Self.json("b", "creating"), at: 2)
        let second = disk.folder.look(since: first)
        #expect(disk.takeReads() == ["b.json"])
        #expect(
            second.builds.map { "\($0.id) \($0.state.status ?? "")" } == ["b creating", "a installing", "c installing"])
    }

    @Test func aHalfWrittenFileKeepsItsLastGoodState() {
        let disk = Disk()
        disk.write("a.json", Self.json("a", "installing"), at: 1)
        let first = disk.folder.look()
        disk.write("a.json", #"{"build_id": "a", "#, at: 2)
        let second = disk.folder.look(since: first)
        #expect(second.builds.map(\.state.stage) == [.installing])
        #expect(second.skipped.map(\.name) == ["a.json"])
        disk.write("a.json", Self.json("a", "complete"), at: 3)
        let third = disk.folder.look(since: second)
        #expect(third.builds.map(\.state.stage) == [.complete])
        #expect(third.skipped.isEmpty)
    }

    @Test func ofManyFilesOnlyTheNewestAreRead() {
        let disk = Disk()
        for number in 0..<2100 { disk.write("\(number).json", Self.json("\(number)", "complete"), at: Double(number)) }
        let listing = disk.folder.look()
        #expect(listing.builds.count == 2000)
        #expect(listing.builds.first?.id == "2099")
        #expect(listing.unread == 100)
        _ = disk.takeReads()
        #expect(disk.folder.look(newest: 3).builds.map(\.id) == ["2099", "2098", "2097"])
        #expect(disk.takeReads().count == 3)
    }

    @Test func aFolderThatCannotBeReadKeepsItsBuildsAndAnAbsentOneHasNone() {
        let disk = Disk()
        disk.write("a.json", Self.json("a", "installing"), at: 1)
        let first = disk.folder.look()
        disk.problem.withLock { $0 = .unreadable("The folder cannot be read.") }
        let second = disk.folder.look(since: first)
        #expect(second.builds == first.builds)
        #expect(second.problem?.sentence == "The folder cannot be read.")
        disk.problem.withLock { $0 = .absent }
        #expect(disk.folder.look(since: second).builds.isEmpty)
    }

    @Test func theSameBuildInTwoFoldersIsOne() {
        let (old, new) = (Disk(), Disk())
        old.write("a.json", Self.json("a", "complete"), at: 5)
        new.write("a.json", Self.json("a", "installing"), at: 1)
        new.write("b.json", Self.json("b", "installing"), at: 9)
        let merged = BuildListing.merged([old.folder.look(), new.folder.look()])
        #expect(merged.map { "\($0.id) \($0.state.status ?? "")" } == ["b installing", "a complete"])
        #expect(BuildFolder.paths(home: "/h") == ["/h/.pctl/ami-builds", "/h/.petal/ami-builds"])
    }

    @Test func theDiskIsReadWithoutWaitingForPipesOrFollowingLinks() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("builds-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let folder = BuildFiles(path: root).folder(named: "builds")
        #expect(folder.look().problem == .absent)
        try FileManager.default.createDirectory(atPath: root + "/dir.json", withIntermediateDirectories: true)
        try Data(Self.json("a", "installing").utf8).write(to: URL(fileURLWithPath: root + "/a.json"))
        try Data([0x7B, 0xFF]).write(to: URL(fileURLWithPath: root + "/bad.json"))
        try FileManager.default.createSymbolicLink(atPath: root + "/link.json", withDestinationPath: root + "/a.json")
        try #require(mkfifo(root + "/pipe.json", 0o600) == 0)
        let listing = folder.look()
        #expect(listing.builds.map(\.id) == ["a"])
        #expect(listing.skipped.map(\.name) == ["bad.json"])
        #expect(throws: BuildFolder.Problem.absent) { try BuildFiles.contents(root + "/no.json", limit: 10) }
        #expect(throws: BuildFolder.Problem.self) { try BuildFiles.contents(root + "/a.json", limit: 10) }
        #expect(throws: BuildFolder.Problem.self) { try BuildFiles.contents(root + "/pipe.json", limit: 10) }
        #expect(try BuildFiles.contents(root + "/a.json", limit: 1000) == Data(Self.json("a", "installing").utf8))
    }
}
