import Fleet
import Foundation
import Screen

/// The creation of a cluster as lines, as the seed's "Expected Output" has them: two sections, a bar, resources, status, the time it took, and
/// how it ended. In a terminal the bar is written over; elsewhere each line stands for a change.
struct ClusterPrinter: WatchPrinting {
    /// The bar's columns; in a narrow terminal what stands behind it is worth more.
    private var width: Int { isTerminal && columns() < 130 ? 16 : 40 }
    let isTerminal: Bool
    private let write: (String) -> Void
    /// A bar that is longer than the line could not be written over.
    private let columns: () -> Int
    private var hasBegun = false
    private var hasInfrastructure = false
    private var hasConfiguration = false
    private var told: Set<String> = []
    private var rows: [String] = []
    private var bar = ""
    private var trouble = ""
    private var isOnBar = false

    /// - Parameter write: takes text as it is to be written, line ends included.
    init(
        isTerminal: Bool, columns: @escaping () -> Int = { Output.columns },
        write: @escaping (String) -> Void = { Output.text($0) }
    ) {
        self.columns = columns
        self.isTerminal = isTerminal
        self.write = write
    }

    mutating func show(_ item: Item, _ snapshot: Snapshot) {
        guard case .cluster(let cluster) = item.detail else { return }
        if !hasBegun {
            hasBegun = true
            line("\(Self.title(cluster.operation)): \(item.name) (\(cluster.region))")
        }
        resources(cluster, since: item.startedAt ?? .distantPast)
        if cluster.operation == .create, item.phases.first?.state == .done { components(cluster) }
        attention(item, snapshot)
        progress(item, cluster, now: snapshot.at)
    }

    mutating func end(_ item: Item, _ snapshot: Snapshot, _ status: ExitStatus) {
        guard case .cluster(let cluster) = item.detail else { return }
        if isOnBar {
            // The last bar stays.
            write("\n")
            isOnBar = false
        }
        let took = item.elapsed(at: snapshot.at).map { ", took \(DurationText.short($0))" } ?? ""
        switch item.state {
        case .done where cluster.operation == .create: line("\n+ Cluster fully ready\(took)")
        case .done: line("\n+ \(item.word)\(took)")
        case .failed:
            line("\n! \(item.word)\(took)")
            if let cause = item.diagnosis { line("  \(cause.cause)") }
            for sign in item.diagnosis?.signs ?? [] { line("    sign  \(sign)") }
            for step in item.diagnosis?.next ?? item.advice { line("    next  \(step)") }
        case .running, .waiting, .held, .unknown:
            guard status == .overdue else { return line("") }
            let limit = item.limit.map { " of \(DurationText.short($0))" } ?? ""
            line("\n! still \(item.word) after its limit\(limit)")
            for step in item.diagnosis?.next ?? item.advice { line("    next  \(step)") }
        }
    }

    private static func title(_ operation: ClusterDetail.Operation) -> String {
        switch operation {
        case .create: "Monitoring cluster creation"
        case .update: "Monitoring cluster update"
        case .delete: "Monitoring cluster deletion"
        }
    }

    /// Each resource once for each status that ends something, oldest first.
    private mutating func resources(_ cluster: ClusterDetail, since: Date) {
        for event in cluster.events where !event.status.hasSuffix("_IN_PROGRESS") && event.at >= since {
            let isNews = told.insert("\(event.logicalID) \(event.status) \(event.at.timeIntervalSince1970)").inserted
            guard isNews else { continue }
            if !hasInfrastructure {
                hasInfrastructure = true
                line("\nInfrastructure Provisioning:")
            }
            let mark = event.status.hasSuffix("_FAILED") ? "!" : "+"
            let reason = event.status.hasSuffix("_FAILED") ? event.reason.map { "  \($0)" } ?? "" : ""
            line("  \(mark) \(event.logicalID.padding(to: 36)) \(event.status)\(reason)")
        }
    }

    private mutating func components(_ cluster: ClusterDetail) {
        let lines = cluster.components.map { component in
            let sign = component.sign.isEmpty ? "" : "  (\(component.sign))"
            return "  \((component.name + ":").padding(to: 17)) \(Self.mark(component.state)) \(component.word)\(sign)"
        }
        // The age of a sign moves all the time; only another word is news.
        let words = cluster.components.map { $0.name + $0.word }
        guard words != rows else { return }
        rows = words
        line("\nCluster Configuration:")
        for text in lines { line(text) }
    }

    private static func mark(_ state: Phase.State) -> String {
        switch state {
        case .waiting: "."
        case .running: ">"
        case .done: "+"
        case .failed: "!"
        case .skipped: "-"
        }
    }

    private mutating func attention(_ item: Item, _ snapshot: Snapshot) {
        guard !item.isEnded, let attention = item.attention(at: snapshot.at, source: snapshot.sources[item.source])
        else {
            return
        }
        let text = "\(attention.reason.word): \(attention.cause)"
        guard text != trouble else { return }
        trouble = text
        line("  ! \(text)")
        for sign in attention.signs { line("    sign  \(sign)") }
        for step in attention.next { line("    next  \(step)") }
    }

    private mutating func progress(_ item: Item, _ cluster: ClusterDetail, now: Date) {
        let elapsed = item.elapsed(at: now).map(DurationText.short) ?? "0s"
        var text = ""
        if let progress = item.progress {
            let filled = width * progress.percent / 100
            text =
                "Progress \(progress.percent)% |\(String(repeating: "#", count: filled))"
                + "\(String(repeating: " ", count: width - filled))| \(progress.done)/\(progress.total) \(progress.unit)  "
        }
        if let rollback = cluster.rollback {
            text += "rollback \(rollback.deleted)/\(rollback.total) deleted  "
        } else if item.state == .running {
            text += "left \(item.estimate?.text ?? "no history")  "
        }
        text += "Status: \(item.word)"
        if isTerminal {
            let bar = Text.truncated("\(text) | Elapsed: \(elapsed)", to: max(1, columns() - 1))
            write("\r\u{1B}[K" + bar)
            isOnBar = true
        } else if text != bar {
            line("\(text) | Elapsed: \(elapsed)")
        }
        bar = text
    }

    private mutating func line(_ text: String) {
        // In a terminal a line takes the bar's place; the bar comes again below it.
        write((isOnBar ? "\r\u{1B}[K" : "") + text + "\n")
        isOnBar = false
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
