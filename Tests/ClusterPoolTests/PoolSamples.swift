import Fleet
import Foundation
import TestSupport
import Upstream

@testable import ClusterPool

/// Clusters of the pool as the API server writes them.
enum PoolSamples {
    static let start = "2026-11-20T22:38:20Z"

    /// An instant `seconds` after the start of all samples.
    static func at(_ seconds: Double) -> Date { (WireTime.date(start) ?? .distantPast).addingTimeInterval(seconds) }

    /// The same as an annotation.
    static func time(_ seconds: Double) -> String { WireTime.text(at(seconds)) }

    static func namespace(
        _ annotations: [String: String], name: String = "cluster2", uid: String = "a7c7", labelled: Bool = true,
        deleted: Double? = nil
    ) -> WirePoolNamespace {
        WirePoolNamespace(
            metadata: KubeMetadata(
                name: name, uid: uid, creationTimestamp: at(-3600), deletionTimestamp: deleted.map(at),
                labels: labelled ? [PoolLabels.pool: "true"] : [:], annotations: annotations))
    }

    /// What the existing backend writes.
    static func foreign(_ status: String, at seconds: Double = 0) -> [String: String] {
        [PoolAnnotations.status: status, PoolAnnotations.lastReset: time(seconds)]
    }

    /// What our manager writes.
    static func ours(
        _ status: String, at seconds: Double = 0, _ more: [String: String] = [:]
    ) -> [String: String] {
        [PoolAnnotations.status: status, PoolAnnotations.statusSince: time(seconds)]
            .merging(more) { _, more in more }
    }

    static func decode<Object: Decodable>(_ text: String) throws -> Object {
        try JSONDecoder().decode(Object.self, from: Data(text.utf8))
    }

    static func machine(
        _ name: String, _ word: String = "Running", ready: Bool? = nil, labels: String = "{}", at seconds: Double = -60,
        status: String = "", conditions: String? = nil
    ) throws -> WireMachine {
        let isReady = ready ?? (word == "Running")
        let conditions =
            conditions
            ?? #"[{"type":"Ready","status":"\#(isReady ? "True" : "False")","lastTransitionTime":"\#(time(seconds))"}]"#
        return try decode(
            """
            {"metadata":{"name":"\(name)","namespace":"cluster2","uid":"u","labels":\(labels),"creationTimestamp":"\(time(seconds))"},
             "spec":{"runStrategy":"Always"},
             "status":{"printableStatus":"\(word)","created":\(isReady),"ready":\(isReady),"conditions":\(conditions)\(status)}}
            """)
    }

    static func instance(
        _ name: String, _ phase: String = "Running", at seconds: Double = -60, deleted: Double? = nil,
        reason: String = ""
    ) throws -> WireInstance {
        let gone = deleted.map { #","deletionTimestamp":"\#(time($0))""# } ?? ""
        return try decode(
            """
            {"metadata":{"name":"\(name)","namespace":"cluster2","creationTimestamp":"\(time(seconds))"\(gone)},
             "status":{"phase":"\(phase)","nodeName":"node-1","reason":"\(reason)","interfaces":[{"ipAddress":"10.0.0.9"}]}}
            """)
    }

    static func snapshot(_ name: String, of machine: String, ready: Bool = true, status: String = "") throws
        -> WireSnapshot
    {
        try decode(
            """
            {"metadata":{"name":"\(name)","namespace":"cluster2","creationTimestamp":"\(time(-600))","labels":{"cks.io/vm-role":"worker"}},
             "spec":{"source":{"apiGroup":"kubevirt.io","kind":"VirtualMachine","name":"\(machine)"}},
             "status":{"readyToUse":\(ready)\(status)}}
            """)
    }

    static func restore(
        _ name: String, of machine: String, at seconds: Double, complete: Bool = false, conditions: String = "[]",
        restored: Double? = nil
    ) throws -> WireRestore {
        let end = restored.map { #","restoreTime":"\#(time($0))""# } ?? ""
        return try decode(
            """
            {"metadata":{"name":"\(name)","namespace":"cluster2","creationTimestamp":"\(time(seconds))"},
             "spec":{"target":{"name":"\(machine)"},"virtualMachineSnapshotName":"cp-snap"},
             "status":{"complete":\(complete),"conditions":\(conditions)\(end)}}
            """)
    }

    /// Two machines that run and two golden snapshots.
    static func whole() throws -> [PoolObject] {
        [
            .machine(try machine("cp-cluster2")), .machine(try machine("wk-cluster2")),
            .instance(try instance("cp-cluster2")), .instance(try instance("wk-cluster2")),
            .snapshot(try snapshot("cp-snap", of: "cp-cluster2")),
            .snapshot(try snapshot("wk-snap", of: "wk-cluster2")),
        ]
    }

    static func reading(
        _ annotations: [String: String], _ objects: [PoolObject], sessions: [WireSession]? = nil, now: Double = 10
    ) -> PoolReading {
        var index = PoolIndex()
        if let sessions { index.take(.sessions(sessions), now: at(now)) }
        index.take(.cluster(namespace(annotations)), now: at(now))
        for object in objects { index.take(.object(object), now: at(now)) }
        for kind in PoolKind.allCases { index.take(.synced(.objects(kind, namespace: nil)), now: at(now)) }
        return index.entries["cluster2"]?.reading ?? PoolReading(namespace: namespace(annotations), now: at(now))
    }

    static let rules = PoolRules(source: SourceID("lab"), context: "lab")

    static func detail(_ item: Item) throws -> PoolDetail {
        guard case .pool(let detail) = item.detail else { throw CancellationError() }
        return detail
    }

    /// The objects of a list that kubectl printed.
    static func list<Object: Decodable & Sendable>(_ file: String) throws -> [Object] {
        let text = try Fixtures.text("kubernetes/pool/\(file)")
        return try JSONDecoder().decode(SampleList<Object>.self, from: Data(text.utf8)).items.compactMap(\.value)
    }

    /// The frames of a watch that kubectl recorded, one after the other with any space between them.
    static func frames<Object: Decodable>(_ file: String, of cluster: String? = nil) throws -> [(
        isGone: Bool, object: Object
    )] {
        var text = try Fixtures.text("kubernetes/pool/\(file)")
        if let cluster { text = text.replacingOccurrences(of: cluster, with: "cluster2") }
        var frames: [(Bool, Object)] = []
        var depth = 0
        var start = text.startIndex
        // No brace stands inside a string of these recordings.
        for index in text.indices {
            if text[index] == "{" {
                if depth == 0 { start = index }
                depth += 1
            } else if text[index] == "}" {
                depth -= 1
                guard depth == 0 else { continue }
                let frame: SampleFrame<Object> = try decode(String(text[start...index]))
                frames.append((frame.type == "DELETED", frame.object))
            }
        }
        return frames
    }
}

/// A list as kubectl prints it.
struct SampleList<Object: Decodable & Sendable>: Decodable { var items: [Lenient<Object>] }

/// One line of a watch.
struct SampleFrame<Object: Decodable>: Decodable {
    var type: String
    var object: Object
}

/// A small generator whose numbers are the same every time.
struct Bytes {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(max(1, bound)))
    }

    /// Some bytes replaced, left out, doubled, or the end cut.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...next(6) where !bytes.isEmpty {
            let place = next(bytes.count)
            switch next(4) {
            case 0: bytes[place] = UInt8(next(256))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            default: bytes.removeLast(min(bytes.count, next(5)))
            }
        }
        return bytes
    }
}
