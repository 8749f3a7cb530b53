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

    /// Takes the same time wherever the first difference is, so that a token cannot be guessed byte by byte. Its length is no secret.
    private static func equal(_ given: [UInt8], _ token: [UInt8]) -> Bool {
        guard given.count == token.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(given, token) { difference |= left ^ right }
        return difference == 0
    }
}
