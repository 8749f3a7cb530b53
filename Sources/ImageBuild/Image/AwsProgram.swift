import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The `aws` command: it does all signing in. Versions 1 and 2 understand what is asked here.
public struct AwsProgram: Sendable {
    /// What came of a question that reached AWS, or should have.
    enum Answer: Sendable {
        case output(Data)
        case refused(AwsRefusal)
    }

    /// Seconds that an answer may take, as a process: the program alone needs half a second.
    private static let deadline: Double = 20
    private static let largest = 2 << 20

    /// A path, or a name that is looked for in `PATH`.
    public let program: String
    public let profile: String?
    private let commands: any CommandDoor

    /// - Parameter profile: the AWS profile, handed over as `AWS_PROFILE`; nil leaves it to the environment.
    public init(program: String = "aws", profile: String? = nil, commands: any CommandDoor) {
        self.program = program
        self.profile = profile
        self.commands = commands
    }

    /// Asks and reads the answer's JSON.
    ///
    /// - Parameter words: what stands behind `aws`, without region and output: `["ec2", "describe-tags", …]`.
    /// - Throws: why there is no answer, as a person reads it.
    func ask<Value: Decodable>(
        _ type: Value.Type, _ words: [String], region: String
    ) async throws(UpstreamProblem) -> Value {
        switch try await run(words, region: region) {
        case .output(let bytes): return try decode(type, bytes)
        case .refused(let refusal): throw refusal.problem(region: region)
        }
    }

    func decode<Value: Decodable>(_ type: Value.Type, _ bytes: Data) throws(UpstreamProblem) -> Value {
        guard let value = try? FleetCoder.decoder().decode(type, from: bytes) else {
            throw UpstreamProblem(
                .unreadable, "aws answered something that is not its JSON.", advice: "Run the same command by hand.")
        }
        return value
    }

    /// Asks; a refusal is an answer too.
    ///
    /// - Throws: what kept the program itself from answering.
    func run(_ words: [String], region: String) async throws(UpstreamProblem) -> Answer {
        guard Self.isPlain(region) else {
            throw UpstreamProblem(
                .misconfigured, "\(SafeText.line(region, limit: 60)) is no region.",
                advice: "Name one with --region, such as us-east-1.")
        }
        let result = try await result(words + ["--region", region, "--output", "json"])
        guard result.status == 0 else { return .refused(AwsRefusal(result, words: words, profile: profile)) }
        return .output(result.output)
    }

    /// The region that `aws configure` has written down; nil if none is.
    func configuredRegion() async throws(UpstreamProblem) -> String? {
        let result = try await result(["configure", "get", "region"])
        let text = String(decoding: result.output, as: UTF8.self).filter { !$0.isWhitespace }
        // A profile that is not there ends so too; the next question says that.
        return result.status == 0 && Self.isPlain(text) ? text : nil
    }

    private func result(_ words: [String]) async throws(UpstreamProblem) -> CommandResult {
        // A pager of version 2 would wait for somebody.
        var environment = ["AWS_PAGER": ""]
        environment["AWS_PROFILE"] = profile
        do throws(CommandProblem) {
            return try await commands.run(
                Command(program, words, environment: environment), deadline: Self.deadline, limit: Self.largest)
        } catch {
            throw problem(error)
        }
    }

    private func problem(_ problem: CommandProblem) -> UpstreamProblem {
        switch problem {
        case .missing:
            UpstreamProblem(
                .misconfigured, "There is no program \(SafeText.line(program, limit: 120)) on this machine.",
                advice: "Install the AWS command line.")
        case .timedOut(let seconds):
            UpstreamProblem(
                .timedOut, "aws did not answer within \(DurationText.short(seconds)).",
                advice: "It is asked again by itself; if that lasts, check the network.")
        case .tooLarge(let bytes):
            UpstreamProblem(.tooLarge(bytes), "aws answered too much.", advice: "It is asked again by itself.")
        case .failed(let reason):
            UpstreamProblem(.cut, "aws ended: \(reason).", advice: "It is asked again by itself.")
        }
    }

    // MARK: words that come from outside

    /// Whether a text is an instance's id and nothing else: it becomes part of filters, where a comma begins another one.
    public static func isInstance(_ text: String) -> Bool {
        text.hasPrefix("i-") && text.utf8.count > 2 && isPlain(text)
    }

    /// Whether a text is a region's name by its shape.
    public static func isRegion(_ text: String) -> Bool { isPlain(text) && !text.hasPrefix("-") }

    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count < 80
            && text.utf8.allSatisfy { Ascii.isLetter($0) || Ascii.isDigit($0) || $0 == Ascii.dash }
    }

    /// A value as one word of JSON. Shorthand would read quotes, brackets and commas of a name as its own.
    static func json(_ value: some Encodable) -> String {
        (try? FleetCoder.encoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }

    /// A filter of one value, for `json`.
    struct Filter: Encodable {
        var name: String
        var values: [String]

        enum CodingKeys: String, CodingKey { case name = "Name", values = "Values" }

        init(_ name: String, _ value: String) {
            self.name = name
            values = [value]
        }
    }
}
