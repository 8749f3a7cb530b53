import Fleet
import Foundation
import Testing
import Upstream

@testable import ClusterDeployment

private typealias Sample = DeploymentSamples

/// One subscription moved by hand: its clock stands where the last input left it, and what is due on the way is done.
struct MonitorLife {
    var machine: MonitorMachine
    private(set) var now = 0.0
    private(set) var log: [(at: Double, update: ProgressUpdate)] = []
    private(set) var end: MonitorMachine.End?

    init(timeout: Double = 3600) { machine = MonitorMachine(timeout: timeout) }

    private func moment(_ seconds: Double) -> MonitorMoment {
        MonitorMoment(date: Sample.at(seconds), uptime: 1000 + seconds)
    }

    private mutating func take(_ actions: [MonitorMachine.Action]) {
        for action in actions {
            switch action {
            case .publish(let update):
                #expect(end == nil)
                log.append((now, update))
            case .end(let why):
                #expect(log.last?.update.isTerminal == true)
                end = why
            }
        }
    }

    /// Lets time pass; every deadline is kept to the moment.
    mutating func pass(to seconds: Double) {
        while let due = machine.nextDeadline, due - 1000 <= seconds {
            now = max(now, due - 1000)
            take(machine.tick(at: moment(now)))
        }
        now = seconds
    }

    mutating func start(
        _ conditions: [KubeCondition] = [], events: [WireEvent] = [], at seconds: Double = 0, isDryRun: Bool = false
    ) {
        now = seconds
        take(machine.start(Sample.wire(conditions, isDryRun: isDryRun), events: events, at: moment(seconds)))
    }

    mutating func changed(
        _ conditions: [KubeCondition], at seconds: Double, uid: String = Sample.uid, deleted: Double? = nil,
        created: Double = 0, isDryRun: Bool = false
    ) {
        pass(to: seconds)
        let wire = Sample.wire(conditions, isDryRun: isDryRun, deletedAt: deleted, uid: uid, createdAt: created)
        take(machine.changed(wire, at: moment(seconds)))
    }

    mutating func happened(_ event: WireEvent, at seconds: Double) {
        pass(to: seconds)
        take(machine.happened(event, at: moment(seconds)))
    }

    mutating func deleted(at seconds: Double) {
        pass(to: seconds)
        take(machine.deleted(at: moment(seconds)))
    }

    mutating func lost(_ failures: Int, at seconds: Double) {
        pass(to: seconds)
        let problem = UpstreamProblem(.unreachable, "lab refused the connection.", advice: "")
        take(machine.lost(failures: failures, problem, at: moment(seconds)))
    }

    mutating func resumed(at seconds: Double) {
        pass(to: seconds)
        take(machine.resumed(at: moment(seconds)))
    }

    mutating func stopped(at seconds: Double) {
        pass(to: seconds)
        take(machine.stopped(at: moment(seconds)))
    }

    /// `60 Provisioning condition info InfrastructureReady: …`, with `!` behind what is terminal.
    var lines: [String] {
        log.map { at, update in
            "\(Int(at)) \(update.phase.rawValue) \(update.source.rawValue) \(update.severity?.rawValue ?? "-") "
                + update.message + (update.isTerminal ? " !" : "")
        }
    }
}
