#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a bearer token is found. It is read anew for every question, so that a renewed token is used at once; it has no description.
public enum BearerToken: Sendable, Equatable {
    case file(String)
    case environment(String)

    /// - Throws: `UpstreamProblem` that names the file or the variable, never its content.
    public func read(environment: [String: String]) throws(UpstreamProblem) -> String {
        switch self {
        case .environment(let name):
            guard let token = environment[name].flatMap(Self.trimmed) else {
                throw UpstreamProblem(
                    .misconfigured, "The environment variable \(name) holds no token, or one with blanks in it.",
                    advice: "Set \(name), or name a token file in the config.")
            }
            return token
        case .file(let path):
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)),
                let token = Self.trimmed(String(decoding: data.prefix(16_384), as: UTF8.self))
            else {
                throw UpstreamProblem(
                    .misconfigured,
                    "The token file \(path) cannot be read, is empty, or holds blanks inside the token.",
                    advice: "Check that the file exists and that you may read it.")
            }
            return token
        }
    }

    /// Blanks and line ends around it are not part of it. A header value must be one visible line: with anything else inside it is none.
    private static func trimmed(_ text: String) -> String? {
        let isBlank: (Unicode.Scalar) -> Bool = { $0.value <= 0x20 }
        let inner = text.unicodeScalars.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        guard !inner.isEmpty, inner.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }) else { return nil }
        return String(String.UnicodeScalarView(inner))
    }
}
