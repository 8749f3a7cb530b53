import Fleet
import Screen

/// What frames every pane: the line of sources, the line of panes, the line of hints.
enum Chrome {
    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        let line = firstLine(state, width: layout.columns) + sources(state)
        grid.put(line.truncated(to: layout.columns, glyphs: state.setting.glyphs), row: 0, column: 0)
        tabs(state, into: &grid, row: 1, width: layout.columns)
        grid.put(hints(state, width: layout.columns), row: layout.hints.row, column: 0)
    }

    /// What stands before the sources: ` slipway  ops-1  read-only`; at another time ` = PAUSED at 14:03:12  ! ops2 lost 31s`, for the
    /// links are as they are now.
    private static func firstLine(_ state: State, width: Int) -> Line {
        let gap = Line("  ")
        let links = state.links.isEmpty ? nil : LinkWords(state, isBeside: state.travel != nil)
        let least = links?.trouble.map { TextWidth.of($0) + gap.width } ?? 0
        if let banner = Banner.line(state, room: width - least) {
            let words = links?.line(room: width - banner.width - gap.width) ?? Line()
            return words.isEmpty ? banner : banner + gap + words
        }
        let name = Line(" slipway", Style(.title, .bold)) + gap
        var rest = Line()
        if let speed = state.setting.demoSpeed {
            rest += Line("  demo x\(speed.formattedShort)", Style(.statusHold, .bold))
        }
        rest += Line(state.setting.isReadOnly ? "  read-only" : "  writes on", Style(.muted))
        let host = links?.line(room: width - name.width - rest.width)
        return name + (host ?? Line(state.setting.host, Style(.text))) + rest
    }

    /// The sources as they are, or were.
    private static func sources(_ state: State) -> Line {
        // Trouble first: a narrow screen cuts the rest.
        let sources = state.shown.sources.values.sorted { left, right in
            let (leftLive, rightLive) = (
                left.state(at: state.shownAt) == .live, right.state(at: state.shownAt) == .live
            )
            return leftLive == rightLive ? left.id < right.id : rightLive
        }
        guard !sources.isEmpty else { return Line() }
        var line = Line("   sources:", Style(.muted))
        for source in sources { line += Line(source.id == sources[0].id ? " " : "  ") + self.source(source, state) }
        return line
    }

    /// A source's name, its state in a word, and its age when it is old.
    private static func source(_ source: Source, _ state: State) -> Line {
        let now = source.state(at: state.shownAt)
        let name = Line(source.id.text + " ", Style(.text))
        guard now != .live || source.lastSuccess == nil else { return name + Line("ok", Style(.statusOk)) }
        if source.lastSuccess == nil, now == .live { return name + Line("asking", Style(.muted)) }
        let age = source.age(at: state.shownAt).map { "~\(DurationText.age($0)) " } ?? ""
        return name + Line(age + now.rawValue, Style(now.role))
    }

    private static func tabs(_ state: State, into grid: inout Grid, row: Int, width: Int) {
        let clock = WireTime.clock(state.shownAt, zone: state.setting.zone)
        let right = Line(clock, Style(.text)) + Line("  ?", Style(.key)) + Line(" help ", Style(.muted))
        let room = width - right.width
        var column = 1
        for tab in Tab.allCases {
            // What is unread now was not there then.
            let isTold = tab == .inbox && state.inbox.unread > 0 && state.travel?.isPast != true
            let unread = isTold ? "(\(state.inbox.unread))" : ""
            let isOpen = tab == state.tab
            // On a narrow screen the panes that are not open keep their digit and three letters.
            let title = isOpen || width >= 78 ? tab.title : String(tab.title.prefix(3))
            let label =
                Line(String(tab.digit), Style(.key))
                + Line(
                    " \(title)\(unread)", isOpen ? Style(.title, [.bold, .underline]) : Style(.muted))
            guard column + label.width < room else { break }
            grid.put(label, row: row, column: column)
            column += label.width + 2
        }
        if room > 0 { grid.put(right, row: row, column: room) }
    }

    /// What is being typed behind a `/`.
    private static func typed(_ state: State) -> String? {
        switch state.layers.last {
        case .filter(let text, _), .search(let text, _): text
        case .help, .yank, .actions, .prompt, .command, nil: nil
        }
    }

    private static func hints(_ state: State, width: Int) -> Line {
        if let text = typed(state) {
            let line = Line(" /", Style(.key)) + Line(text, Style(.match)) + Line("_", Style(.cursor))
            return (line + Line("  Enter keep  Esc undo", Style(.muted))).truncated(to: width)
        }
        // Where time can be gone through, that is what one is there for; then the ways out.
        let bindings = state.setting.keymap.bindings
        let isNear = { (binding: Binding) in
            state.travel != nil && (binding.scope != .everywhere || [.pause, .quit].contains(binding.command))
        }
        let ordered = bindings.filter { $0.scope != .everywhere } + bindings.filter { $0.scope == .everywhere }
        let hinted = (ordered.filter(isNear) + ordered.filter { !isNear($0) }).filter {
            $0.isHinted && $0.disabled(state) == nil && !state.keys(of: $0).isEmpty
        }
        var pieces = hinted.map { binding in
            Line(state.keys(of: binding)[0].name, Style(.key)) + Line(" \(state.text(of: binding))  ", Style(.muted))
        }
        // The key to the help stands in the line of panes too: it gives way to the one that leaves.
        if let help = hinted.firstIndex(where: { $0.command == .help }), pieces.reduce(1, { $0 + $1.width }) > width {
            pieces.remove(at: help)
        }
        var line = Line(" ")
        for piece in pieces {
            if line.width + piece.width > width { break }
            line += piece
        }
        return line
    }
}

extension Double {
    /// Without a fraction where there is none: `20`, `2.5`.
    var formattedShort: String { self == rounded() && abs(self) < 1e9 ? String(Int(self)) : String(self) }
}
