import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The builds that pctl or petal keeps files of. Their progress is in a tag of the builder, their log is the builder's console; both are
/// asked for while they install. Source: wire-formats 4.
public actor PctlBuilds: BuildDoor {
    /// Seconds between two looks at a tag or a console: what pctl itself does.
    private static let period: Double = 30
    /// Of the console this much is needed to find again what was read. Bytes.
    private static let overlap = 2048
    /// Tags that are asked for at one look.
    private static let mostTags = 8

    private let folders: [BuildFolder]
    private let aws: AwsQuestions?
    private let time: TimeSource
    private var listings: [BuildListing?]
    private var tags: [String: Tag] = [:]
    private var over: Set<String> = []
    /// What was last read of a console, so that a reader who comes back is not given it again.
    private var consoles: [String: [UInt8]] = [:]

    private struct Tag {
        var value: String?
        var trouble: String?
        var askedAt: Double
    }

    /// - Parameters:
    ///   - folders: `BuildFolder.paths`; builds that are in several of them are shown once.
    ///   - aws: nil reads the files alone.
    public init(folders: [BuildFolder], aws: AwsQuestions?, time: TimeSource) {
        self.folders = folders
        self.aws = aws
        self.time = time
        listings = folders.map { _ in nil }
    }

    public func builds() async throws(UpstreamProblem) -> [KnownBuild] {
        for (index, folder) in folders.enumerated() {
            listings[index] = folder.look(newest: 200, since: listings[index])
        }
        let looked = listings.compactMap { $0 }
        // A folder that is not there has no builds; one that cannot be read is a problem.
        for listing in looked {
            if case .unreadable(let text) = listing.problem {
                throw UpstreamProblem(
                    .misconfigured, "\(listing.path) cannot be read: \(text)", advice: "Check its permissions.")
            }
        }
        let merged = BuildListing.merged(looked)
        await askTags(merged)
        consoles = consoles.filter { console in merged.contains { $0.id == console.key && !$0.state.isOver } }
        over = Set(merged.filter(\.state.isOver).map(\.id))
        return merged.map { build in known(build, isPetal: isPetal(build, looked)) }
    }

    private func isPetal(_ build: BuildListing.Build, _ listings: [BuildListing]) -> Bool {
        listings.first { $0.builds.contains(build) }?.path.contains(".petal") ?? false
    }

    /// What the files say, and the tag.
    private func known(_ build: BuildListing.Build, isPetal: Bool) -> KnownBuild {
        let state = build.state
        let record = BuildRecord(
            id: build.id, name: state.templateName ?? state.imageName ?? String(build.id.prefix(8)),
            origin: isPetal ? .petal : .pctl, template: state.templateName, host: state.instanceID,
            region: state.region, startedAt: state.startedAt, deadline: BuildRecord.usualDeadline)
        var known = KnownBuild(record: record, life: .running, heardAt: build.file.modifiedAt, hasLog: false)
        known.packageCount = state.packageCount
        known.told = told(build)
        known.failure = state.failure
        known.troubles = state.cautions.map(\.sentence) + [tags[build.id]?.trouble].compactMap { $0 }
        known.next = state.cautions.compactMap(\.nextStep)
        let endedAt = state.endedAt ?? build.file.modifiedAt
        switch state.stage {
        case .launching: known.stage = .launching
        case .installing:
            known.stage = .installing
            known.hasLog = aws != nil && state.instanceID != nil && state.region != nil
        case .creating:
            known.stage = .creating
            known.image = BuildImage(name: state.imageName, state: .pending, startedAt: build.file.modifiedAt)
        case .complete:
            known.life = .ended(BuildEnd(status: 0, at: endedAt))
            known.image = BuildImage(
                id: state.imageID, name: state.imageName, state: .available, percent: 100, endedAt: endedAt)
        case .failed: known.life = .ended(BuildEnd(status: 1, at: endedAt))
        case .unknown(let word):
            known.life = .unknown
            known.troubles.append("pctl's file says \(word.isEmpty ? "nothing" : word) of its state.")
        }
        return known
    }

    /// The tag is newer than the file.
    private func told(_ build: BuildListing.Build) -> String? {
        if let tag = tags[build.id]?.value, !build.state.isOver { return tag }
        guard let message = build.state.progressMessage else {
            return build.state.softwarePercent.map { "\($0)% - " }
        }
        guard PctlProgress(message).percent == nil, let percent = build.state.softwarePercent else { return message }
        return "\(percent)% - \(message)"
    }

    private func askTags(_ builds: [BuildListing.Build]) async {
        tags = tags.filter { tag in builds.contains { $0.id == tag.key } }
        guard let aws else { return }
        let running = builds.filter { $0.state.stage == .installing }
        for build in running.prefix(Self.mostTags) {
            guard let instance = build.state.instanceID, let region = build.state.region else { continue }
            if let last = tags[build.id], time.uptime() - last.askedAt < Self.period { continue }
            var tag = Tag(value: tags[build.id]?.value, askedAt: time.uptime())
            do throws(UpstreamProblem) {
                tag.value = try await aws.progressTag(instance: instance, region: region) ?? tag.value
            } catch {
                tag.trouble = error.sentence
            }
            tags[build.id] = tag
        }
    }

    // MARK: the console

    public func follow(
        _ id: String, from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {
        guard let aws, let build = listings.compactMap({ $0 }).flatMap(\.builds).first(where: { $0.id == id }),
            let instance = build.state.instanceID, let region = build.state.region
        else { return }
        var offset = place.offset
        if place == .start { consoles[id] = nil }
        while !Task.isCancelled {
            let console = [UInt8](try await aws.console(instance: instance, region: region).utf8)
            let last = consoles[id] ?? []
            let fresh = Self.fresh(console, after: last)
            if let fresh, !fresh.isEmpty {
                for start in stride(from: 0, to: fresh.count, by: BuildPiece.largest) {
                    let bytes = Array(fresh[start..<min(fresh.count, start + BuildPiece.largest)])
                    offset += bytes.count
                    await take(
                        .bytes(bytes, place: BuildPlace(offset: offset), written: time.now(), isPast: last.isEmpty))
                }
                consoles[id] = console
            } else if fresh == nil, !console.isEmpty {
                // The instance keeps the last 64 KB, and more than that has come; or it began anew.
                await take(.restarted(.truncated))
                consoles[id] = nil
                offset = 0
                continue
            }
            await take(.caughtUp)
            guard !over.contains(id), (try? await time.sleep(Self.period)) != nil else { return }
        }
    }

    /// What a console has beyond what was read; nil when nothing of that is in it any more.
    static func fresh(_ console: [UInt8], after last: [UInt8]) -> [UInt8]? {
        guard !last.isEmpty else { return console }
        if console.starts(with: last) { return Array(console[last.count...]) }
        let known = Array(last.suffix(overlap))
        guard console.count >= known.count else { return console.isEmpty ? [] : nil }
        // From the end: a console repeats itself.
        for start in stride(from: console.count - known.count, through: 0, by: -1)
        where console[start] == known[0] && console[start..<(start + known.count)].elementsEqual(known) {
            return Array(console[(start + known.count)...])
        }
        return nil
    }
}
