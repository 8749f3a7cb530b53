import Fleet
import Foundation
import Testing
import Upstream

@testable import ImageBuild

@Suite("Which instance a machine is")
struct InstanceIdentityTests {
    /// The script as the machine's own shell runs it, with a `curl` that is a metadata service.
    private static func ask(
        _ curl: String, environment: [String: String] = [:]
    ) async throws -> (text: String, asked: String) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("slipway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appendingPathComponent("curl")
        try Data("#!/bin/sh\nprintf '%s\\n' \"$*\" >>\"$0.asked\"\n\(curl)\n".utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        var environment = environment
        environment["PATH"] = folder.path + ":/usr/bin:/bin"
        environment["AWS_EC2_METADATA_DISABLED"] = environment["AWS_EC2_METADATA_DISABLED"] ?? ""
        let result = try await BuildRig.commands.run(
            Command("/bin/sh", ["-c", InstanceIdentity.script], environment: environment), deadline: 10, limit: 1 << 16)
        let asked = try? String(contentsOf: folder.appendingPathComponent("curl.asked"), encoding: .utf8)
        return (String(decoding: result.output, as: UTF8.self), asked ?? "")
    }

    private static let document =
        #"{"instanceId" : "i-0aa11bb22cc33dd44", "region" : "us-west-2", "architecture" : "x86_64"}"#

    @Test func aTokenIsFetchedAndShown() async throws {
        let (text, asked) = try await Self.ask(
            """
            case $* in
            *"-X PUT"*/latest/api/token) echo T0KEN ;;
            *"X-aws-ec2-metadata-token: T0KEN"*/latest/dynamic/instance-identity/document) echo '\(Self.document)' ;;
            *) exit 22 ;;
            esac
            """)
        #expect(InstanceIdentity.isWhole(text))
        #expect(
            try InstanceIdentity.read(text) == InstanceIdentity(instance: "i-0aa11bb22cc33dd44", region: "us-west-2"))
        #expect(asked.contains("http://169.254.169.254/latest/") && asked.contains("-m 2"))
    }

    @Test func theVariablesOfAwsCount() async throws {
        let service = "case $* in *127.0.0.1:9/latest/dynamic/*) echo '\(Self.document)' ;; *) exit 22 ;; esac"
        let elsewhere = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9/"]
        #expect(try InstanceIdentity.read(try await Self.ask(service, environment: elsewhere).text) != nil)
        let (text, asked) = try await Self.ask(
            service, environment: elsewhere.merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 })
        #expect(try InstanceIdentity.read(text) == nil && InstanceIdentity.isWhole(text) && asked.isEmpty)
    }

    @Test(arguments: [
        "exit 7", "echo '<html>'", "echo '{\"region\": 3}'", "echo '{\"instanceId\": \"i-1,x\", \"region\": \"r\"}'",
    ])
    func whatIsNoInstanceIsNone(curl: String) async throws {
        let text = try await Self.ask(curl).text
        #expect(try InstanceIdentity.read(text) == nil && InstanceIdentity.isWhole(text))
    }

    @Test func aMachineWithoutToolsSaysSo() {
        #expect(throws: UpstreamProblem.self) {
            try InstanceIdentity.read("slipway-identity toolless\nslipway-identity end\n")
        }
        #expect(!InstanceIdentity.isWhole("slipway-identity found\n{"))
    }

    /// In the place of ssh, a shell here.
    private struct Far: CommandDoor {
        let shell: String
        let path: String
        var refusal: String?

        private func here(_ command: Command) -> Command {
            if let refusal { return Command("/bin/sh", ["-c", "echo \"$1\" >&2; exit 255", "sh", refusal]) }
            return Command(shell, ["-s"], environment: ["PATH": path, "AWS_EC2_METADATA_DISABLED": ""])
        }

        func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
            try await BuildRig.commands.run(here(command), deadline: deadline, limit: limit)
        }

        func converse(
            _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
        ) async throws(CommandProblem) {
            guard command.program == "ssh" else { throw .missing }
            try await BuildRig.commands.converse(here(command), body)
        }
    }

    @Test(arguments: ["sh", "bash"])
    func aBuilderIsAskedThroughItsShell(shell: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("slipway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in [("curl", "echo '\(Self.document)'"), ("sync", ": >\"$0.done\"")] {
            let program = folder.appendingPathComponent(name)
            try Data("#!/bin/sh\n\(text)\n".utf8).write(to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        }
        let line = SSHLine(host: "builder@far")
        var far = Far(shell: shell, path: folder.path + ":/usr/bin:/bin")
        let machine = BuilderMachine(line: line, commands: far, time: .patient)
        #expect(try await machine.identity()?.instance == "i-0aa11bb22cc33dd44")
        try await machine.sync()
        #expect(FileManager.default.fileExists(atPath: folder.path + "/sync.done"))
        far.refusal = "builder@far: Permission denied (publickey)."
        let closed = BuilderMachine(line: line, commands: far, time: .patient)
        let problem = await #expect(throws: UpstreamProblem.self) { try await closed.identity() }
        #expect(problem?.sentence.hasPrefix("builder@far does not let us in") == true)
    }
}
