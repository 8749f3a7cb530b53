import Foundation
import Testing

@testable import Sandbox

/// What must hold for every life that chance can bring.
@Suite struct PlanTests {
    static let courses: [SandboxCluster.Fate: [String]] = [
        .settled: ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"],
        .steady: ["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"],
        .slowStorage: ["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"],
        .hanging: [
            "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE",
        ],
        .failingScript: [
            "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE",
        ],
    ]

    @Test(arguments: 0..<12 as Range<UInt64>)
    func everyLifeRunsItsCourseWithinItsTime(seed: UInt64) throws {
        let began = Date(timeIntervalSince1970: 1_795_212_000)
        for cluster in SandboxRegion.all.flatMap(\.clusters) {
            for number in -1...1 {
                let life = try #require(ClusterLife(of: cluster, number: number, began: began, seed: seed))
                let events = life.plan.events
                let stack = events.filter { $0.type == StackEvent.stackType }
                #expect(stack.map(\.status) == Self.courses[cluster.fate])
                #expect(zip(stack, stack.dropFirst()).allSatisfy { $0.at + 1 < $1.at })
                if let period = cluster.period, let end = stack.last?.at {
                    #expect(abs(period - SandboxCluster.pause - end) < 2)
                }
                // The rows of one resource must be told apart by their milliseconds.
                let byResource = Dictionary(grouping: events, by: \.logicalID)
                for rows in byResource.values {
                    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.at + 0.1 < $1.at }, "\(rows)")
                }
                for row in events where row.type != StackEvent.stackType && row.status == "CREATE_FAILED" {
                    #expect(row.logicalID == life.plan.waitCondition.resource.id)
                }
            }
        }
    }

    @Test func everyResourceComesAfterWhatItNeeds() {
        for cluster in SandboxRegion.all.flatMap(\.clusters) {
            var known: Set<String> = []
            for resource in StackTemplate(of: cluster, stamp: "20261120220000").resources {
                #expect(known.isSuperset(of: resource.after), "\(resource.id)")
                #expect(known.insert(resource.id).inserted, "\(resource.id)")
            }
        }
    }

    @Test func nothingIsDeletedBeforeWhatNeedsIt() throws {
        let began = Date(timeIntervalSince1970: 1_795_212_000)
        for cluster in SandboxRegion.all.flatMap(\.clusters) where cluster.period != nil {
            let life = try #require(ClusterLife(of: cluster, number: 1, began: began, seed: 7))
            let gone = life.plan.events.filter { $0.status == "DELETE_COMPLETE" }
                .reduce(into: [String: Double]()) { $0[$1.logicalID] = $1.at }
            let going = life.plan.events.filter { $0.status == "DELETE_IN_PROGRESS" }
                .reduce(into: [String: Double]()) { $0[$1.logicalID] = $1.at }
            for resource in StackTemplate(of: cluster, stamp: "20261120220000").resources {
                for needed in resource.after {
                    guard let end = gone[resource.id], let start = going[needed] else { continue }
                    #expect(start > end, "\(needed) goes before \(resource.id)")
                }
            }
        }
    }

    @Test func theWorldIsBusyWhenTheDemoOpens() {
        let world = SandboxTime(beginning: Date(timeIntervalSince1970: 1_795_212_000), seed: 7)
        for elapsed in stride(from: SandboxTime.opening - 300, through: SandboxTime.opening + 180, by: 60) {
            let states = SandboxRegion.all.flatMap(\.clusters).compactMap { cluster in
                cluster.life(at: elapsed, in: world).flatMap { $0.life.stackStatus(at: $0.age) }
            }
            #expect(states.count { $0.hasSuffix("_IN_PROGRESS") } >= 3, "\(elapsed): \(states)")
        }
    }
}
