import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Everything that can happen to the dashboard.
public enum Message: Sendable {
    case key(Key)
    /// The size of the terminal; lists need it to know what a page is.
    case resized(Size)
    /// The whole fleet, at the beginning and after a break.
    case snapshot(Snapshot)
    case changes([Change])
    /// Time went on.
    case tick(Date)
    /// The cursor has rested for a moment, as asked for by `Effect.restSoon`.
    case rested
    /// Earlier runs of an item, newest first, as asked for by an effect.
    case runs(ItemID, [Run])
    /// Something a person should know that belongs to no item or source: a config that does not load, a disk that is full.
    case notice(String?)
    /// The fleet as it was, as asked for by `Effect.seek`; nil when nothing can be shown. Each one is answered.
    ///
    /// - Parameter why: what is wrong with what is kept, in a sentence, and what to do, in another; also where something is shown all
    ///   the same. Nil when all is well, or when there is only nothing.
    case past(Past?, of: Moment, why: String? = nil)
    /// How the link to a host stands that collects for this screen.
    case link(String, LinkState)
    /// What came of an action, as asked for by `Effect.perform`. Each one is answered, also when it cannot be carried out.
    case outcome(Action, Action.Outcome)
}

/// What the dashboard wants done outside. Values, carried out by the command.
public enum Effect: Sendable, Equatable {
    case quit
    /// Ask a source now; nil asks all.
    case refresh(SourceID?)
    /// Put text on the clipboard of whoever looks at the terminal.
    case copy(String)
    /// Find an item's earlier runs.
    case loadRuns(ItemID)
    /// Send `Message.rested` when no such effect has come for a moment.
    case restSoon
    /// Do something to an item, which changes the world outside: confirmed by a person, and to be judged once more where it is done.
    case perform(Action)
    /// Find the fleet as it was at an instant, or at a change; the nearest that is kept where there is none. There is never more
    /// than one such question open.
    case seek(Moment)
    case suspend
    /// Paint everything anew.
    case redraw
}
