import Fleet
import Screen

/// The whole screen for a state. Pure: no clock, no terminal; what it needs is in the state.
public func view(_ state: State, size: Size) -> Frame {
    var grid = Grid(size: size)
    let layout = Layout(size)
    if layout.isTiny {
        TinyPane.draw(state, into: &grid, layout: layout)
    } else {
        Chrome.draw(state, into: &grid, layout: layout)
        switch state.tab {
        case .overview: OverviewPane.draw(state, into: &grid, layout: layout)
        case .pool where state.listPane != nil: PoolPane.draw(state, into: &grid, layout: layout)
        case .clusters where state.listPane != nil: ClustersPane.draw(state, into: &grid, layout: layout)
        case .metal where state.listPane != nil: MetalPane.draw(state, into: &grid, layout: layout)
        case .images where state.listPane != nil: ImagesPane.draw(state, into: &grid, layout: layout)
        case .pool, .clusters, .metal, .images: EmptyPane.draw(state, into: &grid, layout: layout)
        case .inbox: InboxPane.draw(state, into: &grid, layout: layout)
        }
    }
    switch state.layers.last {
    case .help(let top): HelpLayer.draw(state, top: top, into: &grid)
    case .yank: YankLayer.draw(state, into: &grid)
    case .actions(let menu): ActionLayer.draw(state, menu, into: &grid)
    case .prompt(let prompt): PromptLayer.draw(state, prompt, into: &grid)
    case .command(let text): CommandLayer.draw(state, text, into: &grid)
    case .filter, .search, nil: break
    }
    Notice.draw(state, into: &grid, layout: layout)
    return Frame(grid: grid, title: title(state))
}

/// The terminal's title: what needs a person, so that a window that is not looked at still tells.
private func title(_ state: State) -> String {
    // Who has stopped at another time and looks elsewhere is told of now.
    let needs = state.isReplay ? 0 : state.fleet.needs.count
    let name = state.isReplay ? "slipway replay" : "slipway"
    return needs == 0 ? name : "\(name): \(needs) need\(needs == 1 ? "s" : "") you"
}
