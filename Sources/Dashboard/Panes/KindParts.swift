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
        case .image(let detail):
            let parts = ImageSections(item, detail, state, width: width)
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
        case .image(let detail): ImageCells.name(item, detail, state, width: width)
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
        case .image(let detail): ImageSections.facts(item, detail)
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
        case .image(let detail): ImageReports.lines(detail, state)
        case .none: []
        }
    }

    /// The newest lines of its logs, oldest first.
    static func logs(_ item: Item, _ state: State) -> [Line] {
        switch item.detail {
        case .cluster(let detail): ClusterSections.logLines(detail, state)
        case .image(let detail): detail.tail.map { Line($0) }
        case .metal, .deployment, .pool, .none: []
        }
    }

    static func hasLog(_ item: Item) -> Bool {
        switch item.detail {
        case .cluster(let detail): !detail.logs.isEmpty
        case .image(let detail): !detail.tail.isEmpty
        case .metal, .deployment, .pool, .none: false
        }
    }

    /// The newest lines, oldest first, of a log that tells better than anything else how the item is getting on: it is always in sight.
    static func tail(_ item: Item) -> [String] {
        if case .image(let detail) = item.detail { return detail.tail }
        return []
    }

    /// An address that a person connects to.
    static func address(_ item: Item) -> String? {
        switch item.detail {
        case .metal(let detail): detail.managementIP
        case .cluster(let detail): detail.headNode?.publicIP ?? detail.headNode?.privateIP
        case .pool(let detail): detail.machine(.controlPlane)?.address
        case .deployment, .image, .none: nil
        }
    }

    /// What else of it is typed or pasted elsewhere: the key that copies it, what it is, its text.
    static func copies(_ item: Item) -> [(key: Character, label: String, text: String)] {
        guard case .image(let detail) = item.detail else { return [] }
        let image = detail.imageID.map { (key: Character("i"), label: "image id \($0)", text: $0) }
        let log = detail.logPath.map { (key: Character("l"), label: "log \($0)", text: $0) }
        return [image, log].compactMap { $0 }
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
        case .image(let detail): return detail.command(item)
        case .metal, .none: return nil
        }
    }
}
