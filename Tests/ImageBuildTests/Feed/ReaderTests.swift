import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import ImageBuild

@Suite("Builds that others run")
struct ReaderTests {
    /// Answers by the words of a command.
    private final class Answers: CommandDoor {
        private let answers = Mutex<[(words: String, result: CommandResult)]>([])
        private let asked = Mutex<[String]>([])

        func set(_ words: String, _ output: String, status: Int = 0, errors: String = "") {
            let result = CommandResult(status: status, output: Data(output.utf8), errors: errors)
            answers.withLock { answers in
                answers.removeAll { $0.words == words }
                answers.append((words, result))
            }
        }

        var questions: [String] { asked.withLock { $0 } }

        func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
            let line = ([command.program] + command.arguments).joined(separator: " ")
            asked.withLock { $0.append(line) }
            guard let answer = answers.withLock({ $0.first { line.contains($0.words) } }) else { throw .missing }
            return answer.result
        }

        func converse(
            _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
        ) async throws(CommandProblem) { throw .missing }
    }

    private static func folder(_ json: String, name: String = "~/.pctl/ami-builds") -> BuildFolder {
        BuildFolder(
            path: name,
            list: { () throws(BuildFolder.Problem) in
                [.init(name: "b-1.json", modifiedAt: ManualTime.start, size: json.utf8.count)]
            }, read: { (_: String, _: Int) throws(BuildFolder.Problem) in Data(json.utf8) })
    }

    private static let installing = """
        {"build_id": "b-1", "instance_id": "i-0aa11bb22cc33dd44", "status": "installing", "progress": 20,
         "start_time": "2026-11-20T21:00:00Z", "template_name": "starter", "region": "us-west-2", "package_count": 5}
        """

    @Test func theTagIsNewerThanThePctlFile() async throws {
        let answers = Answers()
        answers.set(
            "describe-tags", #"{"Tags": [{"Key": "pctl-progress", "Value": "85% - Integrating Spack with Lmod"}]}"#)
        let time = ManualTime()
        let builds = PctlBuilds(
            folders: [Self.folder(Self.installing)], aws: AwsQuestions(commands: answers), time: time.source)
        let known = try #require(try await builds.builds().first)
        #expect(known.told == "85% - Integrating Spack with Lmod" && known.stage == .installing && known.hasLog)
        #expect(known.record.name == "starter" && known.record.origin == .pctl && known.packageCount == 5)
        #expect(
            answers.questions == [
                "aws ec2 describe-tags --filters Name=resource-id,Values=i-0aa11bb22cc33dd44 Name=key,Values=pctl-progress"
                    + " --region us-west-2 --output json"
            ])
        _ = try await builds.builds()
        #expect(answers.questions.count == 1, "every 30 seconds")
        time.advance(by: 31)
        answers.set("describe-tags", "", status: 254, errors: "An error occurred (UnauthorizedOperation)\n")
        let later = try #require(try await builds.builds().first)
        #expect(later.told == known.told && later.troubles == ["aws says: An error occurred (UnauthorizedOperation)"])
    }

    @Test func theConsoleIsReadOnFromWhereItWas() async throws {
        let answers = Answers()
        answers.set("describe-tags", "{}")
        let time = ManualTime()
        let builds = PctlBuilds(
            folders: [Self.folder(Self.installing)], aws: AwsQuestions(commands: answers), time: time.source)
        _ = try await builds.builds()
        let first = (0..<400).map { "line \($0)\\n" }.joined()
        answers.set("get-console-output", #"{"InstanceId": "i", "Output": "\#(first)"}"#)
        let pieces = Pieces()
        let task = Task { try await builds.follow("b-1", from: .start) { pieces.add($0) } }
        try await pieces.until { $0.all.contains(.caughtUp) }
        // The oldest lines have fallen out.
        let second = (100..<403).map { "line \($0)\\n" }.joined()
        answers.set("get-console-output", #"{"InstanceId": "i", "Output": "\#(second)"}"#)
        await time.untilAsleep()
        time.advance(by: 30)
        try await pieces.until { $0.text.hasSuffix("line 402\n") }
        task.cancel()
        _ = try? await task.value
        #expect(pieces.text == (0..<403).map { "line \($0)\n" }.joined() && pieces.restarts.isEmpty)
    }

    @Test func anImageOfPctlIsDoneWhateverTheFileSays() async throws {
        let json = """
            {"build_id": "b-1", "ami_id": "ami-1", "status": "failed", "progress": 100, "template_name": "starter",
             "error_message": "Build did not complete successfully", "end_time": "2026-11-20T21:50:00Z"}
            """
        let builds = PctlBuilds(folders: [Self.folder(json, name: "~/.petal/ami-builds")], aws: nil, time: .system)
        let known = try #require(try await builds.builds().first)
        var reading = BuildReading(known)
        reading.take(known, now: ManualTime.start)
        reading.advance(BuildMemory(), now: ManualTime.start)
        let item = ImageRules(source: SourceID("p"), place: "p").item(
            reading, memory: BuildMemory(), now: ManualTime.start)
        #expect(item.state == .done && item.progress?.percent ?? 100 == 100)
        guard case .image(let detail) = item.detail else { Issue.record("no image"); return }
        #expect(detail.imageID == "ami-1" && detail.origin == .petal)
        #expect(detail.troubles.first?.contains("the image is there") == true)
    }

    /// The recorded answers: one image is being built, one failed, one is there.
    private static func recorded() throws -> ScriptedPcluster {
        let door = ScriptedPcluster()
        for (status, name) in [("PENDING", "pending"), ("FAILED", "failed"), ("AVAILABLE", "available")] {
            try door.answer(.listImages, page: status, fixture: "list-images-\(name)")
        }
        for (image, name) in [("building", "building"), ("broken", "broken"), ("gold", "available")] {
            try door.answer(.describeImage, of: image, fixture: "describe-image-\(name)")
        }
        try door.answer(.imageStackEvents, of: "broken", fixture: "image-stack-events")
        return door
    }

    @Test func imagesOfParallelClusterAreListedInThreeWorlds() async throws {
        let door = try Self.recorded()
        door.answer(
            .imageStackEvents, of: "building",
            #"{"events": [{"logicalResourceId": "ImageRecipe", "resourceType": "AWS::ImageBuilder::ImageRecipe","#
                + #" "resourceStatus": "CREATE_IN_PROGRESS", "timestamp": "2026-11-20T22:08:16Z"}, {"odd": 1}]}"#)
        let builds = PclusterImages(region: "us-east-1", door: door, time: ManualTime().source)
        let known = try await builds.builds()
        #expect(known.map(\.id) == ["building", "broken", "gold"] && known[0].stage == .installing)
        #expect(known[0].steps.map(\.name) == ["ImageRecipe"] && known[0].steps[0].endedAt == nil)
        #expect(known[1].failure == "ParallelClusterImage: Image build failed in step ApplyBuildComponents")
        #expect(known[2].image?.id == "ami-49a428672938af836" && known[2].record.startedAt == nil)
        let count = door.asked.count
        _ = try await builds.builds()
        #expect(door.asked.count == count + 5, "what has ended is not described again")

        // It becomes an image: how long that took is known, because its building was seen.
        door.answer(.listImages, page: "PENDING", #"{"images": []}"#)
        door.answer(
            .listImages, page: "AVAILABLE",
            #"{"images": [{"imageId": "building", "imageBuildStatus": "BUILD_COMPLETE", "region": "us-east-1"}]}"#)
        door.answer(
            .describeImage, of: "building",
            #"{"imageId": "building", "imageBuildStatus": "BUILD_COMPLETE", "creationTime": "2026-11-20T22:58:15Z","#
                + #" "ec2AmiInfo": {"amiId": "ami-1", "amiName": "hpc"}}"#)
        let done = try #require(try await builds.builds().first { $0.id == "building" })
        #expect(done.life == .ended(BuildEnd(status: 0, at: try #require(WireTime.date("2026-11-20T22:58:15Z")))))
        #expect(done.record.startedAt == WireTime.date("2026-11-20T22:08:15.560Z"))

        door.refuseEverything(.refused(message: "Rate exceeded"))
        let problem = await #expect(throws: UpstreamProblem.self) { try await builds.builds() }
        #expect(problem?.sentence == "AWS is throttling this account.")
    }

    @Test func theLogOfAnImageIsReadPageByPageAndFollowed() async throws {
        let door = try Self.recorded()
        let time = ManualTime()
        let builds = PclusterImages(region: "us-east-1", door: door, time: time.source)
        _ = try await builds.builds()
        let pieces = Pieces()
        let task = Task { try await builds.follow("building", from: .start) { pieces.add($0) } }
        try await pieces.until { $0.all.contains(.missing("EC2 Image Builder has written no log yet.")) }

        func page(_ lines: [String], next: String) -> String {
            let events = lines.map { #"{"timestamp": "2026-11-20T22:10:00Z", "message": "\#($0)"}"# }
            return "{\"events\": [\(events.joined(separator: ","))], \"nextToken\": \"\(next)\", \"prevToken\": \"p\"}"
        }
        door.answer(
            .listImageLogStreams, of: "building",
            #"{"logStreams": [{"logStreamName": "3.16.1/1", "lastEventTimestamp": "2026-11-20T22:10:00Z"}]}"#)
        door.answer(.imageLogEvents, of: "building", page: "3.16.1/1", page(["one", "two\\n"], next: "f/1"))
        door.answer(.imageLogEvents, of: "building", page: "f/1", page([], next: "f/1"))
        await time.untilAsleep()
        time.advance(by: 30)
        try await pieces.until { $0.text == "one\ntwo\n" }
        door.answer(.imageLogEvents, of: "building", page: "f/1", page(["three"], next: "f/2"))
        door.answer(.imageLogEvents, of: "building", page: "f/2", page([], next: "f/2"))
        await time.untilAsleep()
        time.advance(by: 30)
        try await pieces.until { $0.text == "one\ntwo\nthree\n" }
        task.cancel()
        _ = try? await task.value
        #expect(pieces.restarts.isEmpty)
    }
}
