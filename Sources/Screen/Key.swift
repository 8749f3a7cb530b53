/// What a person did with the keyboard or the mouse, as bindings speak of it.
public enum Key: Hashable, Sendable {
    /// A printable character, blank included.
    case character(Character)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, pageUp, pageDown, home, end
    /// F1 and on.
    case function(Int)
    /// Ctrl with a letter (always lower case) or one of `@ [ \ ] ^ _`.
    case control(Character)
    /// Alt (or Esc, then at once) with a character.
    case alt(Character)
    /// A click or a turn of the wheel.
    case mouse(MouseEvent)
    /// Text pasted in one go; line ends and all.
    case paste(String)

    private static let named: [(name: String, key: Key)] = [
        ("Enter", .enter), ("Esc", .escape), ("Tab", .tab), ("S-Tab", .backTab), ("Backspace", .backspace),
        ("Del", .delete), ("Ins", .insert), ("Up", .up), ("Down", .down), ("Left", .left), ("Right", .right),
        ("PgUp", .pageUp), ("PgDn", .pageDown), ("Home", .home), ("End", .end), ("Space", .character(" ")),
    ]

    /// A key from its name in bindings and help: `j`, `Space`, `Enter`, `Esc`, `S-Tab`, `PgUp`, `F5`, `C-d`, `M-x`.
    /// Words are accepted in any case, single letters are not folded. Mouse and paste have no name that reads back.
    public init?(name: String) {
        if name.count == 1, let character = name.first {
            guard character != " ", Key.isTypeable(character) else { return nil }
            self = .character(character)
            return
        }
        let lower = name.lowercased()
        if let entry = Key.named.first(where: { $0.name.lowercased() == lower }) {
            self = entry.key
        } else if lower.first == "f", let number = Int(lower.dropFirst()), (1...63).contains(number) {
            self = .function(number)
        } else if name.count == 3, lower.hasPrefix("c-"), let character = lower.last, Key.isControl(character) {
            self = .control(character)
        } else if name.hasPrefix("M-") || name.hasPrefix("m-") {
            switch Key(name: String(name.dropFirst(2))) {
            case .character(let character): self = .alt(character)
            default: return nil
            }
        } else {
            return nil
        }
    }

    /// The name, as `init(name:)` reads it.
    public var name: String {
        switch self {
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .function(let number): "F\(number)"
        case .control(let character): "C-\(character)"
        case .alt(let character): "M-\(Key.character(character).name)"
        case .mouse: "Mouse"
        case .paste: "Paste"
        default: Key.named.first { $0.key == self }?.name ?? "?"
        }
    }

    private static func isTypeable(_ character: Character) -> Bool {
        character.unicodeScalars.allSatisfy { $0.value > 0x20 && !(0x7F...0x9F).contains($0.value) }
    }

    private static func isControl(_ character: Character) -> Bool {
        ("a"..."z").contains(character) || "@[\\]^_".contains(character)
    }
}

/// A click or a turn of the wheel on a cell.
public struct MouseEvent: Hashable, Sendable {
    /// What was done.
    public enum Action: Hashable, Sendable { case press, release, secondary, wheelUp, wheelDown }

    /// What was done.
    public var action: Action
    /// The row of the cell.
    public var row: Int
    /// Its column.
    public var column: Int

    /// An event.
    public init(_ action: Action, row: Int, column: Int) {
        self.action = action
        self.row = row
        self.column = column
    }
}
