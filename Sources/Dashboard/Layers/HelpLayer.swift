import Screen

/// All keys, from the register, with the reason where one does nothing now.
enum HelpLayer {
    static func lines(_ state: State) -> [Line] {
        // At another time its keys come first, and no key is told with what it does not mean then.
        let isNear = { (binding: Binding) in state.scopes.contains(binding.scope) && binding.scope != .everywhere }
        let all = state.setting.keymap.bindings
        let bindings = (all.filter(isNear) + all.filter { !isNear($0) }).map { binding in
            state.scopes.contains(binding.scope) ? binding.with(keys: state.keys(of: binding)) : binding
        }.filter { !$0.keys.isEmpty }
        let width = min(16, bindings.map { TextWidth.of(names($0)) }.max() ?? 0)
        return bindings.map { binding in
            var line =
                Line(Text.padded(names(binding), to: width) + "  ", Style(.key))
                + Line(binding.tooltip, Style(.surface))
            if let reason = binding.disabled(state) { line += Line("  (\(reason))", Style(.muted)) }
            return line
        }
    }

    private static func names(_ binding: Binding) -> String { binding.keys.map(\.name).joined(separator: " ") }

    static func draw(_ state: State, top: Int, into grid: inout Grid) {
        Popup.draw(lines(state), title: "KEYS", hint: "any other key closes", top: top, state, into: &grid)
    }
}
