import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import ImageBuild

@Suite("The image of a build")
struct ImageMakerTests {
    private static let wish = ImageWish(instance: "i-0aa11bb22cc33dd44", region: "eu-west-1")
    private static let record = BuildRecord(
        id: "b-1", name: "starter", origin: .slipway, template: "starter", imageName: "starter-b-1", image: wish)

    /// What was told of an image, in its order.
    private final class Told: Sendable {
        private let images = Mutex<[BuildImage]>([])
        var all: [BuildImage] { images.withLock { $0 } }
        func add(_ image: BuildImage) { images.withLock { $0.append(image) } }
    }

    private let aws = AwsScript.ready()
    private let told = Told()
    /// Sleeping moves it, so that nothing waits.
    private let time = JumpingTime()

    private func maker(profile: String? = nil) -> ImageMaker {
        ImageMaker(aws: AwsProgram(profile: profile, commands: aws), time: time.source)
    }

    private var here: BuilderMachine { BuilderMachine(commands: aws, time: time.source) }

    private func make(_ known: BuildImage? = nil) async throws -> BuildImage {
        try await maker().make("starter-b-1", of: Self.record, wish: Self.wish, known: known, on: here) { told.add($0) }
    }

    // MARK: made and followed

    @Test func itIsMadeOnceAndFollowedToItsEnd() async throws {
        aws.set(
            "--image-ids ami-1", AwsScript.error("InvalidAMIID.NotFound", "DescribeImages"),
            .says(AwsScript.image("ami-1", "pending", snapshot: nil)), .says(AwsScript.image("ami-1", "pending")),
            .says(AwsScript.image("ami-1", "pending")), .says(AwsScript.image("ami-1", "pending")),
            .says(AwsScript.image("ami-1", "available")))
        aws.set(
            "describe-snapshots --snapshot-ids snap-1", AwsScript.snapshot("25%"), AwsScript.snapshot("75%"),
            AwsScript.snapshot("43%"))
        let image = try await make()
        #expect(image.state == .available && image.id == "ami-1" && image.percent == 100 && image.endedAt != nil)
        #expect(told.all.first?.state == .pending && told.all.first?.id == nil, "others know before AWS does")
        #expect(told.all.map { $0.percent ?? 0 } == [0, 0, 0, 0, 25, 75, 75, 100], "it never falls")
        #expect(image.region == "eu-west-1" && image.name == "starter-b-1")
        #expect(time.elapsed == 75, "a look every 15 s")
        let order = aws.asked.map { $0.arguments.prefix(2).joined(separator: " ") }
        #expect(order.firstIndex(of: "ec2 describe-images") == 0 && aws.count("create-image") == 1)
        #expect(
            aws.asked[1].program == "/bin/sh" && aws.asked[2].arguments.contains("create-image"),
            "written to the disk first")
    }

    @Test func itIsTaggedAndTheMachineGoesOn() async throws {
        aws.set("--image-ids ami-1", .says(AwsScript.image("ami-1", "available")))
        _ = try await make()
        let words = try #require(aws.asked.first { $0.arguments.contains("create-image") }?.arguments)
        #expect(words.contains("--no-reboot") && !words.contains("--reboot"))
        #expect(words.suffix(4) == ["--region", "eu-west-1", "--output", "json"])
        let place = try #require(words.firstIndex(of: "--tag-specifications"))
        let tags =
            #""Tags":[{"Key":"Name","Value":"starter-b-1"},{"Key":"ManagedBy","Value":"slipway"},"#
            + #"{"Key":"TemplateName","Value":"starter"},{"Key":"slipway:build","Value":"b-1"}]"#
        #expect(
            words[place + 1]
                == #"[{"ResourceType":"image",\#(tags)},{"ResourceType":"snapshot",\#(tags)}]"#)
    }

    @Test func aFailedImageHasTheReasonOfAwsAndANextStep() async throws {
        aws.set(
            "--image-ids ami-1", .says(AwsScript.image("ami-1", "pending")),
            .says(AwsScript.image("ami-1", "failed", reason: "Client.InternalError: the volume is gone")))
        aws.set("describe-snapshots", AwsScript.snapshot("40%"))
        let image = try await make()
        #expect(image.state == .failed && image.percent == 40, "a failure freezes the percent")
        #expect(image.failure == "AWS could not make the image: Client.InternalError: the volume is gone")
        var known = KnownBuild(
            record: Self.record, life: .ended(BuildEnd(status: 0, at: ManualTime.start)), image: image)
        #expect(known.failure == image.failure)
        #expect(
            known.next
                == ["aws ec2 describe-images --image-ids ami-1 --region eu-west-1", "slipway ami image b-1"])
        known.image = nil
        #expect(known.lacksImage && known.next == ["slipway ami image b-1"])
    }

    @Test func aSnapshotThatMayNotBeLookedAtHidesOnlyThePercent() async throws {
        aws.set(
            "--image-ids ami-1", .says(AwsScript.image("ami-1", "pending")),
            .says(AwsScript.image("ami-1", "available")))
        aws.set("describe-snapshots", AwsScript.error("UnauthorizedOperation", "DescribeSnapshots"))
        let image = try await make()
        #expect(image.state == .available && image.trouble == nil)
        let trouble = told.all.compactMap(\.trouble)
        #expect(trouble == ["AWS does not allow ec2:DescribeSnapshots to these credentials."])
    }

    // MARK: never two

    @Test func anImageOfTheSameBuildIsTakenUpAndNotMadeAgain() async throws {
        aws.set("--owners self", .says(AwsScript.image("ami-7", "pending")))
        aws.set("--image-ids ami-7", .says(AwsScript.image("ami-7", "available")))
        let image = try await make()
        #expect(image.id == "ami-7" && image.state == .available && aws.count("create-image") == 0)
    }

    @Test func anImageThatWasWrittenDownIsOnlyFollowed() async throws {
        var known = ImageMaker.begun("starter-b-1", Self.wish, now: ManualTime.start)
        (known.id, known.percent) = ("ami-7", 60)
        let written = try FleetCoder.decoder().decode(BuildImage.self, from: try FleetCoder.encoder().encode(known))
        aws.set(
            "--image-ids ami-7", .says(AwsScript.image("ami-7", "pending")),
            .says(AwsScript.image("ami-7", "available")))
        aws.set("describe-snapshots", AwsScript.snapshot("10%"))
        let image = try await make(written)
        #expect(image.state == .available && aws.count("create-image") == 0 && aws.count("--owners self") == 0)
        #expect(told.all.map(\.percent) == [60, 100])
    }

    @Test func aRequestWithoutAnAnswerIsLookedForBeforeItIsRepeated() async throws {
        aws.set("create-image", .problem(.timedOut(20)))
        aws.set("--owners self", .says(AwsScript.noImages), .says(AwsScript.image("ami-1", "pending")))
        aws.set("--image-ids ami-1", .says(AwsScript.image("ami-1", "available")))
        let image = try await make()
        #expect(image.id == "ami-1" && image.state == .available && aws.count("create-image") == 1)
    }

    @Test(arguments: [("other", "pending"), ("b-1", "failed")])
    func aNameThatIsTakenIsSaid(build: String, state: String) async throws {
        aws.set("--owners self", .says(AwsScript.image("ami-9", state, build: build)))
        let image = try await make()
        #expect(image.state == .failed && aws.count("create-image") == 0)
        #expect(image.failure == "The name starter-b-1 is taken by the image ami-9, which is \(state).")
        #expect(image.next?.first?.contains("aws ec2 deregister-image --image-id ami-9 --region eu-west-1") == true)
    }

    // MARK: AWS does not answer

    @Test func whatPassesIsWaitedForAndWhatDoesNotEndsTheFollowing() async throws {
        aws.set(
            "--image-ids ami-1", AwsScript.error("RequestLimitExceeded", "DescribeImages"),
            .refuses("Could not connect to the endpoint URL: \"https://ec2.eu-west-1.amazonaws.com/\"\n"),
            .problem(.timedOut(20)), .says(AwsScript.image("ami-1", "available")))
        #expect(try await make().state == .available)
        #expect(told.all.compactMap(\.trouble).count == 3)
        aws.set("--image-ids ami-1", AwsScript.error("ExpiredToken", "DescribeImages"))
        let problem = await #expect(throws: UpstreamProblem.self) { try await make() }
        #expect(problem?.sentence == "The AWS credentials have expired.")
        #expect(told.all.last?.state == .pending, "AWS goes on with it")
    }

    @Test func anImageIsNotWaitedForLongerThanAnHour() async throws {
        aws.set("--image-ids ami-1", .says(AwsScript.image("ami-1", "pending")))
        aws.set("describe-snapshots", AwsScript.snapshot("99%"))
        let problem = await #expect(throws: UpstreamProblem.self) { try await make() }
        #expect(problem?.reason == .timedOut && time.elapsed == 3600 && told.all.last?.percent == 99)
    }

    @Test func anImageThatSomebodyRemovesHasFailed() async throws {
        aws.set("--image-ids ami-1", AwsScript.error("InvalidAMIID.NotFound", "DescribeImages"))
        let image = try await make()
        #expect(image.state == .failed && image.failure?.contains("somebody has removed it") == true)
    }

    // MARK: before the build

    private func refusal(_ order: ImageOrder = ImageOrder(), profile: String? = nil) async -> UpstreamProblem? {
        await #expect(throws: UpstreamProblem.self) {
            _ = try await maker(profile: profile).prepare(order, template: "starter", on: here)
        }
    }

    @Test func theMachineSaysWhichInstanceItIs() async throws {
        let wish = try await maker(profile: "hpc").prepare(ImageOrder(), template: "starter", on: here)
        #expect(wish == ImageWish(instance: "i-0aa11bb22cc33dd44", region: "eu-west-1", profile: "hpc"))
        let trial = try #require(aws.asked.first { $0.arguments.contains("--dry-run") })
        #expect(trial.environment["AWS_PROFILE"] == "hpc" && trial.arguments.contains("--no-reboot"))
        #expect(aws.count("create-image") == 1, "the trial is all that was asked for")
    }

    @Test func aMachineThatIsNoInstanceIsToldBeforeTheBuild() async throws {
        aws.set("instance-identity", .says("slipway-identity none\nslipway-identity end\n"))
        let problem = await refusal()
        #expect(problem?.sentence == "This machine is no EC2 instance, so no image can be made of it.")
        #expect(problem?.advice.contains("--instance") == true)
        let named = ImageOrder(instance: "i-0123456789abcdef0", region: "us-east-1")
        aws.set("describe-instances", .says("{}"))
        #expect(try await maker().prepare(named, template: "starter", on: here).instance == "i-0123456789abcdef0")
        aws.set("describe-instances", AwsScript.error("InvalidInstanceID.NotFound", "DescribeInstances"))
        #expect(await refusal(named)?.sentence == "There is no instance i-0123456789abcdef0 in us-east-1.")
    }

    @Test func theRegionOfANamedInstanceIsLookedFor() async throws {
        aws.set("describe-instances", .says("{}"))
        aws.set("configure get region", .says("ap-south-1\n"))
        let order = ImageOrder(instance: "i-0123456789abcdef0")
        #expect(try await maker().prepare(order, template: "starter", on: here).region == "ap-south-1")
        aws.set("configure get region", .refuses(""))
        #expect(await refusal(order)?.advice == "Name it with --region.")
    }

    @Test func aPermissionThatIsMissingIsNamed() async throws {
        aws.set(
            "--dry-run",
            AwsScript.error(
                "UnauthorizedOperation", "CreateImage",
                "You are not authorized. User: arn:aws:iam::1:user/rig is not authorized to perform: ec2:CreateTags on resource: *"
            ))
        #expect(await refusal()?.sentence == "AWS does not allow ec2:CreateTags to these credentials.")
        aws.set("--dry-run", AwsScript.error("UnauthorizedOperation", "CreateImage", "You are not authorized."))
        let problem = await refusal()
        #expect(problem?.sentence == "AWS does not allow ec2:CreateImage to these credentials.")
        #expect(problem?.advice.contains("policy") == true)
    }

    @Test(arguments: [
        ("\nAn error occurred (ExpiredToken) when calling the GetCallerIdentity operation: old\n", "have expired"),
        (
            "\nUnable to locate credentials. You can configure credentials by running \"aws configure\".\n",
            "no AWS credentials"
        ),
        ("\nThe config profile (hpc) could not be found\n", "no AWS profile hpc"),
        ("\nError when retrieving token from sso: Token has expired and refresh failed\n", "have expired"),
        ("\nCould not connect to the endpoint URL: \"http://127.0.0.1:1/\"\n", "cannot be reached"),
        (
            "\nAn error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The token is invalid\n",
            "does not accept the credentials: The token is invalid"
        ),
    ])
    func credentialsAreLookedAtBeforeTheBuild(errors: String, sentence: String) async throws {
        aws.set("sts get-caller-identity", .refuses(errors))
        let problem = await refusal(profile: "hpc")
        #expect(problem?.sentence.contains(sentence) == true, "\(problem?.sentence ?? "-")")
        #expect(aws.count("create-image") == 0)
        aws.set("sts get-caller-identity", .problem(.missing))
        #expect(await refusal()?.advice == "Install the AWS command line.")
    }

    @Test func aNameThatIsTakenIsToldBeforeTheBuild() async throws {
        aws.set("--owners self", .says(AwsScript.image("ami-9", "available", name: "gromacs 7", build: "old")))
        #expect(await refusal(ImageOrder(name: "gromacs 7"))?.sentence.contains("is taken by the image ami-9") == true)
        #expect(await refusal(ImageOrder(name: "a,b"))?.sentence.contains("is no name of an image") == true)
        let question = try #require(aws.asked.first { $0.arguments.contains("--owners") })
        #expect(question.arguments.contains(#"[{"Name":"name","Values":["gromacs 7"]}]"#))
    }
}
