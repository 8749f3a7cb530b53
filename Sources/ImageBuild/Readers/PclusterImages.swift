import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The images that `pcluster build-image` makes in one region. Each look is three lists, and two questions for each that is being built:
/// a process each, about a second of CPU, so it is not asked often. Source: wire-formats 2.
public actor PclusterImages: BuildDoor {
    /// Seconds that an answer may take.
    private static let deadline: Double = 20
    private static let largest = 8 << 20
    private static let mostPages = 10
    private static let mostSteps = 40
    /// Images that were there or had failed before are described once each, and not all of them.
    private static let mostPast = 5

    private let program: String
    private let region: String
    private let environment: [String: String]
    private let commands: any CommandDoor
    private let time: TimeSource
    /// What has ended does not change any more.
    private var past: [String: KnownBuild] = [:]
    private var seen: Set<String> = []

    public init(
        program: String = "pcluster", region: String, profile: String? = nil, commands: any CommandDoor,
        time: TimeSource
    ) {
        self.program = program
        self.region = region
        environment = profile.map { ["AWS_PROFILE": $0] } ?? [:]
        self.commands = commands
        self.time = time
    }

    public func builds() async throws(UpstreamProblem) -> [KnownBuild] {
        // `list-images` gives one of three worlds at a time.
        let pending = try await list("PENDING")
        let failed = try await list("FAILED")
        let available = try await list("AVAILABLE")
        var builds: [KnownBuild] = []
        for image in pending {
            seen.insert(image.imageID)
            past[image.imageID] = nil
            builds.append(try await known(image))
        }
        var asked = 0
        for image in failed + available {
            if let known = past[image.imageID] {
                builds.append(known)
                continue
            }
            // Those whose building was seen come first; of the others some.
            guard seen.contains(image.imageID) || asked < Self.mostPast else { continue }
            asked += 1
            let known = try await known(image)
            past[image.imageID] = known
            builds.append(known)
        }
        return builds
    }

    /// Images have no log here; theirs are in CloudWatch.
    public func follow(
        _ id: String, from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {}

    private func known(_ listed: WireImage) async throws(UpstreamProblem) -> KnownBuild {
        let image = try await describe(listed.imageID) ?? listed
        let isDone = image.status == "BUILD_COMPLETE"
        // The stack of an image that is done has gone, and its events with it.
        let events = isDone ? [] : (try? await events(listed.imageID)) ?? []
        let record = BuildRecord(
            id: image.imageID, name: image.imageID, origin: .pcluster, template: image.imageID, region: region,
            startedAt: image.createdAt)
        var known = KnownBuild(record: record, life: .running, stage: .installing, hasLog: false)
        known.steps = WireStackEvent.steps(events, most: Self.mostSteps)
        known.heardAt = events.map(\.at).max()
        switch image.builderStatus {
        case "PENDING", "CREATING": known.stage = .launching
        case "DISTRIBUTING", "INTEGRATING": known.stage = .creating
        default: break
        }
        let end = known.heardAt ?? image.createdAt ?? time.now()
        switch image.status {
        case "BUILD_COMPLETE":
            known.life = .ended(BuildEnd(status: 0, at: end))
            known.image = BuildImage(
                id: image.amiID, name: image.amiName ?? image.imageID, state: .available, endedAt: end)
        case "BUILD_FAILED":
            known.life = .ended(BuildEnd(status: 1, at: end))
            known.failure =
                WireStackEvent.cause(events) ?? image.reason ?? image.stackReason ?? "pcluster gives no reason."
            known.next = ["pcluster get-image-stack-events -i \(ShellText.word(image.imageID)) -r \(region)"]
        case "BUILD_IN_PROGRESS": break
        default: known.troubles.append("pcluster says \(image.status.isEmpty ? "nothing" : image.status) of it.")
        }
        return known
    }

    // MARK: questions

    private func list(_ status: String) async throws(UpstreamProblem) -> [WireImage] {
        var images: [WireImage] = []
        var next: String?
        for _ in 0..<Self.mostPages {
            let page = try await ask(
                WireImage.Page.self,
                ["list-images", "--image-status", status] + (next.map { ["--next-token", $0] } ?? []))
            images += page.images
            next = page.next
            if next == nil { break }
        }
        return images
    }

    private func describe(_ id: String) async throws(UpstreamProblem) -> WireImage? {
        do throws(UpstreamProblem) {
            return try await ask(WireImage.self, ["describe-image", "--image-id", id])
        } catch {
            // It may have gone between two questions.
            if case .status = error.reason { return nil }
            throw error
        }
    }

    private func events(_ id: String) async throws(UpstreamProblem) -> [WireStackEvent] {
        var events: [WireStackEvent] = []
        var next: String?
        for _ in 0..<Self.mostPages {
            let page = try await ask(
                WireStackEvent.Page.self,
                ["get-image-stack-events", "--image-id", id] + (next.map { ["--next-token", $0] } ?? []))
            events += page.events
            next = page.next
            if next == nil { break }
        }
        return events
    }

    private func ask<Answer: Decodable>(
        _ type: Answer.Type, _ words: [String]
    ) async throws(UpstreamProblem) -> Answer {
        let result: CommandResult
        do throws(CommandProblem) {
            result = try await commands.run(
                Command(program, words + ["--region", region], environment: environment), deadline: Self.deadline,
                limit: Self.largest)
        } catch {
            throw Self.problem(error, program: program)
        }
        guard result.status == 0 else { throw Self.refusal(result) }
        guard let answer = try? JSONDecoder().decode(type, from: result.output) else {
            throw UpstreamProblem(
                .unreadable, "pcluster answered with something that is not its JSON.",
                advice: "Run the same command by hand; `slipway doctor` says which program is used.")
        }
        return answer
    }

    private static func problem(_ problem: CommandProblem, program: String) -> UpstreamProblem {
        switch problem {
        case .missing:
            UpstreamProblem(
                .misconfigured, "There is no program \(program) on this machine.",
                advice: "Install it with `pip install aws-parallelcluster`.")
        case .timedOut(let seconds):
            UpstreamProblem(
                .timedOut, "pcluster did not answer within \(DurationText.short(seconds)).",
                advice: "AWS is probably throttling this account; it is asked again, less often.")
        case .tooLarge(let bytes):
            UpstreamProblem(.tooLarge(bytes), "pcluster answered too much.", advice: "It is asked again by itself.")
        case .failed(let reason):
            UpstreamProblem(.cut, "pcluster ended: \(reason).", advice: "It is asked again by itself.")
        }
    }

    /// Errors are JSON on the standard output; usage errors are plain text.
    private static func refusal(_ result: CommandResult) -> UpstreamProblem {
        struct Refusal: Decodable { var message: String }
        let told = (try? JSONDecoder().decode(Refusal.self, from: result.output))?.message
        let lines = result.errors.split(whereSeparator: \.isNewline)
        let text = told ?? lines.last.map(String.init) ?? "it ended with status \(result.status)"
        return UpstreamProblem(
            .status(result.status), "pcluster says: \(SecretText.line(text, limit: 200))",
            advice: "Check credentials and region; `slipway doctor` tries them.")
    }
}
