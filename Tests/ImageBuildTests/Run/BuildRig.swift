import Fleet
import Foundation
import ImageBuild
import Synchronization
import TestSupport
import Upstream

/// A state folder, and builds in it with a stand-in for Spack. Everything that is left of them is ended with it.
final class BuildRig: Sendable {
    let state: String
    let builds: LocalBuilds
    static let commands: SubprocessDoor = {
        // As the command does: a program that ends before it has read its input must not end us.
        signal(SIGPIPE, SIG_IGN)
        return SubprocessDoor(time: .patient)
    }()

    static var spack: String {
        Fixtures.tests.appendingPathComponent("Fixtures/spack/stand-in").resolvingSymlinksInPath().path
    }

    init() throws {
        state = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/slipway-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        builds = LocalBuilds(state: state, commands: Self.commands, time: .patient)
    }

    static func request(_ packages: [String], deadline: Double = 60) -> BuildRequest {
        BuildRequest(
            name: "starter", template: "starter", packages: packages, program: spack, deadline: deadline, period: 1)
    }

    /// As another Slipway would find them.
    var others: LocalBuilds { LocalBuilds(state: state, commands: Self.commands, time: .patient) }

    func remove() async {
        for build in (try? await builds.builds()) ?? [] where !build.isOver { try? await builds.stop(build.id) }
        try? FileManager.default.removeItem(atPath: state)
    }

    func text(_ id: String, _ name: String) -> String {
        (try? String(contentsOfFile: "\(builds.folder)/\(id)/\(name)", encoding: .utf8)) ?? ""
    }

    func known(_ id: String) async throws -> KnownBuild? { try await builds.builds().first { $0.id == id } }

    /// Waits until the build is as asked, at most 20 s.
    func until(_ id: String, _ isThere: (KnownBuild) -> Bool) async throws -> KnownBuild? {
        for _ in 0..<400 {
            if let known = try await known(id), isThere(known) { return known }
            try await Task.sleep(for: .milliseconds(50))
        }
        return try await known(id)
    }

    func untilLog(_ id: String, has text: String) async throws {
        for _ in 0..<400 where !self.text(id, "log").contains(text) { try await Task.sleep(for: .milliseconds(50)) }
    }

    /// The processes that a build has started and that still run. The pattern does not find itself.
    func left(of id: String) async throws -> String {
        let script = "grep -l -a \"$1\" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null"
        let result = try await Self.commands.run(
            Command("/bin/sh", ["-c", script, "sh", "builds/[\(id.prefix(1))]\(id.dropFirst())"]), deadline: 10,
            limit: 1 << 16)
        return String(decoding: result.output, as: UTF8.self)
    }

    /// Whether nothing of it runs any more; what is just ending may take its moment.
    func isClean(_ id: String) async throws -> Bool {
        for _ in 0..<100 {
            if try await left(of: id).isEmpty { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    /// The whole log of a build, read again from its file.
    func log(_ id: String) async throws -> BuildLog {
        guard let known = try await known(id) else { return BuildLog() }
        let pieces = Pieces()
        try await builds.follow(id, from: .start) { pieces.add($0) }
        var reading = BuildReading(known)
        for piece in pieces.all { reading.take(piece, now: Date()) }
        reading.finish(now: Date())
        return reading.log
    }
}

/// Collects what is followed.
final class Pieces: Sendable {
    private let pieces = Mutex<[BuildPiece]>([])

    func add(_ piece: BuildPiece) { pieces.withLock { $0.append(piece) } }

    var all: [BuildPiece] { pieces.withLock { $0 } }

    var text: String {
        String(
            decoding: all.flatMap { piece -> [UInt8] in
                if case .bytes(let bytes, _, _, _) = piece { bytes } else { [] }
            }, as: UTF8.self)
    }

    var restarts: [BuildRestart] {
        all.compactMap { if case .restarted(let restart) = $0 { restart } else { nil } }
    }

    /// Waits until something is there, at most 10 s.
    func until(_ isThere: (Pieces) -> Bool) async throws {
        for _ in 0..<400 where !isThere(self) { try await Task.sleep(for: .milliseconds(25)) }
    }
}
