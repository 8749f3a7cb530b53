import Fleet
import Foundation
import Sandbox
import Synchronization
import Testing
import Upstream

@testable import ClusterPool

/// A manager that dies, and another that goes on: at every single write of an operation, just before it and just after it.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PoolTakeoverTests {
    enum Death: String, CaseIterable, Sendable { case before, after }

    @Test(arguments: Death.allCases) func aResetThatIsCutOffAtAnyWriteIsEndedByAnother(death: Death) async throws {
        let rig = try await ManagerRig(speed: 250)
        defer { rig.end() }
        try await rig.made(["cluster1"])
        // What is left after one write is what is there before the next: each death takes every other one.
        var writes = death == .before ? 0 : 1
        // Until it lives long enough to end the work itself.
        while try await dies(at: writes, death, rig, .reset) {
            let free = try await rig.available("cluster1")
            #expect(free.text(PoolAnnotations.operationHolder) == nil)
            #expect(try await rig.machines("cluster1").map(\.isReady) == [true, true])
            #expect(try await rig.snapshots("cluster1").count == 2)
            writes += 2
        }
        // Order, begin, two stops, clean up, two restores, two starts, six steps and the end are more than this.
        #expect(writes > 12, "\(writes) writes")
        #expect(rig.notes.runs.allSatisfy { $0.outcome == .done })
    }

    @Test(arguments: Death.allCases) func soIsABootstrap(death: Death) async throws {
        let rig = try await ManagerRig(speed: 250)
        defer { rig.end() }
        try await rig.made(["cluster1"])
        var writes = death == .before ? 0 : 1
        while try await dies(at: writes, death, rig, .bootstrap) {
            _ = try await rig.available("cluster1")
            #expect(try await rig.machines("cluster1").map(\.metadata.name) == ["cp-cluster1", "wk-cluster1"])
            #expect(try await rig.machines("cluster1").map(\.isReady) == [true, true])
            let snapshots = try await rig.snapshots("cluster1")
            #expect(snapshots.map(\.metadata.name) == ["cp-snap", "wk-snap"] && snapshots.allSatisfy(\.isReady))
            writes += 2
        }
        #expect(writes > 25, "\(writes) writes")
    }

    /// - Returns: false when the manager lived to the end.
    private func dies(at write: Int, _ death: Death, _ rig: ManagerRig, _ verb: Action.Verb) async throws -> Bool {
        let door = MortalDoor(rig.kube.door, at: write, death)
        let settings = rig.settings("mortal-\(write)", ["cluster1"], lease: 60)
        let mortal = PoolManager(
            KubeAPI(name: "rig", door: door), settings: settings, duty: .own,
            guest: PoolGuest(.init(context: "rig"), commands: RigVirtctl()), time: rig.time)
        let first = Task { await mortal.run() }
        _ = try? await mortal.order(verb, "cluster1", isConfirmed: true)
        while !door.isDead {
            let namespace = try await rig.namespace("cluster1")
            if namespace.status == .available, namespace.operation == nil { break }
            try await rig.time.sleep(1)
        }
        guard door.isDead else {
            first.cancel()
            await first.value
            return false
        }
        // What is never answered never ends by itself, as in a process that was killed.
        first.cancel()
        if try await rig.namespace("cluster1").operation == nil { return true }
        try await rig.running(rig.manager("heir-\(write)", ["cluster1"], lease: 60)) {
            _ = try await rig.available("cluster1")
        }
        return true
    }
}

/// A way to the API server that is cut for good at one of the writes.
private final class MortalDoor: HTTPStreamDoor {
    private let door: any HTTPStreamDoor
    private let death: PoolTakeoverTests.Death
    private let left: Mutex<Int>
    private let dead = Mutex(false)

    init(_ door: any HTTPStreamDoor, at write: Int, _ death: PoolTakeoverTests.Death) {
        self.door = door
        self.death = death
        left = Mutex(write)
    }

    var isDead: Bool { dead.withLock { $0 } }

    private static let gone = UpstreamProblem(.unreachable, "killed", advice: "")

    func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply {
        guard !isDead else { throw Self.gone }
        // Access reviews and Leases are not the work.
        let isWrite =
            question.method != "GET" && !question.target.contains("accessreviews")
            && !question.target.contains("leases")
        guard isWrite,
            left.withLock({ left in
                defer { left -= 1 }; return left == 0
            })
        else {
            return try await door.ask(question)
        }
        if death == .after { _ = try await door.ask(question) }
        dead.withLock { $0 = true }
        throw Self.gone
    }

    func follow(
        _ question: HTTPQuestion, patience: Double, opened: @escaping @Sendable () async -> Void,
        _ take: @escaping @Sendable (Data) async -> Void
    ) async throws(UpstreamProblem) -> HTTPReply {
        guard !isDead else { throw Self.gone }
        return try await door.follow(question, patience: patience, opened: opened, take)
    }
}
