import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sandbox's k0rdent: deployments that come up, fail, recover and go, in a management cluster on an API server. The same seed
/// gives the same world, whatever the steps in which its clock is moved.
public struct SandboxKordent: Sendable {
    /// The kube context under which the demo knows it.
    public static let context = "kcm-mgmt"

    private let api: SandboxKubernetes
    private let time: TimeSource
    private let seed: UInt64
    private let beginning: Date

    /// - Parameters:
    ///   - api: where its objects are kept.
    /// - time: the clock that everything lives by. The world begins `SandboxWorld.past` seconds before it shows now, and opens
    ///     twice as long after its beginning; make it right after the clock.
    ///   - seed: decides every duration, name and identifier.
    public init(api: SandboxKubernetes, time: TimeSource, seed: UInt64) {
        self.api = api
        self.time = time
        self.seed = seed
        beginning = time.now().addingTimeInterval(-SandboxWorld.past)
    }

    /// Lives until the task is cancelled. All that is due is written at its own date, also when the clock has jumped.
    public func run() async {
        await api.write(setup)
        var plan = KordentPlan(
            KordentFleet.all, opening: beginning.addingTimeInterval(2 * SandboxWorld.past), seed: seed)
        var recorder = KordentRecorder(seed: seed)
        do {
            while let next = plan.next {
                let wait = next.timeIntervalSince(time.now())
                if wait > 0 { try await time.sleep(wait) } else { try Task.checkCancellation() }
                let writes = plan.take(until: time.now()).map { step -> KubeWrite in
                    switch step.deed {
                    case .write(let deed): KubeWrite(at: step.at, deed)
                    case .event(let sighting): KubeWrite(at: step.at, .put(recorder.event(sighting, at: step.at)))
                    }
                }
                await api.write(writes)
            }
        } catch {
            // The demo is over.
        }
    }

    /// What was there before all deployments: namespaces, templates, credentials.
    private var setup: [KubeWrite] {
        let providers: [KordentProvider] = [.azure, .aws, .vsphere, .gcp, .openstack]
        let date = beginning.addingTimeInterval(-3_000_000)
        let namespaces = KordentFleet.namespaces.map { name -> JSONValue in
            ["kind": "Namespace", "apiVersion": "v1", "metadata": ["name": .text(name)]]
        }
        let templates = providers.map { provider -> JSONValue in
            [
                "kind": "ClusterTemplate", "apiVersion": "k0rdent.mirantis.com/v1beta1",
                "metadata": ["name": .text(provider.template), "namespace": "kcm-system"],
                "spec": ["helm": ["chartSpec": ["chart": .text(provider.template)]]], "status": ["valid": true],
            ]
        }
        let credentials = providers.map { provider -> JSONValue in
            [
                "kind": "Credential", "apiVersion": "k0rdent.mirantis.com/v1beta1",
                "metadata": ["name": .text(provider.credential), "namespace": "kcm-system"],
                "spec": ["description": .text("\(provider.name) credentials")], "status": ["ready": true],
            ]
        }
        return (namespaces + templates + credentials).map { KubeWrite(at: date, .put($0)) }
    }
}
