import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import Attach

@Suite struct LinkMachineTests {
    private static func at(_ seconds: Double) -> LinkMachine.Moment {
        .init(date: ManualTime.start.addingTimeInterval(seconds), uptime: seconds)
    }
    private static let cut = UpstreamProblem(.cut, "lost", advice: "wait")
    private static func lost(_ since: Double, next: Double?) -> LinkMachine.Step {
        .tell(
            .lost(
                since: at(since).date, nextTry: next.map { at($0).date }, sentence: cut.sentence, advice: cut.advice))
    }

    @Test func aLifeOfALink() {
        var machine = LinkMachine(backoff: Backoff(first: 1, longest: 60, jitter: 0))
        #expect(machine.start(at: Self.at(0)) == [.tell(.connecting), .open])
        #expect(machine.settled(reread: 0, at: Self.at(1)) == [.tell(.live(roundTrip: nil))])
        #expect(machine.settled(reread: 3, at: Self.at(2)) == [])
        #expect(machine.measured(0.2) == [.tell(.live(roundTrip: 0.2))])
        // What nobody can see is not told.
        #expect(machine.measured(0.23) == [])
        machine.heard(at: Self.at(100))
        #expect(machine.ended(Self.cut, at: Self.at(104), chance: 0) == [Self.lost(100, next: 105), .wait(1)])
        #expect(machine.start(at: Self.at(105)) == [Self.lost(100, next: nil), .open])
        #expect(machine.ended(Self.cut, at: Self.at(115), chance: 0) == [Self.lost(100, next: 117), .wait(2)])
        _ = machine.start(at: Self.at(117))
        // What a server says before its fleet is complete ends no gap.
        machine.heard(at: Self.at(130))
        #expect(machine.settled(reread: 4, at: Self.at(131)) == [.tell(.resumed(gap: 31, reread: 4))])
        // Good again: the next loss begins with a short wait.
        #expect(machine.ended(Self.cut, at: Self.at(140), chance: 0).last == .wait(1))
    }

    @Test func whatAPersonMustMendIsNotTriedEverySecond() {
        for reason in [UpstreamProblem.Reason.untrusted, .misconfigured] {
            var machine = LinkMachine(backoff: Backoff(jitter: 0))
            _ = machine.start(at: Self.at(0))
            #expect(
                machine.ended(UpstreamProblem(reason, "no", advice: ""), at: Self.at(1), chance: 0).last == .wait(60))
        }
        var machine = LinkMachine(backoff: Backoff(jitter: 0))
        for _ in 0..<40 { _ = machine.ended(Self.cut, at: Self.at(1), chance: 0) }
        #expect(machine.ended(Self.cut, at: Self.at(1), chance: 0).last == .wait(60))
    }
}
