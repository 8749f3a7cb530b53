import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An instant that is asked for.
public enum Moment: Sendable, Equatable {
    case at(Date)
    /// So many changes after an instant; before it where the number is negative.
    case change(Int, from: Date)

    /// Where it is counted from.
    var base: Date {
        switch self {
        case .at(let date), .change(_, let date): date
        }
    }
}

/// The fleet as it was, in answer to a `Moment`.
public struct Past: Sendable {
    /// Its `at` is the instant that it stands for: the one that was asked for, that of the change, or the nearest one that is kept.
    public var snapshot: Snapshot
    /// From the oldest to the newest instant that is kept.
    public var range: ClosedRange<Date>
    /// The stretch around it in which nothing was recorded, for nobody was there to do it; nil when somebody was.
    public var gap: ClosedRange<Date>?

    public init(snapshot: Snapshot, range: ClosedRange<Date>, gap: ClosedRange<Date>? = nil) {
        self.snapshot = snapshot
        self.range = range
        self.gap = gap
    }
}

/// A recording that is looked at instead of the world.
public struct ReplaySetting: Sendable {
    /// What it is called, for people.
    public var name: String
    /// From its first to its last instant.
    public var range: ClosedRange<Date>
    /// Where it begins to run.
    public var start: Date
    /// Seconds of the recording in a second.
    public var speed: Double

    /// - Parameter start: brought into the range; its beginning without one.
    public init(name: String, range: ClosedRange<Date>, start: Date? = nil, speed: Double = 1) {
        self.name = name
        self.range = range
        self.start = min(max(start ?? range.lowerBound, range.lowerBound), range.upperBound)
        self.speed = speed
    }
}

/// The screen stands at an instant: paused while the fleet goes on behind it, somewhere in what is kept, or in a recording.
struct TimeTravel: Sendable {
    /// An answer that has not come for so many seconds of a person's time is waited for no more.
    static let patience: Double = 30
    /// After a suspended laptop a recording goes on where it was, in seconds.
    static let longestStep: Double = 5

    /// The instant that is shown.
    var at: Date
    var fleet: FleetModel
    /// Changes that have come since it was paused.
    var changes = 0
    /// What is shown was read back, rather than held at the pause.
    var isPast = false
    /// Since when nothing was recorded, where what is shown is older than the instant; nil where it is of that instant.
    var unrecordedSince: Date?
    /// What was told last of what is kept not being as it was, so that it is told once.
    var trouble: String?
    /// What is kept; nil while nothing was asked for.
    var range: ClosedRange<Date>?
    /// How a person left each pane. In the fleet of another instant a cursor may have no row to stand on; it comes back with it.
    var places: [Tab: PaneModel.Place]
    /// The same when it was paused.
    let firstPlaces: [Tab: PaneModel.Place]
    /// The row of the needs-you list that a person chose.
    var needsCursor: ItemID?
    /// What was asked for and is not answered yet, and when. One question at a time.
    private(set) var asked: (moment: Moment, at: Date)?
    /// What is to be asked next: of many keys meanwhile, the last.
    private(set) var wanted: Moment?
    /// A recording runs.
    var isPlaying = false
    /// Until when, in the time of the screen, the recording has been moved on.
    var playedUntil: Date

    init(at: Date, fleet: FleetModel, now: Date, needsCursor: ItemID? = nil) {
        self.at = at
        self.fleet = fleet
        self.needsCursor = needsCursor
        places = fleet.panes.mapValues(\.place)
        firstPlaces = places
        playedUntil = now
    }

    /// Where it will stand when everything that was asked for is answered.
    var target: Moment { wanted ?? asked?.moment ?? .at(at) }

    var isSeeking: Bool { asked != nil }

    /// - Returns: what is to be asked now; nil while an answer is under way.
    mutating func seek(_ moment: Moment, now: Date) -> Moment? {
        guard asked == nil else {
            wanted = moment
            return nil
        }
        asked = (moment, now)
        return moment
    }

    /// Takes an answer as come.
    ///
    /// - Returns: whether it was waited for, and what is to be asked next.
    mutating func answered(_ moment: Moment) -> (isMeant: Bool, next: Moment?) {
        guard asked?.moment == moment else { return (false, nil) }
        let next = wanted == moment ? nil : wanted
        forget()
        return (true, next)
    }

    mutating func forget() {
        asked = nil
        wanted = nil
    }

    /// Shows another instant. The panes are as a person left them, as far as there are rows for it.
    mutating func show(_ snapshot: Snapshot) {
        at = snapshot.at
        var snapshot = snapshot
        snapshot.events.removeAll { $0.at > at }
        fleet.replace(with: snapshot, now: at)
        restorePlaces()
    }

    mutating func restorePlaces() {
        for (tab, place) in places { fleet.panes[tab]?.restore(place) }
    }

    /// Remembers what a person set in a pane. What only had no row to stand on, and was not touched, stays as it was left.
    mutating func note(_ tab: Tab, from before: PaneModel.Place?) {
        guard var place = fleet.panes[tab]?.place else { return }
        if let before, let left = places[tab], place.selection == before.selection, place.isOpen == before.isOpen {
            (place.selection, place.isOpen, place.isTouched) = (left.selection, left.isOpen, left.isTouched)
            if place.log == before.log { place.log = left.log }
        }
        places[tab] = place
    }
}
