import Fleet
import Foundation
import Synchronization
import Testing
import Upstream

@testable import ImageBuild

@Suite("A log is followed through whatever happens to it")
struct LogFollowerTests {
    /// A file in a folder of its own.
    private final class Scene: Sendable {
        let folder: String
        let path: String
        let pieces = Pieces()

        init() throws {
            folder = FileManager.default.temporaryDirectory.path + "/follow-\(UUID().uuidString)"
            path = folder + "/log"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        func write(_ text: String) throws { try text.write(toFile: path, atomically: false, encoding: .utf8) }

        func add(_ text: String) throws {
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }

        /// Follows while `body` does something to the file.
        func following(
            from place: BuildPlace = .start, isOver: @escaping @Sendable () async -> Bool = { false },
            _ body: (Pieces) async throws -> Void
        ) async throws {
            let task = Task {
                try? await LogFollower(path: path, time: .system, isOver: isOver).follow(from: place) { [pieces] in
                    pieces.add($0)
                }
            }
            try await body(pieces)
            task.cancel()
            await task.value
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test func whatWasThereIsPastAndWhatIsAddedIsNot() async throws {
        let scene = try Scene()
        try scene.write("one\n")
        try await scene.following { pieces in
            try await pieces.until { $0.all.contains(.caughtUp) }
            try scene.add("two\n")
            try await pieces.until { $0.text == "one\ntwo\n" }
        }
        let pasts = scene.pieces.all.compactMap { piece -> Bool? in
            if case .bytes(_, _, _, let isPast) = piece { isPast } else { nil }
        }
        #expect(scene.pieces.text == "one\ntwo\n" && pasts == [true, false])
    }

    @Test func aRotatedLogIsReadToItsEndAndThenTheNewOne() async throws {
        let scene = try Scene()
        try scene.write("one\n")
        try await scene.following { pieces in
            try await pieces.until { $0.text == "one\n" }
            try FileManager.default.moveItem(atPath: scene.path, toPath: scene.path + ".1")
            let old = try #require(FileHandle(forWritingAtPath: scene.path + ".1"))
            try old.seekToEnd()
            try old.write(contentsOf: Data("late\n".utf8))
            try scene.write("two\n")
            try await pieces.until { $0.text.hasSuffix("two\n") }
        }
        #expect(scene.pieces.text == "one\nlate\ntwo\n")
        #expect(!scene.pieces.restarts.isEmpty)
    }

    @Test func aTruncatedLogBeginsAnew() async throws {
        let scene = try Scene()
        try scene.write("a long first line\n")
        try await scene.following { pieces in
            try await pieces.until { !$0.text.isEmpty }
            try scene.write("new\n")
            try await pieces.until { $0.text.hasSuffix("new\n") }
        }
        #expect(scene.pieces.text == "a long first line\nnew\n" && scene.pieces.restarts == [.truncated])
    }

    @Test func aDeletedLogIsWaitedFor() async throws {
        let scene = try Scene()
        try await scene.following { pieces in
            try await pieces.until { !$0.all.isEmpty }
            #expect(pieces.all == [.missing("The log \(scene.path) is not there yet.")])
            try scene.write("one\n")
            try await pieces.until { $0.text == "one\n" }
            try FileManager.default.removeItem(atPath: scene.path)
            try await pieces.until { $0.all.contains(.missing("The log \(scene.path) was deleted.")) }
            try scene.write("two\n")
            try await pieces.until { $0.text.hasSuffix("two\n") }
        }
        #expect(scene.pieces.text == "one\ntwo\n" && scene.pieces.restarts == [.returned])
    }

    @Test func whoComesBackGetsOnlyWhatIsNew() async throws {
        let scene = try Scene()
        try scene.write("one\ntwo\n")
        try await scene.following(from: BuildPlace(offset: 4)) { pieces in
            try await pieces.until { $0.all.contains(.caughtUp) }
        }
        #expect(scene.pieces.text == "two\n")
        let cut = try Scene()
        try cut.write("x\n")
        try await cut.following(from: BuildPlace(offset: 400)) { pieces in
            try await pieces.until { $0.all.contains(.caughtUp) }
        }
        #expect(cut.pieces.text == "x\n" && cut.pieces.restarts == [.truncated])
    }

    @Test func itEndsWhenNothingMoreComes() async throws {
        let scene = try Scene()
        try scene.write("one\n")
        let isOver = Mutex(false)
        let follower = LogFollower(path: scene.path, time: .system) { isOver.withLock { $0 } }
        async let end: Void = follower.follow(from: .start) { scene.pieces.add($0) }
        try await scene.pieces.until { $0.text == "one\n" }
        try scene.add("last\n")
        isOver.withLock { $0 = true }
        try await end
        #expect(scene.pieces.text == "one\nlast\n")
        await #expect(throws: UpstreamProblem.self) {
            try await LogFollower(path: scene.folder, time: .system).follow(from: .start) { _ in }
        }
        try? FileManager.default.removeItem(atPath: scene.folder)
    }
}
