import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// Images of builds: the real program and the real `aws` against a fake AWS, with a program that stands in for Spack.
    @Suite(.needsAWS) struct ImageAWSStories {
        private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/spack")

        private let region = AWSRig.region

        /// The words of a build of two packages.
        private func build(_ stage: Stage, _ more: String...) throws -> [String] {
            let spack = stage.home.appendingPathComponent("spack")
            try FileManager.default.copyItem(at: Self.fixtures.appendingPathComponent("stand-in"), to: spack)
            chmod(spack.path, 0o755)
            let template = try stage.template(["rig-lib@1.0", "rig-app@2.0"])
            return ["ami", "build", "-t", template, "--spack", spack.path] + more
        }

        private func aws(_ stage: Stage, _ rig: AWSRig, _ words: String...) async throws -> String {
            let folder = rig.environment["PATH"].map { String($0.prefix { $0 != ":" }) } ?? ""
            let done = try await stage.run(
                folder + "/aws", words + ["--region", region, "--output", "text"], environment: rig.environment)
            guard done.code == 0 else { throw StoryProblem("aws \(words.joined(separator: " ")): \(done.err)") }
            return done.out.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// A machine of the fake AWS; ours stands for it.
        private func instance(_ stage: Stage, _ rig: AWSRig) async throws -> String {
            let base = try await aws(
                stage, rig, "ec2", "describe-images", "--owners", "amazon", "--query", "Images[0].ImageId")
            return try await aws(
                stage, rig, "ec2", "run-instances", "--image-id", base, "--query", "Instances[0].InstanceId")
        }

        private func images(_ stage: Stage, _ rig: AWSRig, _ query: String) async throws -> String {
            try await aws(stage, rig, "ec2", "describe-images", "--owners", "self", "--query", query)
        }

        @Test("pctl's builds are read from its files, and how far they are from the tag of their instance")
        func pctl() async throws {
            try await Stage.play { stage in
                let rig = try await AWSRig.start(stage)
                let machine = try await instance(stage, rig)
                let folder = stage.home.path + "/.pctl/ami-builds"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let began = Date(timeIntervalSinceNow: -1200).ISO8601Format()
                let file = """
                    {"build_id": "b-1", "instance_id": "\(machine)", "status": "installing", "progress": 20,
                     "start_time": "\(began)", "template_name": "starter", "region": "\(region)", "package_count": 5}
                    """
                try Data(file.utf8).write(to: URL(fileURLWithPath: folder + "/b-1.json"))
                let tag = #"[{"Key":"pctl-progress","Value":"85% - Integrating Spack with Lmod"}]"#
                _ = try await aws(stage, rig, "ec2", "create-tags", "--resources", machine, "--tags", tag)
                let status = try await stage.run(Program.slipway, ["status"], environment: rig.environment)
                #expect(status.code == 0, "\(status.err)")
                let row = status.out.split(separator: "\n").first { $0.contains("starter") } ?? ""
                #expect(row.contains("image") && row.contains("installing") && row.contains("8"), "\(status.out)")
                let doctor = try await stage.run(Program.slipway, ["doctor"], environment: rig.environment)
                #expect(doctor.out.contains("pctl builds: 1 build, 1 running"), "\(doctor.out)")
                #expect(doctor.out.contains("ok    aws: aws-cli/"), "\(doctor.out)")
            }
        }

        @Test("a build with --create-image ends with an image of its machine, tagged, and never with two")
        func making() async throws {
            try await Stage.play { stage in
                let rig = try await AWSRig.start(stage)
                let machine = try await instance(stage, rig)
                let done = try await stage.run(
                    Program.slipway, try build(stage, "--create-image", "--instance", machine, "--region", region),
                    environment: rig.environment)
                #expect(done.code == 0, "\(done.out)\(done.err)")
                #expect(done.out.contains("complete: rig, 2 packages"), "\(done.out)")
                let image = try await images(stage, rig, "Images[].ImageId")
                #expect(image.hasPrefix("ami-") && !image.contains("\t"), "\(image)")
                #expect(done.out.contains("Image: \(image) (rig-") && done.out.contains(region), "\(done.out)")
                // Of the image and of its snapshot.
                let tags = try await aws(
                    stage, rig, "ec2", "describe-tags", "--filters", "Name=key,Values=slipway:build", "--query",
                    "Tags[].[ResourceType,Value]")
                let own = tags.split { $0 == "\t" || $0 == "\n" }.dropFirst().first.map(String.init) ?? "-"
                #expect(Set(tags.split(separator: "\n")) == ["image\t\(own)", "snapshot\t\(own)"], "\(tags)")
                #expect(done.err.contains("The build \(own) has begun"), "\(own) \(done.err)")

                // Slipway has forgotten all about it, and finds it again.
                try FileManager.default.removeItem(atPath: stage.home.path + "/state/slipway/builds/\(own)/image.json")
                let again = try await stage.slipway("ami", "image", own, environment: rig.environment)
                #expect(again.code == 0 && again.out.contains("Image: \(image)"), "\(again.out)\(again.err)")
                #expect(try await images(stage, rig, "Images[].ImageId") == image)
                let there = try await stage.slipway("ami", "image", own, environment: rig.environment)
                #expect(there.code == 0 && there.out.contains("is there: \(image)"), "\(there.out)\(there.err)")
            }
        }

        @Test("what keeps an image from being made is said before anything is built")
        func refusals() async throws {
            try await Stage.play { stage in
                let rig = try await AWSRig.start(stage)
                let machine = try await instance(stage, rig)
                func refused(_ more: [String], _ sentence: String) async throws {
                    let words = try build(stage, "--create-image") + more
                    let done = try await stage.run(Program.slipway, words, environment: rig.environment)
                    #expect(done.code == 2 && done.err.contains(sentence), "\(done.code) \(done.out)\(done.err)")
                    #expect(!FileManager.default.fileExists(atPath: stage.home.path + "/state/slipway/builds"))
                    try stage.forget("spack")
                }
                // The rig's environment switches the metadata service off, as on a machine that is no instance.
                try await refused([], "This machine is no EC2 instance")
                let place = ["--instance", machine, "--region", region]
                try await refused(
                    ["--instance", "i-0123456789abcdef0", "--region", region],
                    "There is no instance i-0123456789abcdef0 in \(region)")
                try await refused(place + ["--aws", "/nowhere/aws"], "There is no program /nowhere/aws")
                try await refused(place + ["--profile", "nobody"], "There is no AWS profile nobody")
                try await rig.fault(.expire)
                try await refused(place, "The AWS credentials have expired")
            }
        }

        @Test("without the flag nothing in AWS is touched, and the image can be made afterwards")
        func afterwards() async throws {
            try await Stage.play { stage in
                let rig = try await AWSRig.start(stage)
                let machine = try await instance(stage, rig)
                _ = try await rig.requests(reset: true)
                let built = try await stage.run(Program.slipway, try build(stage), environment: rig.environment)
                #expect(built.code == 0, "\(built.out)\(built.err)")
                #expect(try await rig.requests().isEmpty)
                let builds = try FileManager.default.contentsOfDirectory(
                    atPath: stage.home.path + "/state/slipway/builds")
                let id = try #require(builds.first)
                let made = try await stage.slipway(
                    "ami", "image", id, "--instance", machine, "--region", region, "--image-name", "by hand",
                    environment: rig.environment)
                #expect(made.code == 0 && made.out.contains("(by hand, \(region))"), "\(made.out)\(made.err)")
                #expect(try await images(stage, rig, "Images[].Name") == "by hand")
                #expect(try await rig.requests()["CreateImage"] == 2, "a trial, and one that counts")
            }
        }
    }
}
