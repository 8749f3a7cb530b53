import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The machines of a cluster as they are shown. Pure.
enum PoolMachines {
    static func state(of machine: WireMachine) -> Phase.State {
        switch machine.word {
        case "Running": machine.isReady || machine.printableStatus.isEmpty ? .done : .running
        case "Starting", "Provisioning", "Stopping", "Terminating", "Migrating", "Pending", "WaitingForVolumeBinding",
            "WaitingForReceiver":
            .running
        case "Stopped", "Paused": .waiting
        default: PoolFault.machineWords.contains(machine.word) ? .failed : .waiting
        }
    }

    /// Both roles, the control plane first; one that there is none of is `missing`. None while machines are not known.
    static func all(_ reading: PoolReading) -> [PoolDetail.Machine] {
        guard !reading.unread.contains(.machine) else { return [] }
        let roles = reading.roles
        return PoolDetail.Role.allCases.map { (role: PoolDetail.Role) -> PoolDetail.Machine in
            guard let machine = roles[role] else {
                return PoolDetail.Machine(role: role, name: "", word: "missing", state: .waiting)
            }
            let instance = reading.instance(of: machine)
            let failure = PoolFault.text(of: machine)
            return PoolDetail.Machine(
                role: role, name: SafeText.line(machine.metadata.name, limit: 80), word: machine.word,
                state: failure == nil ? state(of: machine) : .failed,
                phase: instance.map { $0.phase.isEmpty ? "Pending" : $0.phase }, since: instance?.since,
                address: instance?.address, node: instance?.node, failure: failure ?? Self.failure(of: instance))
        }
    }

    private static func failure(of instance: WireInstance?) -> String? {
        guard let instance, instance.phase == "Failed" else { return nil }
        return instance.reason.isEmpty ? "its instance has failed" : instance.reason
    }
}
