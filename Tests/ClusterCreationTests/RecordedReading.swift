import Foundation
import TestSupport

@testable import ClusterCreation

extension ClusterReading {
    /// As far as one moment of the recorded creation tells.
    static func recorded(_ moment: String) throws -> ClusterReading {
        func decoded<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value? {
            guard let text = try? Fixtures.text("pcluster/\(name).json") else { return nil }
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        }
        struct Events: Decodable { var events: [WireStackEvent] }
        let folder = moment.contains("-") ? "" : "timeline/\(moment)-"
        let (cluster, events) =
            folder.isEmpty
            ? ("describe-cluster-\(moment.dropFirst(2))", "stack-events-\(moment.dropFirst(2))")
            : (folder + "describe-cluster", folder + "stack-events")
        var reading = ClusterReading(name: "alpha", region: "us-east-1", readAt: ManualTime.start)
        reading.description = try decoded(cluster, as: WireCluster.self)
        reading.stack.take(try decoded(events, as: Events.self)?.events ?? [])
        if !folder.isEmpty { reading.fleet = try decoded(folder + "compute-fleet", as: WireFleet.self) }
        return reading
    }
}
