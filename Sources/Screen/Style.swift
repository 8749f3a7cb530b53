/// What can be said about a character besides its colour; every terminal has at least `bold` and `reverse`.
public struct Attributes: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Attributes from their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Heavier.
    public static let bold = Attributes(rawValue: 1)
    /// Fainter; some terminals do not have it, so it never carries a fact alone.
    public static let dim = Attributes(rawValue: 2)
    /// Underlined.
    public static let underline = Attributes(rawValue: 4)
    /// Foreground and background exchanged.
    public static let reverse = Attributes(rawValue: 8)
}

/// How a cell looks: its meaning, and what is added on top of the face that the theme gives to that meaning.
public struct Style: Equatable, Hashable, Sendable {
    /// The meaning.
    public var role: Role
    /// Added to the attributes of the theme's face.
    public var attributes: Attributes

    /// A style of this role.
    public init(_ role: Role, _ attributes: Attributes = []) {
        self.role = role
        self.attributes = attributes
    }

    /// The same meaning with more attributes.
    public func adding(_ more: Attributes) -> Style { Style(role, attributes.union(more)) }
}
