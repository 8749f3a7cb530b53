/// What words in a provider's message mean, and what to do about it. A hint is added here.
struct TroubleHint: Sendable, Equatable {
    enum Step: Sendable { case quota, credential, providerLogs, template, machines, services }

    /// Lower case; any of them in the message is enough.
    let words: [String]
    /// One sentence without its full stop.
    let meaning: String
    let advice: String
    let steps: [Step]
    /// It does not go away by itself, so that a person is called before the deployment fails.
    let isLasting: Bool

    /// The first that fits; the order is from the particular to the general.
    static func first(for message: String) -> TroubleHint? {
        guard !message.isEmpty else { return nil }
        let lower = message.lowercased()
        return all.first { $0.words.contains { lower.contains($0) } }
    }

    static let all = [
        TroubleHint(
            words: [
                "quota", "limitexceeded", "limit exceeded", "maximum number of", "operationnotallowed",
                "toomanyrequestslimit",
            ],
            meaning: "the provider's quota is used up",
            advice: "Ask the provider for more quota, free some, or choose fewer or smaller machines.",
            steps: [.quota, .providerLogs], isLasting: true),
        TroubleHint(
            words: [
                "insufficientinstancecapacity", "insufficient capacity", "skunotavailable", "allocationfailed",
                "zonalallocationfailed", "resource_pool_exhausted", "no valid host",
            ],
            meaning: "the provider has no free machines of this type there",
            advice: "Choose another machine type, zone or region, or wait.", steps: [.providerLogs], isLasting: true),
        TroubleHint(
            words: [
                "unauthorizedoperation", "accessdenied", "access denied", "authorizationfailed", "forbidden",
                "does not have authorization", "does not have permission", "permission denied", "permission_denied",
            ],
            meaning: "the credential may not do this", advice: "Give the credential's identity the missing right.",
            steps: [.credential, .providerLogs], isLasting: true),
        TroubleHint(
            words: [
                "authfailure", "unauthorized", "invalidclienttokenid", "expiredtoken", "token has expired", "aadsts",
                "invalid_grant", "invalid credentials", "incorrect user name or password", "cannot complete login",
                "authentication failed", "could not authenticate",
            ],
            meaning: "the provider does not accept the credential", advice: "Renew the secret behind the credential.",
            steps: [.credential, .providerLogs], isLasting: true),
        TroubleHint(
            words: [
                "invalidamiid", "imagenotfound", "image not found", "could not find image", "failed to find image",
                "no image found", "ami not found", "unable to find template",
            ],
            meaning: "the machine image does not exist there",
            advice: "Check the image in the deployment's configuration.",
            steps: [.template, .providerLogs], isLasting: true),
        TroubleHint(
            words: [
                "insufficientfreeaddresses", "no available ip", "no more ip addresses", "addresslimitexceeded",
                "subnetisfull", "netcfgsubnetrangesoverlap", "overlap", "cidrconflict", "invalidsubnet",
            ],
            meaning: "the network has no room for it", advice: "Free addresses, or choose another range.",
            steps: [.providerLogs], isLasting: true),
        TroubleHint(
            words: ["imagepullbackoff", "errimagepull", "failed to pull"], meaning: "an image cannot be pulled",
            advice: "Check the registry's address and secret.", steps: [.services], isLasting: true),
        TroubleHint(
            words: ["throttl", "too many requests", "rate exceeded", "requestlimitexceeded"],
            meaning: "the provider slows requests down", advice: "It goes on by itself; wait.", steps: [.providerLogs],
            isLasting: false),
        TroubleHint(
            words: ["no such host", "connection refused", "i/o timeout", "x509", "certificate has expired"],
            meaning: "an address cannot be reached", advice: "Check names, firewall and certificates of the network.",
            steps: [.providerLogs], isLasting: false),
        TroubleHint(
            words: ["timed out waiting", "deadline exceeded", "context deadline"], meaning: "it took too long",
            advice: "See what its pods wait for on the new cluster.", steps: [.services, .machines], isLasting: false),
    ]
}
