import Fleet

/// What a person reads when ParallelCluster does not answer: one sentence of what failed, one of what to do.
extension PclusterProblem {
    public var sentence: String {
        switch self {
        case .refused(let message): Refusal(message).sentence
        case .timedOut(let seconds): "pcluster did not answer within \(DurationText.short(seconds))."
        case .died(let reason): "pcluster ended before it answered: \(reason)."
        case .tooLarge(let bytes): "pcluster answered with more than is read (\(bytes >> 20) MB)."
        case .unreadable: "pcluster answered with something that is not its JSON."
        case .missing(let reason): "pcluster cannot be run: \(reason)."
        }
    }

    public var advice: String {
        switch self {
        case .refused(let message): Refusal(message).advice
        case .timedOut: "AWS is probably throttling this account; it is asked again, less often."
        case .died: "It is started again by itself; `slipway doctor` says whether it can run."
        case .tooLarge, .unreadable: "Run the same command by hand; `slipway doctor` says which program is used."
        case .missing:
            "Install it with `pip install aws-parallelcluster`, or name it in the config: pcluster: {program: PATH}."
        }
    }

    /// Whether the whole region is not answering; else only what was asked for is missing.
    public var isOfRegion: Bool {
        switch self {
        case .timedOut, .died, .missing: return true
        // One odd answer, or one that is too long, must not hide a region.
        case .tooLarge, .unreadable: return false
        case .refused(let message):
            switch Refusal(message) {
            // Users who may only read some things are common, and what cannot be told apart is one question's alone.
            case .absent, .noLogs, .name, .denied, .other: return false
            case .region, .credentials, .expired, .network, .throttled, .usage: return true
            }
        }
    }

    /// The same in the words of the general doors.
    public var upstream: UpstreamProblem {
        let reason: UpstreamProblem.Reason =
            switch self {
            case .timedOut: .timedOut
            case .died: .cut
            case .tooLarge(let bytes): .tooLarge(bytes)
            case .unreadable: .unreadable
            case .missing: .misconfigured
            case .refused(let message):
                switch Refusal(message) {
                case .network: .unreachable
                case .region, .credentials, .name, .usage: .misconfigured
                case .expired, .denied: .status(403)
                case .throttled: .status(429)
                case .absent, .noLogs, .other: .unreadable
                }
            }
        return UpstreamProblem(reason, sentence, advice: advice)
    }

    /// There is no such cluster or image, or not yet, or no stack of it any more.
    public var isAbsence: Bool {
        if case .refused(let message) = self { Refusal(message) == .absent(message) } else { false }
    }
}

/// The messages of `pcluster`, told apart by their fixed words. Source: wire-formats 2.1 and 13.2.
private enum Refusal: Equatable {
    case absent(String)
    case noLogs(String)
    case name(String)
    case region(String)
    case credentials
    case expired
    case denied(String)
    case network(String)
    case throttled
    case usage(String)
    case other(String)

    init(_ message: String) {
        let text = message.lowercased()
        func has(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if has(
            "does not exist or belongs to an incompatible", "no image or stack associated",
            "stack for image")
        {
            self = .absent(message)
        } else if has("logging is not enabled") {
            self = .noLogs(message)
        } else if has("does not match '^") {
            self = .name(message)
        } else if has("unsupported region", "region needs to be set") {
            self = .region(message)
        } else if has("unable to locate credentials", "no credentials", "config profile", "partial credentials") {
            self = .credentials
        } else if has("token included in the request is expired", "expiredtoken", "has expired", "sso session") {
            self = .expired
        } else if has(
            "not authorized", "accessdenied", "access denied", "security token included in the request is invalid")
        {
            self = .denied(message)
        } else if has("could not connect to the endpoint", "connect timeout", "read timeout", "name resolution") {
            self = .network(message)
        } else if has("rate exceeded", "throttl", "too many requests") {
            self = .throttled
        } else if has("invalid choice", "the following arguments are required", "invalid arguments") {
            self = .usage(message)
        } else {
            self = .other(message)
        }
    }

    var sentence: String {
        switch self {
        case .absent, .noLogs, .name, .denied, .other: "pcluster says: \(text)"
        case .region: "pcluster does not know this region: \(text)"
        case .credentials: "There are no AWS credentials for pcluster."
        case .expired: "The AWS credentials have expired."
        case .network: "AWS cannot be reached: \(text)"
        case .throttled: "AWS is throttling this account."
        case .usage: "This pcluster does not know the command: \(text)"
        }
    }

    var advice: String {
        switch self {
        case .absent:
            "Check the name and the region; what another major version made needs that version of pcluster."
        case .noLogs:
            "Enable Monitoring / Logs / CloudWatch in the cluster's configuration to see the head node's logs."
        case .name: "A cluster's name begins with a letter and holds letters, digits and dashes only."
        case .region: "Correct `regions` in the config, or --region; regions are written as us-east-1."
        case .credentials:
            "Set AWS_PROFILE or the access keys, or run `aws configure`; the config's pcluster: {profile: NAME} names a profile."
        case .expired: "Renew them, for example with `aws sso login`; Slipway reads them again by itself."
        case .denied: "Ask for the policy that ParallelCluster's documentation names for its users."
        case .network: "Check the network, VPN and proxy of this machine; it is asked again by itself."
        case .throttled: "It is asked again, less often; other tools asking this account slow it down too."
        case .usage: "Install version 3.5 or newer: `pip install -U aws-parallelcluster`."
        case .other: "Run the same command by hand with --debug to learn more."
        }
    }

    private var text: String {
        switch self {
        case .absent(let text), .noLogs(let text), .name(let text), .region(let text), .denied(let text),
            .network(let text), .usage(let text), .other(let text):
            let text = text.hasPrefix("Bad Request: ") ? String(text.dropFirst(13)) : text
            return text.hasSuffix(".") ? text : text + "."
        case .credentials, .expired, .throttled: return ""
        }
    }
}
