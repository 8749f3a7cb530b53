import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What happened since a person last looked at the inbox.
struct InboxModel: Sendable {
    /// Events after this instant are unread.
    private(set) var readUntil: Date = .distantPast
    /// Events worth telling that are unread, counted as they come.
    private(set) var unread = 0
    /// How far the list is scrolled, in rows from the newest.
    var top = 0

    /// Progress of a phase is no news; an end, a failure, a danger is.
    static func tells(_ event: Event) -> Bool { event.level != .info }

    mutating func note(_ event: Event) {
        if Self.tells(event), event.at > readUntil { unread += 1 }
    }

    mutating func markAllRead(now: Date) {
        readUntil = now
        unread = 0
    }
}
