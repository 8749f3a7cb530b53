import Hummingbird

/// Checks the bearer token of a request. Holds the token, and never shows it.
struct TokenGuard: Sendable, CustomStringConvertible {
    private let token: [UInt8]?

    /// - Parameter token: nil lets everybody write.
    init(token: String?) { self.token = token.map { Array($0.utf8) } }

    var description: String { token == nil ? "no token" : "a token" }

    /// - Throws: a 401 that says what to send.
    func check(_ request: Request) throws {
        guard let token else { return }
        let header = request.headers[.authorization] ?? ""
        let scheme = header.prefix(7)
        guard scheme.lowercased() == "bearer ", Self.equal(Array(header.dropFirst(7).utf8), token) else {
            throw WebFault(
                .unauthorized, "Writing needs the service's token: send the header Authorization: Bearer TOKEN.",
                headers: [.wwwAuthenticate: "Bearer realm=\"slipway\""])
        }
    }

    /// What concerns everybody at once is done for nobody without a token, on this machine neither.
    ///
    /// - Throws: a 403 that says how a token is set when the service has none; else as `check`.
    func checkAdministrator(_ request: Request) throws {
        guard token != nil else {
            throw WebFault(
                .forbidden, "Admin routes need a token, and this service has none.",
                advice: "Start it with a token in SLIPWAY_TOKEN or with --token-file.")
        }
        try check(request)
    }

    /// Takes the same time wherever the first difference is, so that a token cannot be guessed byte by byte. Its length is no secret.
    private static func equal(_ given: [UInt8], _ token: [UInt8]) -> Bool {
        guard given.count == token.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(given, token) { difference |= left ^ right }
        return difference == 0
    }
}
