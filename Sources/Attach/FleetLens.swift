import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How the fleet of another host is seen here: under names that tell the host, where there are several, and by our own clock. Pure.
///
/// `metal/lab/12` of `ops1` is `metal/ops1/lab/12` here, its source `lab` is `ops1/lab`. Every age is worked out from our clock, so it is
/// the times that move: all that stand in an item as the stream writes them, whatever kind it is of.
struct FleetLens: Sendable, Equatable {
    /// The host with a slash; empty where there is one host only.
    let prefix: String
    /// Seconds that are added to every time.
    private(set) var shift: Double = 0

    /// Clocks that differ by less are the same, in seconds: ages are shown in seconds.
    private static let tolerance: Double = 1
    /// A hello's clock is off by its time on the way, which may be long: it counts from so many seconds on.
    private static let roughTolerance: Double = 10

    init(host: String?) { prefix = host.map { $0 + "/" } ?? "" }

    /// - Parameters:
    ///   - offset: seconds by which the clock there is ahead of ours.
    ///   - roundTrip: of the measurement; nil for a rough guess.
    /// - Returns: whether everything looks different now.
    mutating func measured(offset: Double, roundTrip: Double?) -> Bool {
        guard offset.isFinite else { return false }
        let tolerance = roundTrip.map { max(Self.tolerance, $0) } ?? Self.roughTolerance
        guard abs(offset + shift) > tolerance else { return false }
        let shift = abs(offset) > Self.tolerance ? -offset : 0
        defer { self.shift = shift }
        return shift != self.shift
    }

    private var isPlain: Bool { prefix.isEmpty && shift == 0 }

    // MARK: from there

    func seen(_ id: ItemID) -> ItemID {
        guard !prefix.isEmpty else { return id }
        guard let slash = id.text.firstIndex(of: "/") else { return ItemID(text: prefix + id.text) }
        return ItemID(text: id.text[...slash] + prefix + id.text[id.text.index(after: slash)...])
    }

    func seen(_ id: SourceID) -> SourceID { prefix.isEmpty ? id : SourceID(prefix + id.text) }

    func seen(_ date: Date) -> Date { shift == 0 ? date : date.addingTimeInterval(shift) }

    func seen(_ item: Item) -> Item {
        guard !isPlain else { return item }
        var seen = shift == 0 ? item : shifted(item)
        if !prefix.isEmpty {
            seen.id = self.seen(item.id)
            seen.source = self.seen(item.source)
        }
        return seen
    }

    func seen(_ source: Source) -> Source {
        guard !isPlain else { return source }
        var seen = source
        seen.id = self.seen(source.id)
        seen.lastSuccess = source.lastSuccess.map(self.seen)
        seen.nextTry = source.nextTry.map(self.seen)
        return seen
    }

    func seen(_ event: Event) -> Event {
        guard !isPlain else { return event }
        var seen = event
        seen.at = self.seen(event.at)
        seen.source = self.seen(event.source)
        seen.item = event.item.map(self.seen)
        // An event of a source is told under the source's name.
        if event.item == nil { seen.name = prefix + event.name }
        return seen
    }

    func seen(_ run: Run) -> Run {
        guard !isPlain else { return run }
        var seen = run
        seen.item = self.seen(run.item)
        seen.source = self.seen(run.source)
        seen.startedAt = self.seen(run.startedAt)
        seen.endedAt = self.seen(run.endedAt)
        return seen
    }

    func seen(_ change: Change) -> Change {
        switch change {
        case .item(let item): .item(seen(item))
        case .gone(let id): .gone(seen(id))
        case .source(let source): .source(seen(source))
        case .event(let event): .event(seen(event))
        }
    }

    // MARK: to there

    /// The name there; nil for what is of another host.
    func there(_ id: ItemID) -> ItemID? {
        guard !prefix.isEmpty else { return id }
        guard let slash = id.text.firstIndex(of: "/") else { return nil }
        let rest = id.text[id.text.index(after: slash)...]
        guard rest.hasPrefix(prefix) else { return nil }
        return ItemID(text: String(id.text[...slash]) + rest.dropFirst(prefix.count))
    }

    func there(_ id: SourceID) -> SourceID? {
        guard id.text.hasPrefix(prefix) else { return nil }
        return SourceID(String(id.text.dropFirst(prefix.count)))
    }

    // MARK: times

    /// Through the item's JSON: a new kind of detail with new times needs nothing here.
    private func shifted(_ item: Item) -> Item {
        guard let tree = try? JSONValue(encoding: item) else { return item }
        return StreamItem(moved(tree))?.item() ?? item
    }

    private func moved(_ value: JSONValue) -> JSONValue {
        switch value {
        case .text(let text):
            guard Self.isTime(text), let date = WireTime.date(text) else { return value }
            return .text(WireTime.text(date.addingTimeInterval(shift)))
        case .list(let list): return .list(list.map(moved))
        case .object(let members): return .object(members.mapValues(moved))
        case .null, .bool, .whole, .number: return value
        }
    }

    /// Exactly as `WireTime.text` writes it, and nothing around it: what an item quotes is not touched.
    private static func isTime(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count == 24, bytes.last == UInt8(ascii: "Z") else { return false }
        return zip(bytes, "0000-00-00T00:00:00.000Z".utf8).allSatisfy { byte, pattern in
            pattern == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == pattern
        }
    }
}
