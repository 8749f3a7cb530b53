import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sandbox's pool of practice clusters: eight of them on KubeVirt, lent to sessions and reset after each by a simple backend that
/// writes what any manager would, and leaves a cluster alone that somebody else works on. The same seed gives the same pool, whatever the
/// steps in which its clock is moved.
public struct SandboxPool: Sendable {
    /// The kube context under which the demo knows it.
    public static let context = "cks-pool"
    /// The clusters' namespaces.
    public static let namespaces = (1...8).map { "cluster\($0)" }
    /// Where the image lies that the machines' disks are copies of.
    public static let templates = "vm-templates"

    /// Its KubeVirt, to set faults with. It lives while the pool does, and must not be run beside it.
    public let kubeVirt: SandboxKubeVirt
    private let backend: PoolBackend

    /// - Parameters:
    ///   - api: where its objects are kept; it brings its own KubeVirt.
    ///   - time: the clock of the API server. The pool has lived for days when it is made, and opens `SandboxWorld.past` seconds later;
    ///     make it right after the clock.
    ///   - seed: decides every duration, name and session.
    public init(api: SandboxKubernetes, time: TimeSource, seed: UInt64) {
        let faults = KubeVirtFaults()
        kubeVirt = SandboxKubeVirt(api: api, time: time, seed: seed, faults: faults)
        backend = PoolBackend(
            opening: time.now().addingTimeInterval(SandboxWorld.past), seed: seed, faults: faults)
    }

    /// Lives until the task is cancelled.
    public func run() async { await kubeVirt.run(with: [backend]) }
}
