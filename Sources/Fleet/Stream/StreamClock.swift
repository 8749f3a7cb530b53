#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How far the clock of another host is from ours. Times in the fleet stay as they were told; whoever works out an age takes `far(now)` as
/// the present, so that two hosts with different clocks show the same age.
public struct StreamClock: Sendable, Equatable {
    private struct Sample: Sendable, Equatable {
        var offset: Double
        var roundTrip: Double
    }

    private static let sampleLimit = 8
    /// Seconds that two samples may be further apart than their round trips explain: times are told in milliseconds.
    private static let tolerance = 0.005

    /// Newest last.
    private var samples: [Sample] = []
    private var greeting: Double?

    public init() {}

    /// Seconds by which the other clock is ahead of ours; 0 while nothing is known.
    public var offset: Double { best?.offset ?? greeting ?? 0 }

    /// Seconds of the sample that the offset rests on; nil before the first pong.
    public var roundTrip: Double? { best?.roundTrip }

    /// The same for people, once a second pong is here; nil until then. The first is often held up by the whole fleet that is read at that
    /// moment, and would call a good link slow.
    public var steadyRoundTrip: Double? { samples.count > 1 ? roundTrip : nil }

    /// What the other clock shows when ours shows `now`.
    public func far(_ now: Date) -> Date { now.addingTimeInterval(offset) }

    /// Takes the clock of a hello, which is off by the time that the hello was on its way; it serves until the first pong.
    public mutating func greeted(far: Date, at now: Date) { greeting = far.timeIntervalSince(now) }

    /// Takes a pong. Of the last eight the one with the shortest round trip counts, because it was held up least: the answer is taken to
    /// have been given half-way.
    ///
    /// - Parameters:
    ///   - sent: our clock when the ping went out, as the pong gives it back.
    ///   - far: the other clock in the pong.
    ///   - received: our clock now.
    public mutating func took(sent: Date, far: Date, received: Date) {
        let roundTrip = received.timeIntervalSince(sent)
        // Our own clock was set back in between, or the pong answers nothing of ours.
        guard roundTrip >= 0, roundTrip < 3600 else { return }
        let sample = Sample(offset: far.timeIntervalSince(sent) - roundTrip / 2, roundTrip: roundTrip)
        // No way there and back can explain a larger difference: one of the clocks was set, and older samples are of no use.
        if let best, abs(sample.offset - best.offset) > (sample.roundTrip + best.roundTrip) / 2 + Self.tolerance {
            samples = []
        }
        samples.append(sample)
        if samples.count > Self.sampleLimit { samples.removeFirst() }
    }

    private var best: Sample? { samples.min { $0.roundTrip < $1.roundTrip } }
}
