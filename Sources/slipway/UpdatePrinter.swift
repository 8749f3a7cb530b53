import ClusterDeployment
import Fleet
import Foundation

/// What a monitor publishes of a deployment, as lines: for people with what remains and, at a bad end, what to do; or one JSON object a line.
struct UpdatePrinter {
    let key: DeploymentKey
    let format: WatchCommand.Format
    /// Why services failed, as far as it was printed.
    private var told: Set<String> = []

    init(key: DeploymentKey, format: WatchCommand.Format) {
        self.key = key
        self.format = format
    }

    /// - Parameter item: the deployment as the collector sees it at present; it knows what is usual here.
    mutating func show(_ update: ProgressUpdate, _ item: Item?) {
        switch format {
        case .json: Output.line(Self.json(update))
        case .text: for line in lines(update, item) { Output.line(line) }
        }
    }

    private static func json(_ update: ProgressUpdate) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(update)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    mutating func lines(_ update: ProgressUpdate, _ item: Item?, zone: TimeZone = .current) -> [String] {
        let mark: String
        switch (update.isTerminal, update.severity) {
        case (true, _) where update.phase == .ready && update.source != .system: mark = "+"
        case (true, _), (_, .error): mark = "!"
        case (_, .warning): mark = "!"
        default: mark = ">"
        }
        var parts = ["\(WireTime.clock(update.timestamp, zone: zone, seconds: true))  \(mark) \(key.text)"]
        parts.append(update.phase.rawValue + (update.progress.map { " \($0)%" } ?? ""))
        if let object = update.relatedObject {
            parts.append("\(update.message) (\(object.kind) \(object.name))")
        } else if !update.message.isEmpty {
            parts.append(update.message)
        }
        if let services = services(update) { parts.append(services) }
        if update.isTerminal {
            if let taken = item?.elapsed(at: update.timestamp) { parts.append("took \(DurationText.short(taken))") }
        } else if item?.state == .running {
            parts.append("left \(item?.estimate?.text ?? "no history")")
        }
        return [parts.joined(separator: "  ")] + details(update, item)
    }

    private func services(_ update: ProgressUpdate) -> String? {
        guard update.phase == .installing, !update.services.isEmpty else { return nil }
        let (ready, total) = DeploymentServices.count(update.services)
        return "services \(ready)/\(total)"
    }

    /// Why a service failed; at a bad end the cause, what speaks for it, and what to do.
    private mutating func details(_ update: ProgressUpdate, _ item: Item?) -> [String] {
        let failures = update.services.filter { $0.state == "Failed" }.map {
            "          service \($0.name) failed: \($0.failureMessage.isEmpty ? "no reason given" : $0.failureMessage)"
        }
        var lines = failures.filter { !told.contains($0) }
        // An event's update says nothing of services.
        if update.source == .condition { told = Set(failures) }
        guard update.isTerminal, update.phase == .failed, let diagnosis = item?.diagnosis else { return lines }
        lines.append("          cause: \(diagnosis.cause)")
        lines += diagnosis.signs.map { "          sign: \($0)" }
        lines += diagnosis.next.map { "          next: \($0)" }
        return lines
    }
}
