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

    private static let pending = """
        {"images": [{"imageId": "hpc", "imageBuildStatus": "BUILD_IN_PROGRESS", "region": "eu-west-1", "version": "3.9.0"},
         {"odd": 1}]}
        """

    @Test func imagesOfParallelClusterAreListedInThreeWorlds() async throws {
        let answers = Answers()
        answers.set("list-images --image-status PENDING", Self.pending)
        answers.set(
            "list-images --image-status FAILED",
            #"{"images": [{"imageId": "bad", "imageBuildStatus": "BUILD_FAILED", "region": "eu-west-1"}]}"#)
        answers.set("list-images --image-status AVAILABLE", #"{"images": []}"#)
        answers.set(
            "describe-image --image-id hpc",
            """
            {"imageId": "hpc", "imageBuildStatus": "BUILD_IN_PROGRESS", "imagebuilderImageStatus": "BUILDING",
             "cloudformationStackCreationTime": "2026-11-20T21:00:00.000Z"}
            """)
        answers.set(
            "describe-image --image-id bad",
            #"{"imageId": "bad", "imageBuildStatus": "BUILD_FAILED", "cloudformationStackCreationTime": "2026-11-20T20:00:00Z"}"#
        )
        func event(_ resource: String, _ status: String, _ minute: Int, _ reason: String = "") -> String {
            """
            {"logicalResourceId": "\(resource)", "resourceType": "AWS::X", "resourceStatus": "\(status)",
             "resourceStatusReason": "\(reason)", "timestamp": "2026-11-20T21:0\(minute):00Z"}
            """
        }
        answers.set(
            "get-image-stack-events --image-id hpc",
            "{\"events\": [\(event("Image", "CREATE_IN_PROGRESS", 3)), \(event("Recipe", "CREATE_COMPLETE", 2)),"
                + "\(event("Recipe", "CREATE_IN_PROGRESS", 1))]}")
        answers.set(
            "get-image-stack-events --image-id bad",
            "{\"events\": [\(event("Role", "CREATE_FAILED", 4, "Resource creation cancelled")),"
                + "\(event("Image", "CREATE_FAILED", 3, "no such component"))]}")
        let builds = PclusterImages(region: "eu-west-1", commands: answers, time: ManualTime().source)
        let known = try await builds.builds()
        #expect(known.map(\.id) == ["hpc", "bad"] && known[0].stage == .installing)
        #expect(known[0].steps.map(\.name) == ["Recipe", "Image"] && known[0].steps[1].endedAt == nil)
        #expect(known[1].failure == "Image: no such component")
        let count = answers.questions.count
        _ = try await builds.builds()
        #expect(answers.questions.count == count + 5, "what has failed is not described again")
        answers.set("list-images --image-status PENDING", #"{"message": "Rate exceeded"}"#, status: 1)
        let problem = await #expect(throws: UpstreamProblem.self) { try await builds.builds() }
        #expect(problem?.sentence == "pcluster says: Rate exceeded")
    }
}
