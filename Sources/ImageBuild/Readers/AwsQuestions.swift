import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is asked of EC2 about a builder instance, through the `aws` command: it does all signing in.
public struct AwsQuestions: Sendable {
    /// Seconds that an answer may take.
    private static let deadline: Double = 20
    private static let largest = 2 << 20

    private let program: String
    private let environment: [String: String]
    private let commands: any CommandDoor

    /// - Parameter profile: the AWS profile, handed over as `AWS_PROFILE`.
    public init(program: String = "aws", profile: String? = nil, commands: any CommandDoor) {
        self.program = program
        environment = profile.map { ["AWS_PROFILE": $0] } ?? [:]
        self.commands = commands
    }

    /// The value of the tag that carries pctl's progress; nil if the instance has none.
    func progressTag(instance: String, region: String) async throws(UpstreamProblem) -> String? {
        struct Answer: Decodable {
            struct Tag: Decodable {
                var key: String?
                var value: String?
                enum CodingKeys: String, CodingKey { case key = "Key", value = "Value" }
            }
            var tags: [Tag]?
            enum CodingKeys: String, CodingKey { case tags = "Tags" }
        }
        let filters = ["Name=resource-id,Values=\(instance)", "Name=key,Values=\(PctlProgress.tag)"]
        let answer = try await ask(Answer.self, ["describe-tags", "--filters"] + filters, instance, region)
        return answer.tags?.first { $0.key == PctlProgress.tag }?.value
    }

    /// What is on the instance's console now; empty while it has none.
    func console(instance: String, region: String) async throws(UpstreamProblem) -> String {
        struct Answer: Decodable {
            var output: String?
            enum CodingKeys: String, CodingKey { case output = "Output" }
        }
        let words = ["get-console-output", "--latest", "--instance-id", instance]
        return try await ask(Answer.self, words, instance, region).output ?? ""
    }

    private func ask<Answer: Decodable>(
        _ type: Answer.Type, _ words: [String], _ instance: String, _ region: String
    ) async throws(UpstreamProblem) -> Answer {
        // Both become part of a filter, where a comma begins another one.
        guard instance.hasPrefix("i-"), Self.isPlain(instance), Self.isPlain(region) else {
            throw UpstreamProblem(
                .misconfigured,
                "\(SafeText.line(instance, limit: 60)) in \(SafeText.line(region, limit: 60)) is no instance.",
                advice: "Look into pctl's file of the build.")
        }
        let result: CommandResult
        do throws(CommandProblem) {
            result = try await commands.run(
                Command(program, ["ec2"] + words + ["--region", region, "--output", "json"], environment: environment),
                deadline: Self.deadline, limit: Self.largest)
        } catch {
            switch error {
            case .missing:
                throw UpstreamProblem(
                    .misconfigured, "There is no program \(program) on this machine.",
                    advice: "Install the AWS command line, or live without tags and consoles.")
            case .timedOut(let seconds):
                throw UpstreamProblem(
                    .timedOut, "aws did not answer within \(DurationText.short(seconds)).",
                    advice: "It is asked again by itself.")
            case .tooLarge(let bytes):
                throw UpstreamProblem(
                    .tooLarge(bytes), "aws answered too much.", advice: "It is asked again by itself.")
            case .failed(let reason):
                throw UpstreamProblem(.cut, "aws ended: \(reason).", advice: "It is asked again by itself.")
            }
        }
        guard result.status == 0 else {
            let line =
                result.errors.split(whereSeparator: \.isNewline).last.map(String.init) ?? "status \(result.status)"
            throw UpstreamProblem(
                .status(result.status), "aws says: \(SecretText.line(line, limit: 200))",
                advice: "Check the credentials with `aws sts get-caller-identity`.")
        }
        guard let answer = try? JSONDecoder().decode(type, from: result.output) else {
            throw UpstreamProblem(
                .unreadable, "aws answered something that is not its JSON.", advice: "Run the same command by hand.")
        }
        return answer
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count < 80
            && text.utf8.allSatisfy { Ascii.isLetter($0) || Ascii.isDigit($0) || $0 == Ascii.dash }
    }
}
