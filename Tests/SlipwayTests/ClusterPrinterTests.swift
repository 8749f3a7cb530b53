import Fleet
import Foundation
import Synchronization
import Testing

@testable import slipway

/// What `slipway watch cluster` prints.
@Suite struct ClusterPrinterTests {
    private static let start = Date(timeIntervalSince1970: 1_795_212_000)

    private func item(
        _ state: Item.State, _ word: String, percent: Int, created: Int, after seconds: Double, headNode: Phase.State,
        rollback: ClusterDetail.Rollback? = nil
    ) -> Item {
        let event = ClusterDetail.StackEvent(
            at: Self.start, logicalID: "HeadNode", type: "AWS::EC2::Instance", status: "CREATE_COMPLETE")
        let isReady = headNode == .done
        return Item(
            id: ItemID(text: "cluster/us-east-1/alpha"), kind: .cluster, name: "alpha", source: SourceID("us-east-1"),
            state: state, word: word, startedAt: Self.start, endedAt: state == .running ? nil : Self.start + seconds,
            progress: Progress(percent: percent, done: created, total: 48, unit: "resources"),
            phases: [Phase(name: "infrastructure", state: percent < 75 ? .running : .done)],
            estimate: Estimate(p10: 60, p50: 120, p90: 300, n: 5, basis: .history),
            evidence: Evidence(at: Self.start, from: "AWS us-east-1"),
            diagnosis: state == .failed ? Diagnosis(cause: "It broke.", signs: ["a sign"], next: ["do this"]) : nil,
            detail: .cluster(
                ClusterDetail(
                    region: "us-east-1", stackStatus: word,
                    components: [
                        .init(
                            name: "Head Node", word: isReady ? "READY" : "INITIALIZING", state: headNode,
                            sign: "cfn-init 3s ago")
                    ], rollback: rollback, events: percent > 10 ? [event] : [])))
    }

    private func printed(_ items: [Item], isTerminal: Bool = false) -> String {
        let text = Mutex("")
        var printer = ClusterPrinter(isTerminal: isTerminal, columns: { 200 }) { part in text.withLock { $0 += part } }
        for (place, item) in items.enumerated() {
            printer.show(item, Snapshot(at: Self.start + Double(place) * 60))
        }
        if let last = items.last, last.isEnded {
            printer.end(last, Snapshot(at: Self.start + 600), last.state == .done ? .done : .failed)
        }
        return text.withLock { $0 }
    }

    @Test func aCreationIsTwoSectionsABarAndAnEnd() {
        let text = printed([
            item(.running, "CREATE_IN_PROGRESS", percent: 5, created: 3, after: 0, headNode: .waiting),
            item(.running, "CREATE_IN_PROGRESS", percent: 75, created: 47, after: 60, headNode: .running),
            item(.running, "CREATE_IN_PROGRESS", percent: 75, created: 47, after: 70, headNode: .running),
            item(.done, "CREATE_COMPLETE", percent: 100, created: 48, after: 180, headNode: .done),
        ])
        #expect(
            text == """
                Monitoring cluster creation: alpha (us-east-1)
                Progress 5% |##                                      | 3/48 resources  left 2-5m n=5  \
                Status: CREATE_IN_PROGRESS | Elapsed: 0s

                Infrastructure Provisioning:
                  + HeadNode                             CREATE_COMPLETE

                Cluster Configuration:
                  Head Node:        > INITIALIZING  (cfn-init 3s ago)
                Progress 75% |##############################          | 47/48 resources  left 2-5m n=5  \
                Status: CREATE_IN_PROGRESS | Elapsed: 1m

                Cluster Configuration:
                  Head Node:        + READY  (cfn-init 3s ago)
                Progress 100% |########################################| 48/48 resources  \
                Status: CREATE_COMPLETE | Elapsed: 3m

                + Cluster fully ready, took 3m

                """)
    }

    @Test func aFailureEndsWithItsCauseAndWhatToDo() {
        let rollback = ClusterDetail.Rollback(deleted: 40, total: 40, isOver: true)
        let text = printed([
            item(
                .failed, "ROLLBACK_COMPLETE", percent: 75, created: 47, after: 60, headNode: .failed, rollback: rollback
            )
        ])
        #expect(text.contains("rollback 40/40 deleted"))
        #expect(text.hasSuffix("! ROLLBACK_COMPLETE, took 1m\n  It broke.\n    sign  a sign\n    next  do this\n"))
    }

    @Test func inATerminalTheBarIsWrittenOver() {
        let first = item(.running, "CREATE_IN_PROGRESS", percent: 5, created: 3, after: 0, headNode: .waiting)
        let text = printed([first, first, first], isTerminal: true)
        #expect(text.components(separatedBy: "\n").count == 2, "one line, and the bar")
        #expect(text.components(separatedBy: "\r\u{1B}[KProgress").count == 4)
    }
}
