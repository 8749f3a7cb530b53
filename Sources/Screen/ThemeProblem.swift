/// Something in a theme file that its author should know.
public struct ThemeProblem: Equatable, Sendable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: String, Sendable {
        /// The theme is not used; the last good one stays.
        case error
        /// The theme is used.
        case warning
    }

    /// How bad it is.
    public var severity: Severity
    /// The file, as it was given to the loader.
    public var file: String
    /// The line in it, 1 first.
    public var line: Int
    /// What is wrong and what is expected.
    public var message: String

    /// A problem.
    public init(_ severity: Severity, file: String, line: Int, message: String) {
        self.severity = severity
        self.file = file
        self.line = line
        self.message = message
    }

    /// In the form that editors jump to.
    public var description: String { "\(file):\(line): \(severity.rawValue): \(message)" }
}
