import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One stream of changes: what it is about, and how far it has been told. It keeps no changes of its own: it reads those of the shelf, so
/// that a slow reader costs nothing and is ended when the shelf has forgotten what he has not seen.
struct KubeWatcher: Sendable {
    /// How a stream goes on.
    enum Step: Sendable {
        case lines([Data])
        /// Nothing to tell before the uptime given, unless something happens.
        case wait(until: Double)
        /// Ends properly.
        case end
        /// Ends in the middle of a line.
        case cut
        /// The reader's patience is over.
        case hung
    }

    let resource: KubeType
    let namespace: String
    let selector: KubeFilter
    let hasBookmarks: Bool
    /// When it ends, in seconds of uptime.
    let ends: Double
    let patience: Double
    /// What is told before any change: the objects that were there at the beginning.
    private var initial: ArraySlice<KubeEntry>
    /// Whether the end of those is marked by a bookmark.
    private var marksInitial: Bool
    /// All changes up to this revision were told.
    private var told: Int
    private var nextBookmark: Double
    private var lastLine: Double
    /// The last thing that is told, an error; then it ends.
    private var farewell: Data?

    private static let bookmarkPeriod: Double = 60
    private static let portion = 64

    /// - Parameters:
    ///   - uptime: now.
    ///   - longest: seconds after which the server ends it, if it is not asked for less.
    init(
        _ question: KubeQuestion, on shelf: KubeShelf, namespace: String, selector: KubeFilter, current: Int,
        uptime: Double, longest: Double, patience: Double
    ) throws(KubeRefusal) {
        resource = shelf.resource
        self.namespace = namespace
        self.selector = selector
        self.patience = patience
        hasBookmarks = question.flag("allowWatchBookmarks")
        // No more than a century, lest a number from outside runs over.
        ends =
            uptime + min(3.2e9, Double(question.number("timeoutSeconds").flatMap { $0 > 0 ? $0 : nil } ?? Int(longest)))
        nextBookmark = shelf.resource.hasBookmarks ? uptime + Self.bookmarkPeriod : .infinity
        lastLine = uptime
        let revision = try KubePage.revision(question.text("resourceVersion"))
        let match = question.text("resourceVersionMatch")
        let sendsInitial = question.flag("sendInitialEvents")
        if sendsInitial, match != "NotOlderThan" {
            throw Self.forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        }
        if !sendsInitial, !match.isEmpty {
            throw Self.forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
        }
        if let revision, revision > current { throw .tooLarge(revision, current: current) }
        marksInitial = sendsInitial && hasBookmarks
        if let revision, revision > 0, !sendsInitial {
            initial = []
            told = revision
            if revision < shelf.forgotten { farewell = Self.expired(resource, revision, oldest: shelf.forgotten) }
        } else {
            told = current
            initial =
                question.text("sendInitialEvents") == "false"
                ? []
                : shelf.entries.filter { key, entry in
                    (namespace.isEmpty || key.namespace == namespace) && selector.selects(entry.value)
                }.sorted { $0.key < $1.key }.map(\.value)[...]
        }
    }

    /// What comes next.
    ///
    /// - Parameters:
    ///   - shelf: nil if the type is gone.
    ///   - isSilent: whether the server is stuck and tells nothing.
    mutating func step(shelf: KubeShelf?, current: Int, uptime: Double, isSilent: Bool) -> Step {
        if isSilent { return uptime >= lastLine + patience ? .hung : .wait(until: lastLine + patience) }
        if let farewell {
            self.farewell = nil
            told = Int.max
            return .lines([farewell])
        }
        // A change that was not told is not there any more: the reader is too slow, and the real server ends him so too.
        guard let shelf, told < Int.max, told >= shelf.lost else { return .end }
        var lines: [Data] = []
        while lines.count < Self.portion, let entry = initial.popFirst() {
            lines.append(Self.frame("ADDED", entry.text))
        }
        if lines.isEmpty, uptime >= ends { return .end }
        if initial.isEmpty, lines.count < Self.portion {
            tellChanges(of: shelf, current: current, &lines)
            if hasBookmarks, told == current, marksInitial || uptime >= nextBookmark {
                lines.append(Self.frame("BOOKMARK", bookmark))
                marksInitial = false
                if nextBookmark < .infinity { nextBookmark = uptime + Self.bookmarkPeriod }
            }
        }
        if !lines.isEmpty {
            lastLine = uptime
            return .lines(lines)
        }
        if uptime >= lastLine + patience { return .hung }
        return .wait(until: min(ends, lastLine + patience, hasBookmarks ? nextBookmark : .infinity))
    }

    private mutating func tellChanges(of shelf: KubeShelf, current: Int, _ lines: inout [Data]) {
        for change in shelf.changes[shelf.index(after: told)...] {
            guard lines.count < Self.portion else { return }
            told = change.revision
            guard namespace.isEmpty || change.key.namespace == namespace else { continue }
            let was = change.previous.map { selector.selects($0.value) } ?? false
            let isNow = !change.isDeletion && selector.selects(change.entry.value)
            switch (was, isNow) {
            case (true, true): lines.append(Self.frame("MODIFIED", change.entry.text))
            case (false, true): lines.append(Self.frame("ADDED", change.entry.text))
            case (true, false): lines.append(Self.frame("DELETED", change.entry.text))
            case (false, false): break
            }
        }
        told = current
    }

    private var bookmark: Data {
        var metadata: JSONValue = ["resourceVersion": .text(String(told))]
        if marksInitial { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        if resource.isBuiltIn { metadata["creationTimestamp"] = .null }
        let object: JSONValue = [
            "kind": .text(resource.kind), "apiVersion": .text(resource.apiVersion), "metadata": metadata,
        ]
        return object.data
    }

    private static func frame(_ type: String, _ object: Data) -> Data {
        Data("{\"type\":\"\(type)\",\"object\":".utf8) + object + Data("}".utf8)
    }

    /// The real server words it differently for what it keeps in its watch cache and for what it does not: events.
    private static func expired(_ resource: KubeType, _ revision: Int, oldest: Int) -> Data {
        let message =
            resource.lifetime == nil
            ? "too old resource version: \(revision) (\(oldest))"
            : "The resourceVersion for the provided watch is too old."
        return frame("ERROR", KubeRefusal.expired(message).status.data)
    }

    private static func forbidden(_ text: String) -> KubeRefusal {
        .invalid("ListOptions.meta.k8s.io", "", field: "resourceVersionMatch", "Forbidden: \(text)")
    }
}
