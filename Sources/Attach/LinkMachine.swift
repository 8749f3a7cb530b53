import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The life of a link: what happens comes in, what is to be done goes out. Pure.
struct LinkMachine: Sendable {
    /// An instant on both clocks: the one that people read, and the one that never runs backwards.
    struct Moment: Sendable {
        var date: Date
        var uptime: Double
    }

    enum Stage: Sendable, Equatable {
        case idle
        case connecting
        case live(roundTrip: Double?)
        case waiting
    }

    enum Step: Sendable, Equatable {
        case tell(LinkState)
        case open
        /// Open again after so many seconds.
        case wait(Double)
    }

    /// A round trip that changed by less is not told again: the screen shows tenths of seconds.
    private static let tolerance = 0.05
    /// What a person must put right is not tried every second, in seconds.
    private static let patience: Double = 60

    private(set) var stage = Stage.idle
    private let backoff: Backoff
    private var failures = 0
    /// When the other side was last heard while all was well, or the first try began.
    private var heard: Moment?
    private var wasLive = false
    /// What was told last, for as long as it is lost.
    private var problem: UpstreamProblem?

    init(backoff: Backoff = Backoff()) { self.backoff = backoff }

    var isLive: Bool { if case .live = stage { true } else { false } }

    mutating func start(at now: Moment) -> [Step] {
        stage = .connecting
        heard = heard ?? now
        // A link that was lost stays lost until it is back, with a try under way.
        guard let problem, let heard else { return [.tell(.connecting), .open] }
        return [
            .tell(.lost(since: heard.date, nextTry: nil, sentence: problem.sentence, advice: problem.advice)), .open,
        ]
    }

    /// Anything has arrived.
    mutating func heard(at now: Moment) { if isLive { heard = now } }

    /// Some of a first fleet is there. Of one that is read again nothing is told until it is complete: what is shown may be as old as
    /// the loss until then.
    mutating func arriving(_ items: Int, of total: Int?) -> [Step] {
        guard stage == .connecting, !wasLive else { return [] }
        return [.tell(.arriving(items: items, of: total))]
    }

    /// The fleet is complete.
    ///
    /// - Parameter reread: how many items differ from what was known before.
    mutating func settled(reread: Int, at now: Moment) -> [Step] {
        guard stage == .connecting else { return [] }
        let gap = now.uptime - (heard?.uptime ?? now.uptime)
        let isBack = wasLive
        stage = .live(roundTrip: nil)
        heard = now
        failures = 0
        wasLive = true
        problem = nil
        return [.tell(isBack ? .resumed(gap: max(0, gap), reread: reread) : .live(roundTrip: nil))]
    }

    /// - Parameter roundTrip: seconds to the other side and back.
    mutating func measured(_ roundTrip: Double) -> [Step] {
        guard case .live(let told) = stage else { return [] }
        if let told, abs(told - roundTrip) < max(Self.tolerance, told / 5) { return [] }
        stage = .live(roundTrip: roundTrip)
        return [.tell(.live(roundTrip: roundTrip))]
    }

    /// The connection has ended, or there was none.
    ///
    /// - Parameter chance: 0..<1, for the jitter.
    mutating func ended(_ problem: UpstreamProblem, at now: Moment, chance: Double) -> [Step] {
        let since = heard ?? now
        failures += 1
        var wait = backoff.wait(failures: failures, chance: chance)
        switch problem.reason {
        case .untrusted, .misconfigured: wait = max(wait, min(Self.patience, backoff.longest))
        default: break
        }
        stage = .waiting
        heard = since
        self.problem = problem
        return [
            .tell(
                .lost(
                    since: since.date, nextTry: now.date.addingTimeInterval(wait), sentence: problem.sentence,
                    advice: problem.advice)),
            .wait(wait),
        ]
    }
}
