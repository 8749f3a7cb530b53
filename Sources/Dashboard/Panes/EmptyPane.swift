import Fleet
import Screen

/// A pane whose system has no source: it says how to add one.
enum EmptyPane {
    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        Rule(state.tab.title.uppercased()).draw(
            into: &grid, row: layout.body.row, column: 0, width: layout.columns, glyphs: state.setting.glyphs)
        let area = layout.body.dropTop(2).inset(columns: 2)
        var row = area.row
        for line in lines(state) {
            // What is to be typed keeps its blanks; sentences are wrapped.
            let parts = line.style.role == .key ? [line.text] : Text.wrapped(line.text, to: area.columns)
            for part in parts where row < area.endRow {
                grid.put(part, row: row, column: area.column, style: line.style, limit: area.columns)
                row += 1
            }
        }
    }

    /// Why nothing is there where no config of this machine can help: it is a recording, another time, or another host.
    static func elsewhere(_ state: State) -> String? {
        let what = state.tab.kinds.isEmpty ? "Nothing" : "Nothing for this pane"
        if let replay = state.setting.replay {
            return state.travel?.range == nil ? "Reading \(replay.name) ..." : "\(what) was recorded at this time."
        }
        if state.travel?.isPast == true { return "\(what) was read at this time." }
        let links = state.links.all
        guard !links.isEmpty else { return nil }
        let sentences = links.compactMap { link -> String? in
            switch link.state {
            case .connecting: "Connecting to \(link.host) ..."
            case .arriving: "Reading \(link.host) ..."
            case .lost(_, _, let sentence, let advice):
                "\(link.host): \(SafeText.line(advice.isEmpty ? sentence : "\(sentence) \(advice)"))"
            case .live, .resumed: nil
            }
        }
        guard sentences.isEmpty else { return sentences.joined(separator: " ") }
        return
            "\(what) is read on \(links.map(\.host).joined(separator: " or ")). Sources are added in the config there."
    }

    private static func lines(_ state: State) -> [Span] {
        if let why = elsewhere(state) { return [Span(why, Style(.text, .bold))] }
        let path = state.setting.configPath
        switch state.tab {
        case .metal:
            return [
                Span("No status API is being read.", Style(.text, .bold)),
                Span("Write one line into \(path):", Style(.text)),
                Span("  metal: http://HOST:8080", Style(.key)),
                Span("or start one here with", Style(.text)), Span("  slipway serve", Style(.key)),
                Span(
                    "and start slipway again: a status API on port 8080 of this machine is found by itself.",
                    Style(.text)),
                Span("To see what this pane shows, try slipway --demo.", Style(.muted)),
            ]
        case .clusters:
            return [
                Span("No ParallelCluster region and no kube context is read.", Style(.text, .bold)),
                Span("Write what you have into \(path):", Style(.text)),
                Span("  pcluster:", Style(.key)), Span("    regions: [us-east-1, eu-west-1]", Style(.key)),
                Span("  kubernetes: [CONTEXT]", Style(.key)),
                Span(
                    "and start slipway again; without any entry the current kube context is tried. "
                        + "It needs pcluster with AWS credentials, or kubectl; this tells what is there:",
                    Style(.text)),
                Span("  slipway doctor", Style(.key)),
                Span("To see what this pane shows, try slipway --demo.", Style(.muted)),
            ]
        case .pool:
            return [
                Span("No kube context with practice clusters is read.", Style(.text, .bold)),
                Span("Write one line into \(path):", Style(.text)),
                Span("  pool: [CONTEXT]", Style(.key)),
                Span(
                    "and start slipway again. It needs kubectl and a cluster with KubeVirt, in which the namespace of "
                        + "each practice cluster has this label:", Style(.text)),
                Span("  kubectl label namespace cluster1 cks.io/cluster-pool=true", Style(.key)),
                Span("This tells what is there and what is missing:", Style(.text)),
                Span("  slipway doctor", Style(.key)),
                Span("To see what this pane shows, try slipway --demo.", Style(.muted)),
            ]
        case .images:
            return [
                Span("No image build is read.", Style(.text, .bold)), Span("Start one with", Style(.text)),
                Span("  slipway ami build -t FILE", Style(.key)),
                Span("or write what else is to be read into \(path) and start slipway again:", Style(.text)),
                Span("  images: ...", Style(.key)),
                Span("This explains what can stand there:", Style(.text)),
                Span("  slipway config init --stdout", Style(.key)),
                Span("To see what this pane shows, try slipway --demo.", Style(.muted)),
            ]
        case .overview, .inbox: return []
        }
    }
}
