import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an API server says when it refuses: `kind: Status`.
public struct KubeStatus: Decodable, Sendable, Equatable {
    public var code: Int?
    /// `Forbidden`, `Expired`, `Conflict`, …
    public var reason: String?
    public var message: String?

    public init(code: Int? = nil, reason: String? = nil, message: String? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
    }

    /// The resourceVersion or the page is no longer kept: everything must be listed again.
    public var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }
}

extension UpstreamProblem {
    /// What a person reads when a kube context refuses.
    ///
    /// - Parameter context: what the sentence calls the cluster.
    static func kube(_ reply: HTTPReply, context: String) -> UpstreamProblem {
        let status = try? JSONDecoder().decode(KubeStatus.self, from: reply.body)
        // Not an API server's answer: what stands between it and us says why in plain text.
        let text = status?.message ?? String(decoding: reply.body.prefix(2000), as: UTF8.self)
        return kube(status: reply.status, text: SafeText.line(text, limit: 240), context: context)
    }

    static func kube(status: Int, text: String, context: String) -> UpstreamProblem {
        let retried = "It is asked again by itself."
        switch status {
        case 401:
            return UpstreamProblem(
                .status(status), "\(context) does not accept these credentials.",
                advice:
                    "Log in again; `kubectl --context \(context) get ns` shows whether it works, then it is taken up here."
            )
        case 403:
            let isReading =
                ["get", "list", "watch"].contains { text.contains("cannot \($0) ") } || !text.contains("cannot ")
            return UpstreamProblem(
                .status(status), "\(context) forbids it: \(bare(text)).",
                advice: isReading
                    ? "Ask for the right to get, list and watch it, or name the namespaces that you may read."
                    : "Ask for the right that it names.")
        case 404:
            return UpstreamProblem(
                .status(status), "\(context) does not know it: \(bare(text)).",
                advice: "Check that k0rdent or KubeVirt is installed there, and the name.")
        case 409:
            return UpstreamProblem(
                .status(status), "Somebody else changed it first: \(bare(text)).", advice: "Look again, then decide.")
        case 429:
            return UpstreamProblem(
                .status(status), "\(context) asks to be asked less often.", advice: "It is asked again, more slowly.")
        case 500...599: return unreachableBehindProxy(status, text, context)
        default:
            return UpstreamProblem(.status(status), "\(context) answered \(status): \(bare(text)).", advice: retried)
        }
    }

    /// `kubectl proxy` answers for a server that it cannot reach, with 500 or 502 and Go's words.
    private static func unreachableBehindProxy(_ status: Int, _ text: String, _ context: String) -> UpstreamProblem {
        let needles: [(String, String, String)] = [
            (
                "x509", "The certificate of \(context) is not trusted.",
                "Renew `certificate-authority-data` of this cluster in the kubeconfig."
            ),
            (
                "connection refused", "The API server of \(context) is down: connection refused.",
                "Check that it runs and that `server` in the kubeconfig is right; it is asked again by itself."
            ),
            (
                "no such host", "The API server of \(context) has no address: no such host.",
                "Check DNS, VPN and `server` in the kubeconfig; it is asked again by itself."
            ),
            (
                "getting credentials", "The login program of \(context) failed.",
                "Run `kubectl --context \(context) get ns` once by hand: it may want to ask you something."
            ),
            (
                "i/o timeout", "The API server of \(context) does not answer.",
                "Check network and VPN; it is asked again by itself."
            ),
            (
                "deadline exceeded", "The API server of \(context) does not answer in time.",
                "It is asked again by itself."
            ),
            (
                "EOF", "The API server of \(context) closed the connection.",
                "It is probably restarting; it is asked again by itself."
            ),
        ]
        for (needle, sentence, advice) in needles where text.contains(needle) {
            return UpstreamProblem(.status(status), sentence, advice: advice)
        }
        return UpstreamProblem(
            .status(status),
            text.isEmpty ? "\(context) answered \(status)." : "\(context) answered \(status): \(bare(text)).",
            advice: "It is asked again by itself.")
    }

    private static func bare(_ text: String) -> String {
        var text = text
        while let last = text.last, last == "." || last.isWhitespace { text.removeLast() }
        return text.isEmpty ? "no reason given" : text
    }

    public var isForbidden: Bool { reason == .status(403) }
    public var isAbsent: Bool { reason == .status(404) }
    public var isConflict: Bool { reason == .status(409) }
}
