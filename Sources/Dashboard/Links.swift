import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The hosts that collect for this screen, and how their links stand.
struct Links: Sendable {
    /// From so many seconds on, the time to the host and back explains what a person feels.
    static let slowRoundTrip: Double = 0.2
    /// The gap is told for so many seconds after the link came back.
    static let toldSeconds: Double = 60

    struct Link: Sendable {
        let host: String
        var state = LinkState.connecting
        /// When it came to be so.
        var at: Date = .distantPast
        /// What its sources last said of themselves, while the link is lost.
        var heard: [SourceID: Source] = [:]
    }

    private(set) var all: [Link] = []

    init(hosts: [String] = []) { all = hosts.map { Link(host: $0) } }

    var isEmpty: Bool { all.isEmpty }
    /// A fleet is here in part only.
    var isReading: Bool { all.contains { if case .arriving = $0.state { true } else { false } } }
    /// Each item is shown with its host.
    var areSeveral: Bool { all.count > 1 }

    /// The host that reads a source; nil when it is read here.
    func host(of source: SourceID) -> String? { index(of: source).map { all[$0].host } }

    /// A source without its host, as it is called there.
    func localName(_ source: SourceID) -> String {
        guard areSeveral, let host = host(of: source) else { return source.text }
        return String(source.text.dropFirst(host.count + 1))
    }

    private func index(of source: SourceID) -> Int? {
        guard areSeveral else { return all.indices.first }
        return all.firstIndex { source.text.hasPrefix($0.host + "/") }
    }

    // MARK: what is seen through them

    /// What a source says of itself is as old as its link.
    mutating func seen(_ change: Change) -> Change {
        guard case .source(let source) = change else { return change }
        return .source(seen(source))
    }

    mutating func seen(_ snapshot: Snapshot) -> Snapshot {
        guard all.contains(where: \.isLost) else { return snapshot }
        var snapshot = snapshot
        for index in all.indices { all[index].heard = [:] }
        for (id, source) in snapshot.sources { snapshot.sources[id] = seen(source) }
        return snapshot
    }

    private mutating func seen(_ source: Source) -> Source {
        guard let index = index(of: source.id), case .lost(_, let nextTry, let sentence, let advice) = all[index].state
        else {
            return source
        }
        all[index].heard[source.id] = source
        var seen = source
        seen.state = .unreachable
        seen.nextTry = nextTry
        seen.error = sentence
        seen.advice = advice.isEmpty ? nil : advice
        return seen
    }

    /// - Returns: the sources that look different now.
    mutating func set(_ state: LinkState, of host: String, sources: some Collection<Source>, now: Date) -> [Source] {
        let index: Int
        if let present = all.firstIndex(where: { $0.host == host }) {
            index = present
        } else {
            all.append(Link(host: host))
            index = all.count - 1
        }
        let heard = all[index].heard
        // How long it takes is measured again and again; the gap is told all the same.
        if case .live = state, case .resumed = all[index].state,
            now.timeIntervalSince(all[index].at) < Self.toldSeconds
        {
            return []
        }
        // A try to come back is none of a first connection.
        if state == .connecting, all[index].isLost { return [] }
        all[index].state = state
        all[index].at = now
        all[index].heard = [:]
        let own = sources.filter { self.index(of: $0.id) == index }.map { heard[$0.id] ?? $0 }
        return all[index].isLost ? own.map { seen($0) } : own.filter { heard[$0.id] != nil }
    }
}

extension Links.Link {
    var isLost: Bool { if case .lost = state { true } else { false } }
}

extension State {
    /// Takes how a link stands: its sources follow, and everything else stays as it is.
    mutating func take(_ link: LinkState, of host: String) {
        let changed = links.set(link, of: host, sources: fleet.sources.values, now: now)
        for source in changed { fleet.apply(.source(source), now: now) }
        guard case .resumed(let gap, let reread) = link, notice?.sort != .bad else { return }
        let count = reread == 1 ? "1 change" : "\(reread) changes"
        notice = Notice("\(host): \(Links.gapText(gap)) gap, \(count) re-read")
    }

    /// The host of an item, where there are several.
    func host(of source: SourceID) -> String? { links.areSeveral ? links.host(of: source) : nil }

    /// Columns for the name of a host in a list; nil where there is no need.
    var hostWidth: Int? {
        links.areSeveral ? min(12, max(4, links.all.map { TextWidth.of($0.host) }.max() ?? 0)) : nil
    }

    func hostCell(_ source: SourceID) -> Line {
        let name = links.host(of: source) ?? ""
        return Line(setting.glyphs.shortened(name, to: hostWidth ?? 0), Style(.muted))
    }
}

extension Line {
    /// Filled up with blanks.
    func padded(to columns: Int) -> Line { self + Line(String(repeating: " ", count: max(0, columns - width))) }
}

extension Links {
    /// `31 s`, `4 min`, `1h05m`
    static func gapText(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 3600 else { return DurationText.short(seconds) }
        let whole = max(0, seconds)
        return whole < 120 ? "\(Int(whole.rounded())) s" : "\(Int((whole / 60).rounded())) min"
    }
}
