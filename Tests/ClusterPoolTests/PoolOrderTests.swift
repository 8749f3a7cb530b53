import Fleet
import Foundation
import Testing
import Upstream

@testable import ClusterPool

private typealias Sample = PoolSamples

/// What is written for each change, what may be done when, and how each step is judged.
@Suite struct PoolOrderTests {
    private let rules = PoolRules(source: SourceID("lab"), context: "lab")

    private func item(
        _ status: String, _ more: [String: String] = [:], objects: [PoolObject] = [], foreign: Bool = false
    ) -> Item {
        let notes = foreign ? Sample.foreign(status) : Sample.ours(status, more)
        return rules.item(Sample.reading(notes, objects), runs: [], now: Sample.at(10))
    }

    /// `yes`, `name` or `no`.
    private func word(_ verb: Action.Verb, _ item: Item) -> String {
        switch PoolPermit(item)?.permit(verb) {
        case .asks: "yes"
        case .asksName: "name"
        case .refused: "no"
        case nil: "-"
        }
    }

    @Test func whatMayBeDoneDependsOnWhoWouldBeHurt() throws {
        let whole = try Sample.whole()
        let busy = [
            PoolAnnotations.operation: "reset", PoolAnnotations.operationStarted: Sample.time(0),
        ]
        let table: [(Item, String)] = [
            // assign, release, reset, bootstrap, snapshot, mark-available, mark-error
            (item("available", objects: whole), "yes no yes name name no yes"),
            (item("available"), "yes no no yes no no yes"),
            (
                item("locked", [PoolAnnotations.assignedSession: "ab12"], objects: whole),
                "no yes name name no no name"
            ),
            (item("resetting", busy, objects: whole), "no no no no no name name"),
            (item("resetting", [PoolAnnotations.operation: "reset"], objects: whole), "no no no no no name name"),
            (item("error", busy, objects: whole), "no no yes name name yes yes"),
            (item("available", objects: whole, foreign: true), "no no no name no yes no"),
        ]
        for (item, expected) in table {
            let words = Action.Verb.allCases.map { word($0, item) }.joined(separator: " ")
            #expect(words == expected, "\(item.word)")
        }
    }

    @Test func aClusterThatIsToBeResetWaitsUntilSomebodyBegins() throws {
        var reading = Sample.reading(
            Sample.ours("resetting", [PoolAnnotations.operation: "reset"]), try Sample.whole())
        let queued = rules.item(reading, runs: [], now: Sample.at(5))
        #expect(queued.state == .waiting && queued.word == "resetting, queued" && queued.startedAt == nil)
        reading.take(
            Sample.namespace(
                Sample.ours(
                    "resetting",
                    [
                        PoolAnnotations.operation: "reset", PoolAnnotations.operationStarted: Sample.time(8),
                        PoolAnnotations.operationStep: "stop",
                    ])), now: Sample.at(9))
        reading.note(now: Sample.at(9))
        let begun = rules.item(reading, runs: [], now: Sample.at(9))
        #expect(begun.state == .running && begun.startedAt == Sample.at(8))
    }

    @Test func aBootstrapThatSnapshotsFollowIsARunOfItsOwn() throws {
        func notes(_ operation: String, _ step: String, from start: Double) -> WirePoolNamespace {
            Sample.namespace(
                Sample.ours(
                    "creating",
                    [
                        PoolAnnotations.operation: operation, PoolAnnotations.operationStarted: Sample.time(start),
                        PoolAnnotations.operationStep: step,
                    ]))
        }
        var reading = PoolReading(namespace: notes("bootstrap", "wait-vms", from: 0), now: Sample.at(1))
        for object in try Sample.whole() { reading.take(object, now: Sample.at(1)) }
        reading.note(now: Sample.at(1))
        #expect(rules.finished(reading, runs: [], now: Sample.at(1)) == nil)
        reading.take(notes("snapshot", "snapshot-control-plane", from: 480), now: Sample.at(481))
        reading.note(now: Sample.at(481))
        let ended = try #require(rules.finished(reading, runs: [], now: Sample.at(481)))
        let run = try #require(Run(item: ended))
        #expect(run.profile == "bootstrap" && run.seconds == 480 && run.outcome == .done)
        #expect(rules.item(reading, runs: [], now: Sample.at(481)).profile == "snapshot")
    }

    @Test func eachChangeIsOnePatch() {
        func patch(_ notes: PoolNotes) -> [String: JSONValue] {
            notes.patch(version: "7").at("metadata", "annotations")?.object ?? [:]
        }
        let lent = patch(.lent(to: "s1", life: 60, now: Sample.at(0)))
        #expect(lent[PoolAnnotations.status] == "locked" && lent[PoolAnnotations.assignedSession] == "s1")
        #expect(lent[PoolAnnotations.lockExpires] == .text(Sample.time(60)))
        let queued = patch(.queued(.reset, status: .resetting, now: Sample.at(0)))
        #expect(queued[PoolAnnotations.assignedSession] == .null && queued[PoolAnnotations.operation] == "reset")
        #expect(queued[PoolAnnotations.operationStarted] == .null)
        let failed = patch(.failed("no", now: Sample.at(0)))
        #expect(failed[PoolAnnotations.error] == "no" && failed[PoolAnnotations.operationStep] == nil)
        #expect(PoolNotes.checked(now: Sample.at(0)).patch(version: nil).at("metadata", "resourceVersion") == nil)
    }

    @Test func templatesAreFilledOrRefusedByName() throws {
        let values = PoolTemplates.Values(cluster: "cluster7")
        let objects = try PoolTemplates().objects(.worker, values)
        let machine = try #require(objects.last?.object)
        #expect(machine.at("metadata", "name") == "wk-cluster7")
        #expect(machine.at("metadata", "labels", PoolLabels.role) == "worker")
        #expect(machine.at("spec", "template", "spec", "domain", "cpu", "cores") == 2)
        #expect(
            try PoolTemplates().images(.worker, values)
                == [KubeName(namespace: "vm-templates", name: "golden-image-1-33-0")])
        // Files of the existing backend: a disk beside the machine, names of its own.
        let disk = "kind: DataVolume\nmetadata: {name: '${WORKER_VM_NAME}-rootdisk'}\nspec: {source: {pvc: {name: g}}}"
        let two = PoolTemplates(files: [
            "worker-node-template.yaml":
                "kind: VirtualMachine\nmetadata: {name: '${WORKER_VM_NAME}'}\nspec: {running: true}\n---\n\(disk)"
        ])
        #expect(try two.objects(.worker, values).map(\.resource.plural) == ["datavolumes", "virtualmachines"])
        for (text, words) in [
            ("kind: VirtualMachine\nmetadata: {name: a}\nspec: {x: '${NO_SUCH}'}", "uses ${NO_SUCH}"),
            ("kind: Pod\nmetadata: {name: a}", "holds a Pod"), ("- 1", "no object"), ("kind: [", "no YAML"),
            ("kind: VirtualMachine", "without a name"), ("", "holds no VirtualMachine"),
        ] {
            let broken = PoolTemplates(files: ["worker-node-template.yaml": text])
            let refusal = #expect(throws: PoolRefusal.self) { try broken.objects(.worker, values) }
            #expect(refusal?.sentence.contains(words) == true, "\(refusal?.sentence ?? "")")
        }
        // What the shell is to see stays.
        let boot = PoolTemplates(files: ["worker-node-cloud-config.yaml": "${JOIN_COMMAND} ${HOME} $X ${"])
        var joined = values
        joined.joinCommand = "kubeadm join a"
        #expect(boot.boot(.worker, joined) == "kubeadm join a ${HOME} $X ${")
    }

    @Test func onlyAJoinCommandIsTakenForOne() {
        let join = "kubeadm join 10.0.0.1:6443 --token a.b --discovery-token-ca-cert-hash sha256:00"
        #expect(PoolGuest.command(in: "Warning: x\r\n \(join) \n") == join)
        for text in ["", "kubeadm join", "\(join); rm -rf /", "\(join) $(x)", "echo \(join)", "\(join) `x`"] {
            #expect(PoolGuest.command(in: text) == nil, "\(text)")
        }
    }

    @Test func leftoverVolumesAreThoseOfRestores() {
        for (name, isOne) in [
            ("restore-1f2e3d4c-5b6a-4788-9900-aabbccddeeff-rootdisk", true), ("restore-point", false),
            ("cp-cluster1-rootdisk", false), ("restore-", false), ("restored-1f2e3d4c-5b6a-x", false),
        ] { #expect(PoolErrands.isLeftover(name) == isOne, "\(name)") }
    }

    @Test func theFirstBootMustBeOverBeforeAGoldenSnapshot() async throws {
        struct Guest: CommandDoor {
            let answer: String
            let status: Int
            func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
                CommandResult(status: status, output: Data(answer.utf8))
            }
            func converse(
                _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
            ) async throws(CommandProblem) { throw .missing }
        }
        for (answer, status, words) in [
            ("status: done\n", 0, ""), ("status: done\n", 2, ""), ("status: disabled\n", 0, ""),
            ("status: running\n", 0, "is not over"), ("status: error\n", 1, "failed"), ("", 255, "virtctl ssh"),
        ] {
            let guest = PoolGuest(.init(context: "lab"), commands: Guest(answer: answer, status: status))
            var said = ""
            do { try await guest.checkFirstBoot(machine: "wk-a", namespace: "a") } catch let error as PoolRefusal {
                said = error.sentence
            } catch let error as UpstreamProblem {
                said = error.sentence
            }
            #expect(words.isEmpty ? said.isEmpty : said.contains(words), "\(answer)")
        }
    }
}
