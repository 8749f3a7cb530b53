import Screen

/// What a key can do.
public enum Command: Hashable, Sendable {
    case tab(Tab), nextTab, previousTab
    case up, down, pageUp, pageDown, halfUp, halfDown, first, last
    case open, back
    case filter, sort, zoom, fold, pause, yank, refresh
    case log, nextMatch, previousMatch
    case actions, command
    case minuteBack, minuteOn, leapBack, leapOn, changeBefore, changeAfter, oldest, newest, play
    case help, redraw, suspend, quit
}

/// When a key means something. A key may mean one thing in each.
public enum Scope: Sendable {
    case everywhere
    /// While the screen stands at an instant: paused, or in a recording.
    case atInstant
    /// In a recording.
    case recording
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
    /// Where it is meant, before what else the key means.
    public let scope: Scope
    /// Why it does nothing now; nil when it works.
    let disabled: @Sendable (State) -> String?

    init(
        _ name: String, _ command: Command, _ keys: [Key], _ text: String, _ tooltip: String, hinted: Bool = false,
        scope: Scope = .everywhere, disabled: @escaping @Sendable (State) -> String? = { _ in nil }
    ) {
        self.name = name
        self.command = command
        self.keys = keys
        self.text = text
        self.tooltip = tooltip
        isHinted = hinted
        self.scope = scope
        self.disabled = { state in
            switch scope {
            case .atInstant where state.travel == nil: "the screen is not paused"
            case .recording where !state.isReplay: "this is no recording"
            case .everywhere, .atInstant, .recording: disabled(state)
            }
        }
    }

    func with(keys: [Key]) -> Binding {
        Binding(name, command, keys, text, tooltip, hinted: isHinted, scope: scope, disabled: disabled)
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
                "fold", .fold, [.character(" "), .character("f")], "fold", "Show ended rows one by one, or as a count.",
                disabled: { $0.listRefusal }),
            Binding(
                "zoom", .zoom, [.character("z")], "zoom", "Give the list the whole pane, and back.", hinted: true,
                disabled: { $0.listRefusal }),
            Binding(
                "pause", .pause, [.character("p")], "pause",
                "Hold the screen still, to go back in time; collecting goes on behind it. Again: on.", hinted: true),
            Binding(
                "yank", .yank, [.character("y")], "copy", "Copy the name, the address, a command or the JSON.",
                hinted: true, disabled: { $0.selectedItem == nil ? "nothing is selected" : nil }),
            Binding(
                "refresh", .refresh, [.character("r")], "refresh",
                "Ask the selected row's source now, and those that do not answer.",
                disabled: { $0.isReplay ? "this is a recording" : nil }),
            Binding("help", .help, [.character("?"), .function(1)], "help", "Show all keys.", hinted: true),
            Binding("redraw", .redraw, [.control("l")], "redraw", "Paint the whole screen anew."),
            Binding("suspend", .suspend, [.control("z")], "suspend", "Stop and go back to the shell; fg returns."),
            Binding("quit", .quit, [.character("q"), .control("c")], "quit", "Leave.", hinted: true),
        ] + time

    /// Going through time. They come before what else their keys mean, but only while the screen stands at an instant.
    private static let time: [Binding] = [
        Binding("play", .play, [.character(" ")], "pause", "In a recording: pause, and on.", scope: .recording),
        Binding(
            "minute-back", .minuteBack, [.left, .character("h")], "-1m", "While paused: back by a minute.",
            hinted: true, scope: .atInstant),
        Binding(
            "minute-on", .minuteOn, [.right, .character("l")], "+1m", "While paused: on by a minute.", hinted: true,
            scope: .atInstant),
        Binding(
            "leap-back", .leapBack, [.character("{")], "-10m", "While paused: back by ten minutes.", scope: .atInstant),
        Binding("leap-on", .leapOn, [.character("}")], "+10m", "While paused: on by ten minutes.", scope: .atInstant),
        Binding(
            "change-before", .changeBefore, [.character("[")], "change before",
            "While paused: back to the change before.", hinted: true, scope: .atInstant),
        Binding(
            "change-after", .changeAfter, [.character("]")], "after", "While paused: on to the next change.",
            hinted: true, scope: .atInstant),
        Binding(
            "oldest", .oldest, [.home], "oldest", "While paused: to the oldest that is kept.", scope: .atInstant),
        Binding(
            "newest", .newest, [.end], "now", "While paused: back to now; in a recording, to its end.", hinted: true,
            scope: .atInstant),
    ]
}

extension State {
    /// What keys mean now, the nearest first.
    var scopes: [Scope] {
        travel == nil ? [.everywhere] : isReplay ? [.recording, .atInstant, .everywhere] : [.atInstant, .everywhere]
    }

    /// The keys of a binding that do it now: what is nearer may have taken some.
    func keys(of binding: Binding) -> [Key] {
        binding.keys.filter { setting.keymap.binding(for: $0, scopes: scopes)?.command == binding.command }
    }

    /// One or two words for a binding, as things are now.
    func text(of binding: Binding) -> String {
        switch binding.command {
        case .filter where isFindingText: "find"
        case .pause where isReplay, .play: travel?.isPlaying == true ? "pause" : "go on"
        case .pause where travel != nil: "go on"
        case .newest where isReplay: "end"
        default: binding.text
        }
    }

    /// Why nothing can be done to the list; nil when something can.
    var listRefusal: String? {
        if reading != nil { return "the log is open" }
        return listPane == nil ? "this pane has no list" : nil
    }
}

/// Which key does what: the register, with the keys a person gave to it instead.
public struct Keymap: Sendable {
    public let bindings: [Binding]
    private let byKey: [Scope: [Key: Int]]

    public static let standard = Keymap(bindings: Binding.standard)

    private init(bindings: [Binding]) {
        self.bindings = bindings
        var byKey: [Scope: [Key: Int]] = [:]
        for (index, binding) in bindings.enumerated() {
            for key in binding.keys where byKey[binding.scope]?[key] == nil {
                byKey[binding.scope, default: [:]][key] = index
            }
        }
        self.byKey = byKey
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
        var owners: [Scope: [Key: String]] = [:]
        for binding in bindings {
            for key in binding.keys {
                if let other = owners[binding.scope, default: [:]].updateValue(binding.name, forKey: key) {
                    problems.append("keys: \(key.name) would do two things, \(other) and \(binding.name)")
                }
            }
        }
        // Also while the screen stands at an instant.
        let covered = Set(bindings.filter { $0.scope != .everywhere }.flatMap(\.keys))
        if bindings.first(where: { $0.command == .quit })?.keys.allSatisfy(covered.contains) ?? true {
            problems.append("keys.quit: at least one key must leave the program")
        }
        return problems.isEmpty ? .success(Keymap(bindings: bindings)) : .failure(KeymapProblems(sentences: problems))
    }

    /// What a key means where nothing is special: in layers, too, it is so.
    func binding(for key: Key) -> Binding? { byKey[.everywhere]?[key].map { bindings[$0] } }

    /// What a key means now; what it would mean elsewhere, where it means nothing now.
    func binding(for key: Key, scopes: [Scope]) -> Binding? {
        let order = scopes + [.atInstant, .recording]
        return order.lazy.compactMap { byKey[$0]?[key] }.first.map { bindings[$0] }
    }

    func keyName(of command: Command) -> String? { bindings.first { $0.command == command }?.keys.first?.name }
}

/// What is wrong with keys that a person gave.
public struct KeymapProblems: Error, Sendable, Equatable {
    public let sentences: [String]
}
