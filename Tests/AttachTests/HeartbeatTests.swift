import Testing

@testable import Attach

/// Who is still there, and who is given up.
@Suite struct HeartbeatTests {
    /// Looks every step until something else than waiting and asking is due.
    private func end(_ pulse: inout Heartbeat, from start: Double) -> Double {
        var now = start
        while true {
            now += Heartbeat.step
            if pulse.verdict(at: now) == .gone { return now - start }
        }
    }

    @Test func silenceIsAskedAboutAndThenGivenUp() {
        var pulse = Heartbeat(at: 0)
        #expect([5, 10, 15, 20].map { pulse.verdict(at: $0) } == [.wait, .wait, .ping, .wait])
        #expect(end(&pulse, from: 20) == 30)
    }

    @Test func whoWasSuspendedListensFirst() {
        var pulse = Heartbeat(at: 0)
        #expect(pulse.verdict(at: 3600) == .ping, "nothing was read in that hour")
        #expect(end(&pulse, from: 3600) <= Heartbeat.period + Heartbeat.step, "and that is not put off for ever")
    }
}
