/// The version of what goes over a stream. A new minor version only adds frames and fields, which older ones pass over; a new major version
/// is another language.
public struct StreamVersion: Sendable, Hashable {
    /// What this program speaks.
    public static let current = StreamVersion(major: 1, minor: 0)

    public let major: Int
    public let minor: Int

    public init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// - Returns: nil for anything but `MAJOR.MINOR`; what follows a second point is passed over.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]), major >= 0, minor >= 0 else {
            return nil
        }
        self.init(major: major, minor: minor)
    }

    public var text: String { "\(major).\(minor)" }

    /// What to tell a person when the other side cannot be understood.
    ///
    /// - Parameters:
    ///   - theirs: the version in the other side's hello.
    ///   - host: the other side, for people.
    /// - Returns: nil when both understand each other.
    public func mismatch(with theirs: String, on host: String) -> (sentence: String, advice: String)? {
        guard let other = StreamVersion(theirs) else {
            return (
                "\(host) speaks no version of the stream that is known: '\(theirs)'", "Look what answers on \(host)"
            )
        }
        guard other.major != major else { return nil }
        let older = other.major < major ? host : "this host"
        return (
            "\(host) speaks version \(other.text) of the stream and this slipway \(text)",
            "Install the newer slipway on \(older)"
        )
    }
}
