import Foundation
import TestSupport
import Upstream

@testable import ClusterDeployment

/// Events as they are told about the sample deployments.
enum EventSamples {
    /// - Parameter seconds: after the creation of the samples.
    static func event(
        _ reason: String, _ kind: String, _ name: String = "demo", _ message: String = "", type: String = "Normal",
        at seconds: Double = 0, uid: String? = nil, count: Int = 1
    ) -> WireEvent {
        WireEvent(
            metadata: KubeMetadata(
                name: "\(name).1", namespace: "kcm-system", uid: uid ?? "\(reason)/\(name)/\(message)/\(seconds)"),
            object: WireEvent.Object(
                kind: kind, name: name, namespace: "kcm-system",
                uid: kind == "ClusterDeployment" ? DeploymentSamples.uid : "o1"),
            reason: reason,
            message: message, type: type, count: count, at: DeploymentSamples.at(seconds))
    }

    struct List: Decodable { var items: [WireEvent] }

    /// 150 events of one creation that takes 386 s, mixed as they were counted in a real one, in the order of their names.
    static func azure() throws -> [WireEvent] {
        try JSONDecoder().decode(
            List.self, from: Data(try Fixtures.text("kubernetes/events-azure-386s.json").utf8)
        ).items
    }
}
