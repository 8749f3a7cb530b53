import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which EC2 instance a machine is, as its metadata service says.
public struct InstanceIdentity: Sendable, Equatable {
    public var instance: String
    public var region: String

    /// Asks the metadata service, version 2 first: a token, then the identity document. Prints what a start file may print before it,
    /// then `slipway-identity` and a word, and behind `found` the document. Nothing from outside is in it.
    ///
    /// A machine that is no instance answers within 2 s, or refuses at once. Both variables are those of AWS's own programs.
    static let script = #"""
        set -uf
        say() { printf 'slipway-identity %s\n' "$1"; }
        case ${AWS_EC2_METADATA_DISABLED:-} in [Tt][Rr][Uu][Ee]) say off; say end; exit 0 ;; esac
        base=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
        base=${base%/}/latest
        if command -v curl >/dev/null 2>&1; then
            token=$(curl -s -f -m 2 --noproxy '*' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$base/api/token")
            # Where version 2 is not there, version 1 may be.
            document=$(curl -s -f -m 2 --noproxy '*' ${token:+-H "X-aws-ec2-metadata-token: $token"} \
                "$base/dynamic/instance-identity/document")
        elif command -v wget >/dev/null 2>&1; then
            token=$(wget -q -T 2 -t 1 --no-proxy -O - --method=PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
                "$base/api/token" 2>/dev/null)
            document=$(wget -q -T 2 -t 1 --no-proxy -O - ${token:+--header "X-aws-ec2-metadata-token: $token"} \
                "$base/dynamic/instance-identity/document" 2>/dev/null)
        else
            say toolless
            say end
            exit 0
        fi
        if [ -n "$document" ]; then
            say found
            printf '%s\n' "$document"
        else
            say none
        fi
        say end
        exit 0

        """#

    private static let word = "slipway-identity "

    /// Whether the script has said everything.
    static func isWhole(_ text: String) -> Bool { text.hasSuffix("\(word)end\n") }

    /// What the script printed.
    ///
    /// - Returns: nil for a machine that is no instance.
    /// - Throws: what must be there to find it out.
    static func read(_ text: String) throws(UpstreamProblem) -> InstanceIdentity? {
        guard let start = text.firstRange(of: word) else { return nil }
        let rest = text[start.upperBound...]
        let answer = rest.prefix { $0 != "\n" }
        if answer == "toolless" {
            throw UpstreamProblem(
                .misconfigured, "The machine that builds has neither curl nor wget to ask which instance it is.",
                advice: "Install curl there, or name the instance with --instance and --region.")
        }
        guard answer == "found" else { return nil }
        struct Document: Decodable {
            var instanceId: String?
            var region: String?
        }
        let body = rest.dropFirst(answer.count)
        let end = body.firstRange(of: word)?.lowerBound ?? body.endIndex
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body[..<end].utf8)),
            let instance = document.instanceId, let region = document.region, AwsProgram.isInstance(instance),
            AwsProgram.isRegion(region)
        else { return nil }
        return InstanceIdentity(instance: instance, region: region)
    }
}
