import ArgumentParser
import Fleet
import ImageBuild
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is done about a build's image while the build is told: making it when the packages are there, or following what another command
/// has begun. What is known of it is written down, where the feed finds it.
struct AmiImageWork: Sendable {
    enum Role: Sendable, Equatable {
        /// Waits for the packages, then makes it.
        case makes
        /// Makes nothing. It asks AWS when nobody else does, and says what nobody does.
        case watches
    }

    /// Seconds between two looks at the builds, as the feed does it.
    private static let here: Double = 2
    private static let remote: Double = 10
    /// An image at which nobody has looked for so long is nobody's. Seconds.
    private static let stale: Double = 40
    /// Whoever makes it begins within so many seconds of the end of the packages.
    private static let grace: Double = 30

    let role: Role
    /// The build, or for one who watches the beginning of its id; nil takes the newest.
    let id: String?
    /// The builder; nil for this machine.
    let host: String?
    let door: any BuildDoor
    let local: LocalBuilds
    let time = TimeSource.system

    init(_ role: Role, id: String?, host: String?, _ paths: Paths) {
        self.role = role
        self.id = id
        self.host = host
        local = ImageSources.local(paths, time: .system)
        door = host.map { ImageSources.remote($0, paths, time: .system) as any BuildDoor } ?? local
    }

    /// Does it beside `body`, which tells the build, and ends with it.
    ///
    /// - Parameter interruption: a word in it ends both; what is left is said.
    /// - Throws: `CommandFailure` for an image that nobody makes or that cannot be followed; the exit code of a program that was
    ///   interrupted.
    func beside(
        _ interruption: AsyncStream<Void> = AsyncStream { _ in },
        _ body: @escaping @Sendable () async throws -> ExitStatus
    ) async throws -> ExitStatus {
        try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await run()
                return nil
            }
            group.addTask {
                for await _ in interruption {
                    tellLeft()
                    // SIGINT, as shells say it.
                    throw ExitCode(130)
                }
                return nil
            }
            defer { group.cancelAll() }
            while let next = try await group.next() { if let next { return next } }
            return .failed
        }
    }

    /// Whether the packages are there or have failed, so that there is no build any more that could be ended.
    func isBuilt() async -> Bool {
        if let id, local.image(of: id) != nil { return true }
        return await build()?.isOver ?? false
    }

    private func tellLeft() {
        guard let id else { return }
        let word = ShellText.word(id) + on
        if let image = local.image(of: id)?.id {
            Output.error("slipway: The packages are installed, and AWS goes on with the image \(image).")
            Output.error("  `slipway ami watch \(word)` follows it.")
        } else {
            Output.error("slipway: The packages are installed; AWS may not have been asked for the image yet.")
            Output.error("  `slipway ami image \(word)` finds it or makes it.")
        }
    }

    private var on: String { host.map { " --on \(ShellText.word($0))" } ?? "" }

    // MARK: the work

    private func run() async throws {
        var seenAt: Double?
        while true {
            if let build = await build() {
                switch role {
                case .makes:
                    guard build.isOver else { break }
                    return try await make(build)
                case .watches:
                    if build.lacksImage { seenAt = seenAt ?? time.uptime() }
                    if try await watch(build, since: seenAt) { return }
                }
            }
            try await time.sleep(host == nil ? Self.here : Self.remote)
        }
    }

    private func build() async -> KnownBuild? {
        // What keeps the place from answering is told by the feed.
        guard let builds = try? await door.builds() else { return nil }
        let found = builds.filter { build in
            guard let id else { return true }
            return build.id == id || role == .watches && (build.id.hasPrefix(id) || build.record.name == id)
        }
        return found.max { ($0.record.startedAt ?? .distantPast, $0.id) < ($1.record.startedAt ?? .distantPast, $1.id) }
    }

    private func make(_ build: KnownBuild) async throws {
        guard case .ended(let end) = build.life, end.status == 0, let wish = build.image?.wish ?? build.record.image,
            let name = build.image?.name ?? build.record.imageName, build.image.map({ $0.state == .pending }) ?? true
        else { return }
        try await following(build) { tell throws(UpstreamProblem) in
            try await ImageSources.maker(program: wish.program, profile: wish.profile).make(
                name, of: build.record, wish: wish, known: build.image, on: ImageSources.machine(host), tell: tell)
        }
    }

    /// - Parameter since: when it was first seen that nobody has begun its image.
    /// - Returns: whether nothing more is to be watched.
    private func watch(_ build: KnownBuild, since: Double?) async throws -> Bool {
        guard let image = build.image else {
            guard build.lacksImage, let since, case .ended(let end) = build.life else { return build.isOver }
            // A builder's clock may be wrong.
            let waited = host == nil ? time.now().timeIntervalSince(end.at) : time.uptime() - since
            if waited > Self.grace { throw absent(build) }
            return false
        }
        guard image.state == .pending, let wish = image.wish else { return image.state != .pending }
        let age = image.seenAt.map { time.now().timeIntervalSince($0) } ?? .infinity
        guard age > Self.stale else { return false }
        guard image.id != nil else { throw absent(build) }
        try await following(build) { tell throws(UpstreamProblem) in
            try await ImageSources.maker(program: wish.program, profile: wish.profile).follow(image, tell: tell)
        }
        return true
    }

    private func absent(_ build: KnownBuild) -> CommandFailure {
        CommandFailure(
            "The packages of \(build.id) are installed; an image was asked for and is not made yet.",
            advice: "`slipway ami image \(ShellText.word(build.id))\(on)` makes it.", status: .failed)
    }

    private func following(
        _ build: KnownBuild,
        _ work: (_ tell: @Sendable (BuildImage) async -> Void) async throws(UpstreamProblem) -> BuildImage
    ) async throws {
        let (local, id) = (self.local, build.id)
        do throws(UpstreamProblem) {
            _ = try await work { image in
                do throws(UpstreamProblem) {
                    try local.note(image, of: id)
                } catch {
                    Output.error("slipway: \(error.sentence)\n  \(error.advice)")
                }
            }
        } catch {
            throw CommandFailure(
                error.sentence,
                advice: "\(error.advice)\n  AWS goes on with the image; `slipway ami watch \(ShellText.word(id))\(on)` "
                    + "follows it.",
                status: CommandFailure(error).status)
        }
    }
}
