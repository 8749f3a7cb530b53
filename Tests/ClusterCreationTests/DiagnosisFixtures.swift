import Fleet
import Foundation
import Testing

@testable import ClusterCreation

/// The files of `Tests/Fixtures/clusters`; those of `pcluster` beside it were recorded.
enum DiagnosisFixtures {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/clusters")

    static func data(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

    static func decode<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: data(name))
    }

    static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? []
}

/// A cluster whose head node is waited for, as a fixture describes it, and what is to be said of it.
struct WaitCase: Decodable, Sendable, CustomTestStringConvertible {
    struct File: Decodable {
        var rule: String
        var speaks: [WaitCase]
        var silent: [WaitCase]
    }

    struct Usual: Decodable {
        var high: Double
        var n: Int
    }

    struct Instance: Decodable {
        /// EC2's state, `absent` or `undescribed`.
        var state: String
        var age: Double?
        var publicIp: String?
    }

    struct Stream: Decodable {
        var age: Double?
        var lines: [String]
    }

    struct Logs: Decodable {
        var unknown: Bool?
        var unreadable: String?
        var streams: [String: Stream]?
    }

    var why: String
    /// The rule that speaks; nil for silence.
    var says: String?
    var waited: Double
    var limit: Int?
    var version: String?
    var usual: Usual?
    var instance: Instance?
    /// Whether the list of instances names the head node.
    var listed: Bool?
    var logs: Logs?
    /// Type and newest status by logical id.
    var resources: [String: [String]]?
    /// States of compute instances.
    var compute: [String]?
    var fleet: String?

    var testDescription: String { "\(says ?? "silence"): \(why)" }

    static let now = WireTime.date("2026-11-20T22:30:00Z") ?? .distantPast

    var facts: ClusterFacts {
        get throws { ClusterFacts(try reading, now: Self.now, usualWait: usual.map { (high: $0.high, n: $0.n) }) }
    }

    var reading: ClusterReading {
        get throws {
            var reading = ClusterReading(name: "demo", region: "us-west-2", readAt: Self.now)
            reading.description = try description
            reading.stack.take(events.reversed())
            if compute != nil || listed == true {
                let nodes = (compute ?? []).map { (type: "ComputeNode", state: $0) }
                reading.instances = (nodes + (listed == true ? [(type: "HeadNode", state: "running")] : [])).map {
                    WireInstance(instanceId: "i-0bb22cc33dd44ee55", nodeType: $0.type, state: $0.state)
                }
            }
            if let message = logs?.unreadable { reading.logs = .unreadable(message) }
            if let streams = logs?.streams {
                reading.logs = .streams(
                    streams.sorted { $0.key < $1.key }.map { name, stream in
                        ClusterReading.Stream(
                            log: name, name: "ip-10-0-0-12.i-0aa11bb22cc33dd44.\(name)",
                            lastAt: stream.age.map { Self.now.addingTimeInterval(-$0) }, lines: stream.lines)
                    })
            }
            return reading
        }
    }

    private var description: WireCluster? {
        get throws {
            let instance = instance ?? Instance(state: "running", age: waited + 30, publicIp: "203.0.113.10")
            if instance.state == "undescribed" { return nil }
            var cluster = WireCluster(clusterName: "demo", version: version ?? "3.14.0")
            cluster.cloudFormationStackStatus = "CREATE_IN_PROGRESS"
            cluster.clusterStatus = "CREATE_IN_PROGRESS"
            cluster.computeFleetStatus = fleet ?? "UNKNOWN"
            cluster.scheduler = WireScheduler(type: "slurm")
            guard instance.state != "absent" else { return cluster }
            let launch = Self.now.addingTimeInterval(-(instance.age ?? waited + 30))
            cluster.headNode = WireCluster.HeadNode(
                instanceId: "i-0aa11bb22cc33dd44", instanceType: "c5.large", launchTime: WireTime.text(launch),
                privateIpAddress: "10.0.0.12", publicIpAddress: instance.publicIp, state: instance.state)
            return cluster
        }
    }

    /// Oldest first.
    private var events: [WireStackEvent] {
        let start = Self.now.addingTimeInterval(-waited)
        func event(_ id: String, _ type: String, _ status: String, _ at: Date) -> WireStackEvent {
            WireStackEvent(
                eventId: "\(id)-\(status)-\(at.timeIntervalSince1970)", logicalResourceId: id, resourceType: type,
                resourceStatus: status, stackName: "demo", timestamp: WireTime.text(at))
        }
        var events = [
            event("demo", "AWS::CloudFormation::Stack", "CREATE_IN_PROGRESS", start.addingTimeInterval(-200)),
            event("HeadNode", "AWS::EC2::Instance", "CREATE_COMPLETE", start.addingTimeInterval(-1)),
        ]
        for (id, resource) in (resources ?? [:]).sorted(by: { $0.key < $1.key }) {
            events.append(event(id, resource[0], resource[1], start.addingTimeInterval(-60)))
        }
        var wait = event(
            "HeadNodeWaitCondition20261120220000", "AWS::CloudFormation::WaitCondition", "CREATE_IN_PROGRESS", start)
        wait.resourceProperties = limit.map { "{\"Timeout\":\"\($0)\",\"Count\":\"1\"}" }
        return events + [wait]
    }
}
