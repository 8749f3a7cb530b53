import Fleet
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Upstream

/// The life of a watch by table, and one against the sandbox's API server at its own door.
@Suite(.timeLimit(.minutes(5))) struct KubeWatchTests {
    private let backoff = Backoff(jitter: 0)

    @Test func goesOnWhereItEndedAndListsAnewWhenThatIsTooOld() {
        var machine = KubeWatchMachine()
        #expect(machine.step == .list)
        machine.advanced(to: "10")
        #expect(machine.step == .watch(from: "10"))
        let (long, short) = (machine.ended(after: 300), machine.ended(after: 0.1))
        #expect(long == 0, "servers end every watch")
        #expect(short == 1, "one that ends at once must not be taken up in a circle")
        machine.advanced(to: "")
        #expect(machine.step == .watch(from: "10"), "a frame without a version moves nothing")
        var waits = [machine.expired(backoff, chance: 0)]
        #expect(machine.step == .list)
        waits += [machine.expired(backoff, chance: 0), machine.expired(backoff, chance: 0)]
        #expect(waits == [0, 1, 2], "and again at once: more slowly")
    }

    @Test func failuresAreCountedUntilSomethingIsTold() {
        var machine = KubeWatchMachine()
        machine.advanced(to: "10")
        var waits: [Double] = []
        for _ in 1...4 { waits.append(machine.failed(backoff, chance: 0)) }
        #expect(waits == [1, 2, 4, 8])
        #expect(machine.failures == 4)
        #expect(machine.step == .watch(from: "10"))
        let (first, second) = (machine.opened(), machine.opened())
        #expect(first && !second, "that it has come back is told once")
        #expect(machine.failures == 4, "a server that answers and tells nothing is not well yet")
        machine.advanced(to: "11")
        #expect(machine.failures == 0)
    }

    @Test(arguments: [true, false])
    func nothingIsLostWhateverHappensToTheStream(streamsLists: Bool) async throws {
        let api = SandboxKubernetes(time: .system)
        let door = VersionedDoor(door: api.door(user: "admin"), minor: streamsLists ? "36" : "20")
        let told = Told()
        try await api.put("a", "1")
        try await withWatch(of: door, told) {
            try await told.waits { $0.objects == ["a": "1"] && $0.isSynced }
            try await api.put("b", "1")
            try await told.waits { $0.objects["b"] == "1" }
            await api.endStreams()
            try await api.put("b", "2")
            try await told.waits { $0.objects["b"] == "2" }
            #expect(told.state.lost == 0, "a stream that ends is no failure")
            await api.cutStreams()
            try await api.put("c", "1")
            try await told.waits { $0.objects["c"] == "1" && $0.resumed == 1 }
            #expect(told.state.lost == 1)
            // Gone while nobody looked, and what was before can no longer be asked for.
            await api.set(fault: .refused)
            await api.cutStreams()
            try await api.remove("a")
            await api.forgetChanges()
            try await told.waits { $0.lost > 1 }
            await api.set(fault: nil)
            try await told.waits { $0.objects == ["b": "2", "c": "1"] }
        }
        #expect(await api.streams == 0, "no stream is left")
    }

    @Test func whatIsForbiddenOrNotThereIsToldInASentence() async throws {
        let api = SandboxKubernetes(time: .system)
        for (user, resource, reason) in [
            ("ops", KubeResource.events, UpstreamProblem.Reason.status(403)),
            ("stranger", .events, .status(401)),
            ("admin", KubeResource(group: "example.com", version: "v1", plural: "frobs"), .status(404)),
        ] {
            let told = Told()
            let watch = KubeWatch<Thing>(KubeAPI(name: "mgmt", door: api.door(user: user)), resource, time: .system)
            let run = Task { await watch.run { told.take($0) } }
            try await told.waits { $0.lost > 0 }
            #expect(told.state.problem?.reason == reason)
            #expect(told.state.problem?.sentence.contains("mgmt") == true)
            run.cancel()
            await run.value
        }
    }

    /// Aggregated servers take `sendInitialEvents` and never say that this was all.
    @Test func aServerThatNeverSaysThatThisWasAllIsListedByPages() async throws {
        let door = LineDoor { target in
            target.contains("sendInitialEvents") ? [Self.frame("ADDED", "a", version: 3)] : nil
        }
        let told = Told()
        try await withWatch(of: door, told) {
            try await told.waits { $0.isSynced }
            #expect(told.state.objects == ["listed": "1"])
            #expect(told.state.lost == 0)
        }
    }

    @Test func whatIsDeletedWhileEverythingIsToldHasGone() async throws {
        let door = LineDoor { target in
            guard target.contains("sendInitialEvents") else { return nil }
            return [
                Self.frame("ADDED", "a", version: 3), Self.frame("ADDED", "b", version: 4),
                Self.frame("DELETED", "a", version: 5),
                #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"6","annotations":{"k8s.io/initial-events-end":"true"}}}}"#,
            ]
        }
        let told = Told()
        try await withWatch(of: door, told) {
            try await told.waits { $0.isSynced }
            #expect(Array(told.state.objects.keys) == ["b"])
            try await door.waits { $0.contains { $0.target.contains("resourceVersion=6") } }
        }
    }

    /// Events have no bookmarks: there silence means nothing before the stream's own end.
    @Test func silenceIsASignOnlyWhereBookmarksCome() async throws {
        let bookmark = #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"#
        for (hasBookmarks, expected) in [(false, 270.0...400), (true, 150...150)] {
            let door = LineDoor(minor: "20") { _ in hasBookmarks ? [bookmark] : [] }
            let told = Told()
            try await withWatch(of: door, told) {
                try await door.waits { $0.count >= 3 }
                #expect(expected.contains(door.followed[2].patience), "\(door.followed[2].patience)")
            }
        }
    }

    private static func frame(_ type: String, _ name: String, version: Int) -> String {
        #"{"type":"\#(type)","object":{"metadata":{"name":"\#(name)","namespace":"default","resourceVersion":"\#(version)"},"data":{"value":"1"}}}"#
    }

    @Test func aPatchWithAStaleVersionIsAConflict() async throws {
        struct Patch: Encodable {
            struct Metadata: Encodable { var resourceVersion: String }
            var metadata: Metadata
            var data: [String: String]
        }
        let server = SandboxKubernetes(time: .system)
        let api = KubeAPI(name: "mgmt", door: server.door(user: "admin"))
        try await server.put("a", "1")
        let before: Thing = try #require(try await api.get(.configMaps, namespace: "default", name: "a"))
        let patch = Patch(metadata: .init(resourceVersion: before.metadata.resourceVersion), data: ["value": "2"])
        let after: Thing = try await api.patch(.configMaps, namespace: "default", name: "a", patch)
        #expect(after.value == "2")
        await #expect {
            let _: Thing = try await api.patch(.configMaps, namespace: "default", name: "a", patch)
        } throws: { ($0 as? UpstreamProblem)?.isConflict == true }
        let none: Thing? = try await api.get(.configMaps, namespace: "default", name: "nobody")
        #expect(none == nil)
    }

    @Test func theServerIsAskedWhatThereIsAndWhatIsAllowed() async throws {
        let server = SandboxKubernetes(time: .system)
        let api = KubeAPI(name: "mgmt", door: server.door(user: "ops"))
        let version = try #require(try await api.preferredVersion(of: "k0rdent.mirantis.com"))
        #expect(try await api.resources(of: "k0rdent.mirantis.com", version).contains("clusterdeployments"))
        #expect(try await api.preferredVersion(of: "example.com") == nil)
        let deployments = KubeResource(group: "k0rdent.mirantis.com", version: version, plural: "clusterdeployments")
        #expect(try await api.may("watch", deployments, namespace: "team-a"))
        #expect(try await !api.may("watch", deployments, namespace: "restricted"))
        #expect(try await !api.may("watch", deployments, namespace: nil))
        #expect(try await api.version().streamsLists)
    }

    private func withWatch(
        of door: any HTTPStreamDoor, _ told: Told, _ body: () async throws -> Void
    ) async throws {
        let watch = KubeWatch<Thing>(
            KubeAPI(name: "mgmt", door: door), .configMaps, time: .system, backoff: Backoff(first: 0.05, longest: 0.1))
        let run = Task { await watch.run { told.take($0) } }
        do {
            try await body()
        } catch {
            run.cancel()
            throw error
        }
        run.cancel()
        await run.value
    }
}

extension KubeResource {
    static let configMaps = KubeResource(version: "v1", plural: "configmaps")
}

/// A ConfigMap with one value: as simple as an object can be.
struct Thing: KubeObject {
    var metadata: KubeMetadata
    var data: [String: String]?

    var value: String { data?["value"] ?? "" }
}

/// What a watch has told so far.
final class Told: Sendable {
    struct State: Sendable {
        var objects: [String: String] = [:]
        var isSynced = false
        var lost = 0
        var resumed = 0
        var problem: UpstreamProblem?
    }

    private let kept = Mutex(State())

    var state: State { kept.withLock { $0 } }

    func take(_ change: KubeChange<Thing>) {
        kept.withLock { state in
            switch change {
            case .object(let thing): state.objects[thing.metadata.name] = thing.value
            case .gone(let name): state.objects[name.name] = nil
            case .synced: state.isSynced = true
            case .lost(_, let problem):
                state.lost += 1
                state.problem = problem
            case .resumed: state.resumed += 1
            }
        }
    }

    struct Never: Error, CustomStringConvertible { var description: String }

    /// Waits until what was told is so; the suite's time limit bounds it.
    func waits(until isSo: (State) -> Bool) async throws {
        for _ in 0..<2000 {
            if isSo(state) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Never(description: "it never came to that: \(state)")
    }
}

/// An older or newer server.
private struct VersionedDoor: HTTPStreamDoor {
    let door: any HTTPStreamDoor
    let minor: String

    func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply {
        guard question.target == "/version" else { return try await door.ask(question) }
        return HTTPReply(
            status: 200, body: Data(#"{"major":"1","minor":"\#(minor)","gitVersion":"v1.\#(minor).0"}"#.utf8))
    }

    func follow(
        _ question: HTTPQuestion, patience: Double, opened: @escaping @Sendable () async -> Void,
        _ take: @escaping @Sendable (Data) async -> Void
    ) async throws(UpstreamProblem) -> HTTPReply {
        try await door.follow(question, patience: patience, opened: opened, take)
    }
}

/// A server whose watches tell given lines and end; its list has one object.
private final class LineDoor: HTTPStreamDoor {
    private let minor: String
    private let lines: @Sendable (String) -> [String]?
    private let kept = Mutex<[(target: String, patience: Double)]>([])

    /// - Parameter lines: of a watch's target; nil is a watch that stays silent.
    init(minor: String = "36", _ lines: @escaping @Sendable (String) -> [String]?) {
        self.minor = minor
        self.lines = lines
    }

    var followed: [(target: String, patience: Double)] { kept.withLock { $0 } }

    func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply {
        let text =
            question.target == "/version"
            ? #"{"major":"1","minor":"\#(minor)","gitVersion":"v1.\#(minor).0"}"#
            : #"{"metadata":{"resourceVersion":"2"},"items":[{"metadata":{"name":"listed","resourceVersion":"2"},"data":{"value":"1"}}]}"#
        return HTTPReply(status: 200, body: Data(text.utf8))
    }

    func follow(
        _ question: HTTPQuestion, patience: Double, opened: @escaping @Sendable () async -> Void,
        _ take: @escaping @Sendable (Data) async -> Void
    ) async throws(UpstreamProblem) -> HTTPReply {
        kept.withLock { $0.append((question.target, patience)) }
        await opened()
        guard let lines = lines(question.target) else {
            try? await Task.sleep(for: .seconds(3600))
            return HTTPReply(status: 200)
        }
        for line in lines { await take(Data(line.utf8)) }
        return HTTPReply(status: 200)
    }

    func waits(until isSo: ([(target: String, patience: Double)]) -> Bool) async throws {
        for _ in 0..<2000 {
            if isSo(followed) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Told.Never(description: "it never came to that: \(followed)")
    }
}

extension SandboxKubernetes {
    /// A ConfigMap in `default` with this value, new or changed.
    func put(_ name: String, _ value: String) throws {
        let text =
            #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)","namespace":"default"},"data":{"value":"\#(value)"}}"#
        write([KubeWrite(at: Date(), .put(try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))))])
    }

    func remove(_ name: String) throws {
        let text = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)","namespace":"default"}}"#
        write([KubeWrite(at: Date(), .remove(try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))))])
    }
}
