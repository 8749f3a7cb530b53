/// Whether the other side is still there: who has said nothing for long is asked for a sign of life, and given up when none comes. Pure;
/// times are seconds of the clock that never runs backwards.
struct Heartbeat: Sendable {
    /// Of silence on our own side, after which a ping goes out.
    static let period: Double = 15
    /// Of silence on the other side, after which it is gone.
    static let patience: Double = 45
    /// How often to look.
    static let step: Double = 5

    enum Verdict: Sendable { case wait, ping, gone }

    private var heard: Double
    private var looked: Double
    private var pinged: Double

    init(at now: Double) {
        heard = now
        looked = now
        pinged = now
    }

    /// Anything has arrived.
    mutating func heard(at now: Double) { heard = now }

    /// Anything was sent that the other side takes for a sign of life.
    mutating func sent(at now: Double) { pinged = now }

    mutating func verdict(at now: Double) -> Verdict {
        // Whoever was suspended has not listened: what came meanwhile is still to be read, and who was silent gets one more chance.
        if now - looked > 3 * Self.step { heard = max(heard, now - Self.patience + Self.period) }
        looked = now
        if now - heard > Self.patience { return .gone }
        // Looked at in steps: the one that is nearest to the period.
        guard now - pinged > Self.period - Self.step / 2 else { return .wait }
        pinged = now
        return .ping
    }
}
