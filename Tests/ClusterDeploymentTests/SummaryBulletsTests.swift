import Fleet
import Foundation
import Testing
import Upstream

@testable import ClusterDeployment

/// What is read from the one message into which the parts of a cluster are folded.
@Suite struct SummaryBulletsTests {
    private let message = """
        * InfrastructureReady: virtualnetworks creating or updating
        * ControlPlaneInitialized: Control plane not yet initialized
        * WorkersAvailable:
          * MachineDeployment demo-md: 0 available replicas, at least 1 required
        * WorkerMachinesReady:
          * Machine demo-md-abc-xyz:
            * NodeHealthy: Waiting for Cluster infrastructure
        * RemoteConnectionProbe: Remote connection probe failed
        """

    @Test func eachConditionHasItsLineAndWhatIsNotListedIsHealthy() throws {
        let summary = DeploymentSamples.condition("CAPIClusterSummary", "False", "IssuesReported", message)
        let lines = try #require(SummaryBullets(summary)).lines
        #expect(lines.map(\.name) == SummaryBullets.names)
        #expect(lines.filter(\.isHealthy).map(\.name) == ["ControlPlaneAvailable", "ControlPlaneMachinesReady"])
        #expect(lines[0].text == "virtualnetworks creating or updating")
        #expect(lines[4].text.isEmpty)
        #expect(lines[4].parts == ["MachineDeployment demo-md: 0 available replicas, at least 1 required"])
        #expect(
            lines[5].parts == ["Machine demo-md-abc-xyz:", "  NodeHealthy: Waiting for Cluster infrastructure"])
    }

    @Test func aHealthySummaryHasSevenHealthyLines() throws {
        let lines = try #require(SummaryBullets(DeploymentSamples.healthy)).lines
        #expect(lines.count == 7 && lines.allSatisfy(\.isHealthy))
    }

    @Test func whatSaysNothingOfThePartsHasNoLines() {
        for (reason, text) in [
            ("CAPIClusterMissing", message), ("Failed", "cannot list clusters"), ("IssuesReported", ""),
        ] {
            #expect(SummaryBullets(DeploymentSamples.condition("CAPIClusterSummary", "False", reason, text)) == nil)
        }
    }

    @Test func linesThatGoOnStayWithTheirCondition() {
        let lines = SummaryBullets.parse(
            "* InfrastructureReady: creating failed\n  RESPONSE 409\nERROR: Conflict\r\n\r\n* Other")
        #expect(lines.map(\.name) == ["InfrastructureReady", "Other"])
        #expect(lines[0].parts == ["RESPONSE 409", "ERROR: Conflict"])
        #expect(SummaryBullets.parse("* A: one\n* A: two\n* A:").map(\.parts) == [["two"]])
        #expect(SummaryBullets.parse("  * deep first\n* not a name: x\n:\n*\n* \n").isEmpty)
    }

    @Test func manyLinesAreBounded() {
        let machines = (0..<5000).map { "  * Machine m\($0): not ready" }.joined(separator: "\n")
        let lines = SummaryBullets.parse("* WorkerMachinesReady:\n" + machines)
        #expect(lines.count == 1 && lines[0].parts.count == SummaryBullets.partLimit)
        let names = (0..<500).map { "* Name\($0): x" }.joined(separator: "\n")
        #expect(SummaryBullets.parse(names).count == SummaryBullets.lineLimit)
        #expect(SummaryBullets.parse("* A: " + String(repeating: "x", count: 100_000))[0].text.count <= 301)
    }

    @Test func noBytesBreakIt() {
        var generator = Bytes(state: 7)
        let start = Array(message.utf8)
        for _ in 0..<2000 {
            let text = String(decoding: generator.mutated(start), as: UTF8.self)
            for line in SummaryBullets.parse(text) {
                let shown = [line.name, line.text] + line.parts
                #expect(!line.name.isEmpty && !line.isHealthy)
                #expect(shown.allSatisfy { !$0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } })
            }
        }
    }
}

/// The same bytes in every run.
struct Bytes {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(max(1, bound)))
    }

    /// Some bytes replaced, left out, doubled, or the end cut.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...next(8) where !bytes.isEmpty {
            let place = next(bytes.count)
            switch next(4) {
            case 0: bytes[place] = UInt8(next(256))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            default: bytes.removeLast(min(bytes.count, next(9)))
            }
        }
        return bytes
    }
}
