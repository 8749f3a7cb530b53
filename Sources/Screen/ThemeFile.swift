import Yams

/// Reads a theme from YAML. The keys are those of `ThemeKey`, besides `name`, `inherits`, `palette` and
/// `paint-background`; each value is a colour or a mapping such as `{fg: red, bold: true, c16: bright-red}`.
public struct ThemeFile {
    /// Reads a theme.
    /// - Parameters:
    ///   - yaml: The text of the file.
    ///   - file: Its name in problems, and without its ending the name of the theme if the file gives none.
    ///   - parent: Finds the theme that `inherits` names.
    /// - Returns: The theme, nil if there is an error; and all that is wrong, ordered by line.
    public static func load(
        yaml: String, file: String, parent: (String) -> Theme? = { _ in nil }
    ) -> (theme: Theme?, problems: [ThemeProblem]) {
        var reader = ThemeFile(file: file)
        var theme = reader.read(yaml: yaml, parent: parent)
        if let read = theme, reader.problems.allSatisfy({ $0.severity == .warning }) {
            for finding in ThemeCheck.findings(in: read) {
                let line = reader.lines[finding.key] ?? reader.lines["background"] ?? 1
                reader.note(.warning, line, finding.message)
            }
        } else {
            theme = nil
        }
        return (theme, reader.problems.sorted { $0.line < $1.line })
    }

    private static let otherKeys = ["name", "inherits", "palette", "paint-background"]
    private static let faceKeys = ["fg", "bg", "bold", "dim", "underline", "reverse", "c256", "c16", "mono"]
    private static let attributeNames: [(name: String, attribute: Attributes)] = [
        ("bold", .bold), ("dim", .dim), ("underline", .underline), ("reverse", .reverse),
    ]

    private let file: String
    private var problems: [ThemeProblem] = []
    private var lines: [String: Int] = [:]
    private var palette: [String: Color] = [:]

    private init(file: String) { self.file = file }

    private mutating func note(_ severity: ThemeProblem.Severity, _ line: Int, _ message: String) {
        problems.append(ThemeProblem(severity, file: file, line: line, message: message))
    }

    private mutating func read(yaml: String, parent: (String) -> Theme?) -> Theme? {
        let root: Node?
        do {
            root = try compose(yaml: yaml)
        } catch {
            noteSyntax(error)
            return nil
        }
        guard case .mapping(let mapping)? = root else {
            note(.error, root?.mark?.line ?? 1, "a theme is a list of keys and values, such as `text: \"#e6e6e6\"`")
            return nil
        }
        var values: [String: Node] = [:]
        for (keyNode, value) in mapping {
            let line = keyNode.mark?.line ?? 1
            guard let key = keyNode.string else {
                note(.error, line, "a key must be a word")
                continue
            }
            if Self.otherKeys.contains(key) || ThemeKey.all.contains(where: { $0.name == key }) {
                values[key] = value
                lines[key] = line
            } else {
                let near = ThemeKey.nearest(to: key, in: ThemeKey.all.map(\.name) + Self.otherKeys)
                note(.warning, line, "unknown key `\(key)`" + (near.map { "; did you mean `\($0)`?" } ?? ""))
            }
        }
        let base = file.split(separator: "/").last.map(String.init) ?? file
        let name = values["name"]?.string ?? base.split(separator: ".").first.map(String.init) ?? base
        guard var theme = inherited(values, parent: parent) else { return nil }
        theme.name = name
        readPalette(values["palette"])
        if let node = values["paint-background"] {
            theme.paintsBackground = flag(node, "paint-background") ?? theme.paintsBackground
        }
        for key in ThemeKey.all {
            if let value = values[key.name] {
                apply(value, key: key, to: &theme)
            } else if values["inherits"] == nil, key.target != .background {
                note(.warning, 1, "`\(key.name)` (\(key.meaning)) is not set and nothing is inherited")
            }
        }
        return theme
    }

    private mutating func inherited(_ values: [String: Node], parent: (String) -> Theme?) -> Theme? {
        guard let node = values["inherits"] else { return Theme(name: "") }
        if let name = node.string, let theme = parent(name) { return theme }
        note(.error, lines["inherits"] ?? 1, "there is no theme `\(node.string ?? "")` to inherit from")
        return nil
    }

    private mutating func readPalette(_ node: Node?) {
        guard let node else { return }
        guard case .mapping(let mapping) = node else {
            note(.error, node.mark?.line ?? 1, "`palette` is a list of names and colours")
            return
        }
        for (key, value) in mapping {
            guard let name = key.string, let color = color(value, "palette") else { continue }
            palette[name] = color
        }
    }

    // MARK: Faces

    private mutating func apply(_ node: Node, key: ThemeKey, to theme: inout Theme) {
        var face = Face()
        if case .mapping(let mapping) = node {
            readFace(mapping, key: key, into: &face)
        } else if let color = color(node, key.name) {
            if case .foreground = key.target { face.fg = color } else { face.bg = color }
        }
        switch key.target {
        case .background: theme.background = face.bg
        case .foreground(let role):
            theme[role].fg = face.fg
            // `cursor.bg` is a key of its own and may have been set before.
            if role != .cursor || face.bg != nil { theme[role].bg = face.bg }
            theme[role].attributes = face.attributes
            theme[role].mono = face.mono
        case .ground(let role):
            theme[role].bg = face.bg
            if face.fg != nil { theme[role].fg = face.fg }
            theme[role].attributes.formUnion(face.attributes)
            theme[role].mono = face.mono ?? theme[role].mono
        }
    }

    private mutating func readFace(_ mapping: Node.Mapping, key: ThemeKey, into face: inout Face) {
        for (keyNode, value) in mapping {
            let name = keyNode.string ?? ""
            let line = keyNode.mark?.line ?? 1
            let what = "\(key.name).\(name)"
            switch name {
            case "fg": face.fg = color(value, what) ?? face.fg
            case "bg": face.bg = color(value, what) ?? face.bg
            case "bold", "dim", "underline", "reverse":
                let attribute = Self.attributeNames.first { $0.name == name }?.attribute ?? []
                if flag(value, what) == true { face.attributes.formUnion(attribute) }
            case "c256", "c16": break
            case "mono": face.mono = attributes(value, what)
            default:
                let near = ThemeKey.nearest(to: name, in: Self.faceKeys)
                note(.warning, line, "unknown key `\(what)`" + (near.map { "; did you mean `\($0)`?" } ?? ""))
            }
        }
        // Afterwards, since they go with the colour wherever in the mapping that stands.
        var stand = face.fg ?? face.bg
        if let node = mapping["c256"] { stand?.indexed = index(node, "\(key.name).c256", below: 256) }
        if let node = mapping["c16"] { stand?.ansi = index(node, "\(key.name).c16", below: 16) }
        if face.fg != nil { face.fg = stand } else { face.bg = stand }
    }

    // MARK: Values

    /// A colour; nil for the terminal's own, and for what is no colour, which is then noted.
    private mutating func color(_ node: Node, _ what: String) -> Color? {
        let line = node.mark?.line ?? 1
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            note(.error, line, "`\(what)` is empty: a colour that begins with # must stand in quotes")
            return nil
        }
        let word = scalar.string
        if word == "default" { return nil }
        if let color = palette[word] { return color }
        if let index = Palette.names.firstIndex(of: word) { return Color(.ansi(UInt8(index))) }
        if let rgb = RGB(hex: word) { return Color(.rgb(rgb)) }
        if word.hasPrefix("#") {
            note(.error, line, "`\(what)`: \"\(word)\" is no colour; expected # and six digits 0-9 a-f")
        } else {
            let near = ThemeKey.nearest(to: word, in: Palette.names + palette.keys.sorted() + ["default"])
            note(
                .error, line,
                "`\(what)`: \"\(word)\" is no colour; expected \"#rrggbb\", `default`, one of the sixteen such as "
                    + "`bright-red`, or a name of the palette" + (near.map { "; did you mean `\($0)`?" } ?? ""))
        }
        return nil
    }

    private mutating func index(_ node: Node, _ what: String, below limit: Int) -> UInt8? {
        if let number = node.int, (0..<limit).contains(number) { return UInt8(number) }
        if let name = node.string, let index = Palette.names.firstIndex(of: name) { return UInt8(index) }
        note(
            .error, node.mark?.line ?? 1,
            "`\(what)`: expected a number from 0 to \(limit - 1) or one of the sixteen such as `bright-red`")
        return nil
    }

    private mutating func flag(_ node: Node, _ what: String) -> Bool? {
        if let flag = node.bool { return flag }
        note(.error, node.mark?.line ?? 1, "`\(what)`: expected true or false")
        return nil
    }

    /// A list of attribute names; an empty list is none at all.
    private mutating func attributes(_ node: Node, _ what: String) -> Attributes? {
        var result: Attributes = []
        for item in node.sequence.map(Array.init) ?? [node] {
            guard let entry = Self.attributeNames.first(where: { $0.name == item.string }) else {
                note(.error, item.mark?.line ?? 1, "`\(what)`: expected a list of bold, dim, underline, reverse")
                return nil
            }
            result.formUnion(entry.attribute)
        }
        return result
    }

    private mutating func noteSyntax(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
            .composer(_, let problem, let mark, _)?:
            note(.error, mark.line, "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context)?:
            note(.error, context.mark.line, "set twice: \(duplicates.sorted().joined(separator: ", "))")
        default: note(.error, 1, "this is not YAML that can be read")
        }
    }
}
