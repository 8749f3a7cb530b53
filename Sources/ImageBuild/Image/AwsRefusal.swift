import Fleet
import Upstream

/// How `aws` says no: `An error occurred (UnauthorizedOperation) when calling the CreateImage operation: …` in its error output, or a
/// sentence of its own where it did not get as far as AWS. Source: the AWS command line, versions 1 and 2.
struct AwsRefusal: Sendable, Equatable {
    /// AWS's word for it; nil where AWS was not reached.
    let code: String?
    /// `CreateImage`
    let operation: String?
    /// What AWS adds, or the last line.
    let message: String
    let status: Int
    /// `ec2`
    private let service: String
    private let profile: String?
    private let text: String

    /// - Parameter words: what was asked, `["ec2", "create-image", …]`.
    init(_ result: CommandResult, words: [String], profile: String?) {
        status = result.status
        service = words.first ?? ""
        self.profile = profile
        text = result.errors
        let lines = result.errors.split(whereSeparator: \.isNewline).map(String.init)
        let line = lines.last { !$0.allSatisfy(\.isWhitespace) } ?? "status \(result.status)"
        // `An error occurred (CODE) when calling the NAME operation (reached max retries: 4): TEXT`
        guard let start = line.firstRange(of: "An error occurred ("),
            let end = line[start.upperBound...].firstIndex(of: ")"),
            let call = line[end...].firstRange(of: "when calling the ")
        else {
            (code, operation, message) = (nil, nil, line)
            return
        }
        code = String(line[start.upperBound..<end])
        let rest = line[call.upperBound...]
        operation = String(rest.prefix { $0 != " " })
        message = rest.firstRange(of: ": ").map { String(rest[$0.upperBound...]) } ?? ""
    }

    /// `--dry-run` would have been done.
    var isDryRun: Bool { code == "DryRunOperation" }
    var isForbidden: Bool { Self.forbidden.contains(code ?? "") }
    /// Whether the thing that was asked for is not there.
    var isAbsent: Bool {
        code.map { $0.hasSuffix(".NotFound") || $0.hasSuffix(".Malformed") || $0.hasSuffix(".Unavailable") } ?? false
    }

    private static let forbidden: Set = ["UnauthorizedOperation", "AccessDenied", "AccessDeniedException"]
    private static let expired: Set = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"]
    private static let unknown: Set = [
        "AuthFailure", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException",
        "InvalidAccessKeyId", "OptInRequired",
    ]
    private static let busy: Set = [
        "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException",
    ]
    private static let ill: Set = [
        "InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable", "ServerInternal",
    ]

    /// As a person reads it, with what to do.
    func problem(region: String) -> UpstreamProblem {
        let said = SecretText.line(message, limit: 200)
        if isForbidden { return forbidden(said) }
        if let code {
            if Self.expired.contains(code) { return expired }
            if Self.unknown.contains(code) {
                return UpstreamProblem(
                    .misconfigured, "AWS does not accept the credentials: \(said)",
                    advice: "Check them with `\(sign("aws sts get-caller-identity"))`.")
            }
            if Self.busy.contains(code) {
                return UpstreamProblem(
                    .unreachable, "AWS is asked too often and refuses: \(said)", advice: "It is asked again by itself.")
            }
            if Self.ill.contains(code) {
                return UpstreamProblem(
                    .unreachable, "AWS cannot answer now: \(said)", advice: "It is asked again by itself.")
            }
            return UpstreamProblem(
                .status(status), "AWS says: \(said.isEmpty ? SafeText.line(code, limit: 80) : said)",
                advice: "Run the same command by hand.")
        }
        let lower = text.lowercased()
        func has(_ words: String...) -> Bool { words.contains { lower.contains($0) } }
        if has("unable to locate credentials", "partial credentials", "nocredentials") {
            return UpstreamProblem(
                .misconfigured, "There are no AWS credentials on this machine.",
                advice: "Give it a role, set them up with `aws configure`, or name a profile with --profile.")
        }
        if has("token has expired", "has expired or is otherwise invalid", "error loading sso token") { return expired }
        if has("config profile"), has("could not be found") {
            let name = SafeText.line(profile ?? "of AWS_PROFILE", limit: 60)
            return UpstreamProblem(
                .misconfigured, "There is no AWS profile \(name).", advice: "`aws configure list-profiles` names them.")
        }
        if has("ssl validation failed", "certificate verify failed") {
            return UpstreamProblem(
                .untrusted, "The certificate of AWS is not accepted: \(said)",
                advice: "Check AWS_CA_BUNDLE and the proxy of this machine.")
        }
        if has("could not connect", "connect timeout", "read timeout", "connection was closed", "failed to connect") {
            return UpstreamProblem(
                .unreachable, "AWS cannot be reached: \(said)",
                advice: "Check the network, and that \(SafeText.line(region, limit: 60)) is a region.")
        }
        return UpstreamProblem(
            .status(status), "aws says: \(said)",
            advice: "Check the credentials with `\(sign("aws sts get-caller-identity"))`.")
    }

    private var expired: UpstreamProblem {
        UpstreamProblem(
            .misconfigured, "The AWS credentials have expired.",
            advice: "Sign in again, with `\(sign("aws sso login"))` or with new keys.")
    }

    private func forbidden(_ said: String) -> UpstreamProblem {
        // `User: arn:… is not authorized to perform: ec2:CreateTags on resource: …`: creating with tags needs two permissions.
        let named = message.firstRange(of: "to perform: ").map { message[$0.upperBound...].prefix { $0 != " " } }
        let permission = SafeText.line(named.map(String.init) ?? "\(service):\(operation ?? "")", limit: 80)
        return UpstreamProblem(
            .misconfigured, "AWS does not allow \(permission) to these credentials.",
            advice: "Add \(permission) to their policy, or name another profile with --profile.")
    }

    private func sign(_ command: String) -> String {
        profile.map { "\(command) --profile \(ShellText.word($0))" } ?? command
    }
}
