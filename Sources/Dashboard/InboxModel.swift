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

    /// Progress and a good end are no reason to look; a failure or a danger is.
    static func tells(_ event: Event) -> Bool { event.level == .bad || event.level == .warning }

    mutating func note(_ event: Event) {
        if Self.tells(event), event.at > readUntil { unread += 1 }
    }

    mutating func markAllRead(now: Date) {
        readUntil = now
        unread = 0
    }
}
