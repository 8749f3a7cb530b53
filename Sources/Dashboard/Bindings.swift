import Screen

/// What a key can do.
public enum Command: Hashable, Sendable {
    case tab(Tab), nextTab, previousTab
    case up, down, pageUp, pageDown, halfUp, halfDown, first, last
    case open, back
    case filter, sort, zoom, fold, pause, yank, refresh
    case log, nextMatch, previousMatch
    case actions, command
    case help, redraw, suspend, quit
}

/// One line of the register of keys. Help, hints and README's table are made from it.
public struct Binding: Sendable {
    /// The name under which it can be given other keys in the config.
    public let name: String
    public let command: Command
    public let keys: [Key]
    /// One or two words for the hint line.
    public let text: String
    /// A sentence for the help.
    public let tooltip: String
    /// Whether the hint line shows it.
    public let isHinted: Bool
    /// Why it does nothing now; nil when it works.
    let disabled: @Sendable (State) -> String?

    init(
        _ name: String, _ command: Command, _ keys: [Key], _ text: String, _ tooltip: String, hinted: Bool = false,
        disabled: @escaping @Sendable (State) -> String? = { _ in nil }
    ) {
        self.name = name
        self.command = command
        self.keys = keys
        self.text = text
        self.tooltip = tooltip
        isHinted = hinted
        self.disabled = disabled
    }

    func with(keys: [Key]) -> Binding {
        Binding(name, command, keys, text, tooltip, hinted: isHinted, disabled: disabled)
    }

    /// The register. Arrows and hjkl move and do nothing else; nothing here can harm: an action is a layer and a question away.
    public static let standard: [Binding] =
        Tab.allCases.map { tab in
            Binding(
                tab.rawValue, .tab(tab), [.character(tab.digit)], tab.title, "Open the \(tab.title) pane.")
        } + [
            Binding("next-pane", .nextTab, [.tab, .right, .character("l")], "next pane", "Go to the next pane."),
            Binding(
                "previous-pane", .previousTab, [.backTab, .left, .character("h")], "previous pane",
                "Go to the previous pane."),
            Binding("up", .up, [.up, .character("k")], "up", "Move the cursor up."),
            Binding("down", .down, [.down, .character("j")], "down", "Move the cursor down."),
            Binding("page-up", .pageUp, [.pageUp], "page up", "Move up by a page."),
            Binding("page-down", .pageDown, [.pageDown], "page down", "Move down by a page."),
            Binding("half-page-up", .halfUp, [.control("u")], "half page up", "Move up by half a page."),
            Binding("half-page-down", .halfDown, [.control("d")], "half page down", "Move down by half a page."),
            Binding("first", .first, [.home, .character("g")], "first", "Go to the first row."),
            Binding("last", .last, [.end, .character("G")], "last", "Go to the last row."),
            Binding(
                "open", .open, [.enter], "open", "Open the item under the cursor.", hinted: true,
                disabled: { state in
                    if state.listPane?.isOpen == true { return "it is open" }
                    let isFold = state.listPane?.selection == .fold
                    return state.selectedItem == nil && !isFold ? "nothing is selected" : nil
                }),
            Binding(
                "back", .back, [.escape, .backspace], "back", "Close what is open; then take the filter away.",
                hinted: true, disabled: { $0.canGoBack ? nil : "nothing is open" }),
            Binding(
                "actions", .actions, [.character("a")], "actions",
                "Do something to the item under the cursor; it asks first.", hinted: true,
                disabled: { $0.actionsRefusal }),
            Binding(
                "command", .command, [.character(":")], "command",
                "Type a command or an action and its item; Tab completes."),
            Binding(
                "filter", .filter, [.character("/")], "filter",
                "Show only rows that contain the words typed, !word those that do not; in a log, find text.",
                hinted: true,
                disabled: { $0.listPane == nil ? "this pane has no list" : nil }),
            Binding(
                "log", .log, [.character("L")], "log", "Read the item's log; it follows its end until you scroll up.",
                hinted: true, disabled: { $0.logRefusal }),
            Binding(
                "next-match", .nextMatch, [.character("n")], "next", "Go to the next line in the log that matches.",
                hinted: true, disabled: { $0.matchRefusal }),
            Binding(
                "previous-match", .previousMatch, [.character("N")], "previous",
                "Go to the previous line in the log that matches.", disabled: { $0.matchRefusal }),
            Binding(
                "sort", .sort, [.character("s")], "sort", "Order by attention, name, progress or start.", hinted: true,
                disabled: { $0.listRefusal }),
            Binding(
                "fold", .fold, [.character(" ")], "fold", "Show ended rows one by one, or as a count.",
                disabled: { $0.listRefusal }),
            Binding(
                "zoom", .zoom, [.character("z")], "zoom", "Give the list the whole pane, and back.", hinted: true,
                disabled: { $0.listRefusal }),
            Binding(
                "pause", .pause, [.character("p")], "pause",
                "Hold the screen still; collecting goes on behind it.", hinted: true),
            Binding(
                "yank", .yank, [.character("y")], "copy", "Copy the name, the address, a command or the JSON.",
                hinted: true, disabled: { $0.selectedItem == nil ? "nothing is selected" : nil }),
            Binding(
                "refresh", .refresh, [.character("r")], "refresh",
                "Ask the selected row's source now, and those that do not answer."),
            Binding("help", .help, [.character("?"), .function(1)], "help", "Show all keys.", hinted: true),
            Binding("redraw", .redraw, [.control("l")], "redraw", "Paint the whole screen anew."),
            Binding("suspend", .suspend, [.control("z")], "suspend", "Stop and go back to the shell; fg returns."),
            Binding("quit", .quit, [.character("q"), .control("c")], "quit", "Leave.", hinted: true),
        ]
}

extension State {
    /// Why nothing can be done to the list; nil when something can.
    var listRefusal: String? {
        if reading != nil { return "the log is open" }
        return listPane == nil ? "this pane has no list" : nil
    }
}

/// Which key does what: the register, with the keys a person gave to it instead.
public struct Keymap: Sendable {
    public let bindings: [Binding]
    private let byKey: [Key: Int]

    public static let standard = Keymap(bindings: Binding.standard)

    private init(bindings: [Binding]) {
        self.bindings = bindings
        byKey = Dictionary(
            bindings.enumerated().flatMap { entry in entry.element.keys.map { ($0, entry.offset) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter changes: key names by binding name: `quit: [C-q]`.
    /// - Returns: the keymap, or a sentence for each thing that is wrong.
    public static func remapped(_ changes: [String: [String]]) -> Result<Keymap, KeymapProblems> {
        var bindings = Binding.standard
        var problems: [String] = []
        for (name, keyNames) in changes.sorted(by: { $0.key < $1.key }) {
            guard let index = bindings.firstIndex(where: { $0.name == name }) else {
                problems.append("keys.\(name): there is no such command; `slipway keys` lists them")
                continue
            }
            var keys: [Key] = []
            for keyName in keyNames {
                if let key = Key(name: keyName) {
                    keys.append(key)
                } else {
                    problems.append("keys.\(name): \(keyName) is not a key; examples are j, Space, Enter, C-d, F5")
                }
            }
            bindings[index] = bindings[index].with(keys: keys)
        }
        var owners: [Key: String] = [:]
        for binding in bindings {
            for key in binding.keys {
                if let other = owners.updateValue(binding.name, forKey: key) {
                    problems.append("keys: \(key.name) would do two things, \(other) and \(binding.name)")
                }
            }
        }
        if bindings.first(where: { $0.command == .quit })?.keys.isEmpty ?? true {
            problems.append("keys.quit: at least one key must leave the program")
        }
        return problems.isEmpty ? .success(Keymap(bindings: bindings)) : .failure(KeymapProblems(sentences: problems))
    }

    func binding(for key: Key) -> Binding? { byKey[key].map { bindings[$0] } }

    func keyName(of command: Command) -> String? { bindings.first { $0.command == command }?.keys.first?.name }
}

/// What is wrong with keys that a person gave.
public struct KeymapProblems: Error, Sendable, Equatable {
    public let sentences: [String]
}
