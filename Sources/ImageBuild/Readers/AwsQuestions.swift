import Fleet
import Upstream

/// What is asked of EC2 about a builder instance.
public struct AwsQuestions: Sendable {
    private let aws: AwsProgram

    /// - Parameter profile: the AWS profile, handed over as `AWS_PROFILE`.
    public init(program: String = "aws", profile: String? = nil, commands: any CommandDoor) {
        aws = AwsProgram(program: program, profile: profile, commands: commands)
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
        guard AwsProgram.isInstance(instance), AwsProgram.isRegion(region) else {
            throw UpstreamProblem(
                .misconfigured,
                "\(SafeText.line(instance, limit: 60)) in \(SafeText.line(region, limit: 60)) is no instance.",
                advice: "Look into pctl's file of the build.")
        }
        return try await aws.ask(type, ["ec2"] + words, region: region)
    }
}
