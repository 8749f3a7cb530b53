/// How long things take in the sandbox, in seconds: so that a reset takes two to three minutes and a bootstrap about eight.
struct KubeVirtPace: Sendable {
    enum Step: String, Sendable {
        /// An instance on its way to Running, from each phase to the next.
        case created, pending, scheduling, scheduled
        /// From Running until the guest is known to run, and from then until its agent answers.
        case booting, agent
        case stopping
        /// A disk on its way to being filled.
        case diskPending, diskScheduled, filling
        case binding
        /// A snapshot: until the machine is locked, until it is taken, until it can be used.
        case locking, taking, settling
        /// A restore: until it begins, until its new disks are there, until the machine is changed.
        case opening, disks, updating
    }

    let seed: UInt64

    /// - Parameter name: whose step it is; the same name always takes the same time.
    func seconds(_ step: Step, of name: String) -> Double {
        var chance = SeededGenerator(named: "\(step.rawValue)/\(name)", seed: seed)
        let usual: Double
        switch step {
        case .created: usual = 0.4
        case .pending: usual = 1.5
        case .scheduling: usual = 5
        case .scheduled: usual = 7
        case .booting: usual = 12
        case .agent: usual = 14
        // Most guests shut down soon; some are slow about it.
        case .stopping: return 10 + 30 * chance.unit() * chance.unit()
        case .diskPending: usual = 1.2
        case .diskScheduled: usual = 4
        case .filling: usual = 150
        case .binding: usual = 1.5
        case .locking: usual = 2
        case .taking: return 14 + 12 * chance.unit()
        case .settling: usual = 6
        case .opening: usual = 0.6
        case .disks: usual = 12
        case .updating: usual = 4
        }
        return usual * chance.factor(spread: step == .filling ? 0.08 : 0.15)
    }

    /// The percent that a disk is filled to, as its status writes it.
    static func text(percent: Double) -> String {
        let hundredths = Int(min(100, max(0, percent)) * 100)
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
    }
}
