import Fleet
import Screen

/// What only one kind of item shows, for the parts that all kinds share: here, and in its pane, a new system is added.
struct KindParts {
    /// After the cause: what went wrong and what becomes of it.
    let troubles: [Line]
    /// After the track.
    let sections: [Line]

    init(_ item: Item, _ state: State, width: Int, isShort: Bool) {
        switch item.detail {
        case .cluster(let detail):
            let parts = ClusterSections(item, detail, state, width: width)
            troubles = parts.troubles(isShort: isShort)
            sections = isShort ? parts.short : parts.all
        case .deployment(let detail):
            let parts = DeploymentSections(item, detail, state, width: width)
            troubles = parts.troubles(isShort: isShort)
            sections = isShort ? parts.short : parts.all
        case .pool(let detail):
            let parts = PoolSections(item, detail, state, width: width)
            troubles = parts.troubles(isShort: isShort)
            sections = isShort ? parts.short : parts.all
        case .metal, .none:
            troubles = []
            sections = []
        }
    }

    /// Its name where several stand together: with where it is from, if another one has the same name.
    static func name(_ item: Item, _ state: State, width: Int) -> String {
        switch item.detail {
        case .deployment(let detail): DeploymentCells(item, detail, state).name(width: width)
        case .pool(let detail): PoolCells.name(item, detail, state, width: width)
        case .metal, .cluster, .none: Text.shortened(item.name, to: width, glyphs: state.setting.glyphs)
        }
    }

    /// What stands after its word instead of percent and time, where those speak of an earlier run; nil where they do not.
    static func standing(_ item: Item, _ state: State) -> String? {
        guard case .pool(let detail) = item.detail else { return nil }
        return PoolSections.standing(item, detail, now: state.shownAt)
    }

    /// What it is and where, for the line under its state.
    static func facts(_ item: Item) -> [String] {
        switch item.detail {
        case .metal(let detail): [detail.managementIP, detail.serverProfile, detail.clusterRole].compactMap { $0 }
        case .cluster(let detail): ClusterSections.facts(item, detail)
        case .deployment(let detail): DeploymentSections.facts(item, detail)
        case .pool(let detail): PoolSections.facts(item, detail)
        case .none: []
        }
    }

    /// What its own system reported of it, newest first.
    static func reports(_ item: Item, _ state: State) -> [Line] {
        switch item.detail {
        case .metal(let detail):
            detail.reports.reversed().map { report in
                let role: Role =
                    report.status == "failed" ? .statusFail : report.status == "success" ? .statusOk : .text
                return ReportList.line(
                    at: report.at, report.phase, width: 21, report.status, width: 11, role: role, report.message, state)
            }
        case .cluster(let detail): ClusterSections.eventLines(detail, state)
        case .deployment(let detail): DeploymentSections.eventLines(detail, state)
        case .pool(let detail): PoolReports.lines(detail, state)
        case .none: []
        }
    }

    /// The newest lines of its logs, oldest first.
    static func logs(_ item: Item, _ state: State) -> [Line] {
        if case .cluster(let detail) = item.detail { return ClusterSections.logLines(detail, state) }
        return []
    }

    /// An address that a person connects to.
    static func address(_ item: Item) -> String? {
        switch item.detail {
        case .metal(let detail): detail.managementIP
        case .cluster(let detail): detail.headNode?.publicIP ?? detail.headNode?.privateIP
        case .pool(let detail): detail.machine(.controlPlane)?.address
        case .deployment, .none: nil
        }
    }

    /// The command that shows the item in its own system's words.
    static func command(_ item: Item) -> String? {
        let name = ShellText.quoted(item.name)
        switch item.detail {
        case .cluster(let detail): return "pcluster describe-cluster -n \(name) -r \(ShellText.quoted(detail.region))"
        case .deployment(let detail):
            let place = "--context \(ShellText.quoted(detail.context)) -n \(ShellText.quoted(detail.namespace))"
            return "kubectl \(place) get clusterdeployment \(name) -o yaml"
        case .pool(let detail):
            let place = "--context \(ShellText.quoted(detail.context)) -n \(ShellText.quoted(detail.namespace))"
            return "kubectl \(place) get vm,vmi,vmsnapshot,vmrestore"
        case .metal, .none: return nil
        }
    }
}
