/// How one role looks.
public struct Face: Equatable, Hashable, Sendable {
    /// The colour of the text; nil is the terminal's own.
    public var fg: Color?
    /// The colour of the ground; nil is the terminal's own.
    public var bg: Color?
    /// Always added.
    public var attributes: Attributes
    /// The attributes on a terminal without colours; nil takes the rule of `Theme.monoAttributes`.
    public var mono: Attributes?

    /// A face.
    public init(fg: Color? = nil, bg: Color? = nil, attributes: Attributes = [], mono: Attributes? = nil) {
        self.fg = fg
        self.bg = bg
        self.attributes = attributes
        self.mono = mono
    }
}

/// A face as numbers for a terminal of a certain depth.
public struct ResolvedFace: Equatable, Hashable, Sendable {
    /// Palette index, or `0xRRGGBB` on a direct terminal; -1 is the terminal's own.
    public var fg: Int32
    /// The same for the ground.
    public var bg: Int32
    /// The attributes.
    public var attributes: Attributes

    /// A face in numbers.
    public init(fg: Int32 = -1, bg: Int32 = -1, attributes: Attributes = []) {
        self.fg = fg
        self.bg = bg
        self.attributes = attributes
    }
}

/// A face for every role.
public struct Theme: Equatable, Hashable, Sendable {
    /// Its name in settings.
    public var name: String
    /// The ground that contrast is measured against; nil when it is not known.
    public var background: Color?
    /// Paint the ground. Off by default: the terminal's own ground costs fewer bytes and suits its owner.
    public var paintsBackground: Bool
    private var faces: [Face]

    /// A theme; roles that are not given look like plain text.
    public init(
        name: String, faces: [Role: Face] = [:], background: Color? = nil, paintsBackground: Bool = false
    ) {
        self.name = name
        self.background = background
        self.paintsBackground = paintsBackground
        self.faces = Role.allCases.map { faces[$0] ?? Face() }
    }

    /// A theme without any colour, for when no theme file can be read at all.
    public static let plain = Theme(name: "plain")

    /// The face of a role.
    public subscript(role: Role) -> Face {
        get { faces[Int(role.rawValue)] }
        set { faces[Int(role.rawValue)] = newValue }
    }

    /// How a style looks on a terminal of this depth.
    public func face(for style: Style, depth: ColorDepth) -> ResolvedFace {
        var resolved = resolvedFace(of: style.role, depth: depth)
        resolved.attributes.formUnion(style.attributes)
        return resolved
    }

    /// All roles at once, indexed by raw value: finding the nearest colour is too dear to be done for every cell.
    public func resolved(depth: ColorDepth) -> [ResolvedFace] {
        Role.allCases.map { resolvedFace(of: $0, depth: depth) }
    }

    /// What tells roles apart without colour: the selection is reversed, failures and titles are bold, stale values
    /// are dim, matches are underlined. Every status has its word and its mark besides.
    public static func monoAttributes(of role: Role) -> Attributes {
        switch role {
        case .cursor: .reverse
        case .statusFail, .statusWarn, .title, .key, .borderFocus, .barLimit: .bold
        case .statusStale, .muted: .dim
        case .match: .underline
        case .text, .surface, .border, .statusOk, .statusRun, .statusWait, .statusHold, .barFill, .barRest, .barUsual,
            .graphLow, .graphHigh:
            []
        }
    }

    private func resolvedFace(of role: Role, depth: ColorDepth) -> ResolvedFace {
        let face = self[role]
        if depth == .mono {
            return ResolvedFace(attributes: face.mono ?? face.attributes.union(Theme.monoAttributes(of: role)))
        }
        let ground = paintsBackground ? background : nil
        var fg = face.fg?.number(at: depth) ?? -1
        let bg = (face.bg ?? ground)?.number(at: depth) ?? -1
        // With few colours two may fall together; text that cannot be seen is worse than text without its colour.
        if bg >= 0, fg == bg { return ResolvedFace(attributes: face.attributes.union(.reverse)) }
        if bg < 0, fg >= 0, fg == background?.number(at: depth) { fg = -1 }
        var attributes = face.attributes
        // A selection must be seen even where it has no ground of its own.
        if role == .cursor, bg < 0 { attributes.insert(.reverse) }
        return ResolvedFace(fg: fg, bg: bg, attributes: attributes)
    }
}
