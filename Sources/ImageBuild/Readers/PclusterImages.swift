import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The images that `pcluster build-image` makes in one region. Each look is three lists, and two questions for each that is being built;
/// over the warm interpreter that the clusters of the region use, too, they cost some milliseconds each. Source: wire-formats 2.
public actor PclusterImages: BuildDoor {
    private static let mostPages = 10
    private static let mostSteps = 40
    /// Images that were there or had failed before are described once each, and not all of them.
    private static let mostPast = 5
    /// Seconds between two looks at a log.
    private static let logPeriod: Double = 30

    private let region: String
    private let door: any PclusterDoor
    private let time: TimeSource
    /// What has ended does not change any more.
    private var past: [String: KnownBuild] = [:]
    /// Those whose building was seen, and when it began: an image that is there does not say.
    private var seen: [String: Date?] = [:]
    private var over: Set<String> = []
    /// Where reading a log goes on: its stream, and the token of its next page.
    private var tokens: [String: (stream: String, token: String)] = [:]

    public init(region: String, door: any PclusterDoor, time: TimeSource) {
        self.region = region
        self.door = door
        self.time = time
    }

    public func builds() async throws(UpstreamProblem) -> [KnownBuild] {
        // `list-images` gives one of three worlds at a time.
        let pending = try await list("PENDING")
        let failed = try await list("FAILED")
        let available = try await list("AVAILABLE")
        var builds: [KnownBuild] = []
        for image in pending {
            past[image.imageID] = nil
            let known = try await known(image)
            seen[image.imageID] = .some(known.record.startedAt)
            builds.append(known)
        }
        var asked = 0
        for image in failed + available {
            if let known = past[image.imageID] {
                builds.append(known)
                continue
            }
            // Those whose building was seen come first; of the others some.
            guard seen.keys.contains(image.imageID) || asked < Self.mostPast else { continue }
            asked += 1
            let known = try await known(image)
            past[image.imageID] = known
            builds.append(known)
        }
        over = Set(builds.filter(\.isOver).map(\.id))
        tokens = tokens.filter { token in builds.contains { $0.id == token.key } }
        return builds
    }

    // MARK: the log, which EC2 Image Builder keeps in CloudWatch

    public func follow(
        _ id: String, from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {
        var offset = place.offset
        if place == .start { tokens[id] = nil }
        while !Task.isCancelled {
            // Looked at before the log: what was written until then is read below.
            let isLast = over.contains(id)
            if let stream = try await stream(of: id) {
                let isPast = tokens[id] == nil
                if let known = tokens[id], known.stream != stream {
                    // The image is built again under the same name.
                    tokens[id] = nil
                    offset = 0
                    await take(.restarted(.rotated))
                }
                offset = try await read(id, stream, from: offset, isPast: isPast, take)
            } else {
                await take(.missing("EC2 Image Builder has written no log yet."))
            }
            await take(.caughtUp)
            guard !isLast, (try? await time.sleep(Self.logPeriod)) != nil else { return }
        }
    }

    /// The stream that was last written to.
    private func stream(of id: String) async throws(UpstreamProblem) -> String? {
        let streams: WireImageLog.Streams? = try await ask(
            PclusterQuestion(.listImageLogStreams, region: region, image: id))
        return streams?.streams.max { ($0.lastAt ?? .distantPast) < ($1.lastAt ?? .distantPast) }?.name
    }

    /// - Returns: the place that it has reached.
    private func read(
        _ id: String, _ stream: String, from place: Int, isPast: Bool, _ take: @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) -> Int {
        var offset = place
        for _ in 0..<Self.mostPages {
            let token = tokens[id]?.token
            let page: WireImageLog.Page? = try await ask(
                PclusterQuestion(
                    .imageLogEvents, region: region, image: id,
                    parameters: [("log-stream-name", stream), ("start-from-head", "true")]
                        + (token.map { [("next-token", $0)] } ?? [])))
            guard let page else { return offset }
            let bytes = page.bytes
            let written = page.events.compactMap(\.at).max() ?? time.now()
            for start in stride(from: 0, to: bytes.count, by: BuildPiece.largest) {
                let part = Array(bytes[start..<min(bytes.count, start + BuildPiece.largest)])
                offset += part.count
                await take(.bytes(part, place: BuildPlace(offset: offset), written: written, isPast: isPast))
            }
            guard let next = page.next else { return offset }
            tokens[id] = (stream, next)
            if next == token { return offset }
        }
        return offset
    }

    private func known(_ listed: WireImage) async throws(UpstreamProblem) -> KnownBuild {
        let image = try await describe(listed.imageID) ?? listed
        let isDone = image.status == "BUILD_COMPLETE"
        // The stack of an image that is done has gone, and its events with it.
        let events = isDone ? [] : try await events(listed.imageID)
        let record = BuildRecord(
            id: image.imageID, name: image.imageID, origin: .pcluster, template: image.imageID, region: region,
            // Of an image that is there only its own creation is told, which is its end.
            startedAt: isDone ? seen[image.imageID].flatMap { $0 } : image.createdAt)
        var known = KnownBuild(record: record, life: .running, stage: .installing, hasLog: !isDone)
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
            let page: WireImage.Page? = try await ask(
                PclusterQuestion(
                    .listImages, region: region,
                    parameters: [("image-status", status)] + (next.map { [("next-token", $0)] } ?? [])))
            images += page?.images ?? []
            next = page?.next
            if next == nil { break }
        }
        return images
    }

    /// - Returns: nil where it has gone between two questions, or can only be listed.
    private func describe(_ id: String) async throws(UpstreamProblem) -> WireImage? {
        try await ask(PclusterQuestion(.describeImage, region: region, image: id))
    }

    private func events(_ id: String) async throws(UpstreamProblem) -> [WireStackEvent] {
        var events: [WireStackEvent] = []
        var next: String?
        for _ in 0..<Self.mostPages {
            let page: WireStackEvent.Page? = try await ask(
                PclusterQuestion(
                    .imageStackEvents, region: region, image: id,
                    parameters: next.map { [("next-token", $0)] } ?? []))
            events += page?.events ?? []
            next = page?.next
            if next == nil { break }
        }
        return events
    }

    /// - Returns: nil when there is no data, or only this question is refused.
    /// - Throws: what keeps the whole region from answering.
    private func ask<Answer: Decodable>(_ question: PclusterQuestion) async throws(UpstreamProblem) -> Answer? {
        do throws(PclusterProblem) {
            let data = try await door.ask(question)
            guard !data.allSatisfy({ $0 <= 0x20 }) else { return nil }
            guard let answer = try? JSONDecoder().decode(Answer.self, from: data) else { throw .unreadable }
            return answer
        } catch {
            // A list that is refused hides all images, whatever the reason.
            guard error.isOfRegion || question.image == nil else { return nil }
            throw error.upstream
        }
    }
}
