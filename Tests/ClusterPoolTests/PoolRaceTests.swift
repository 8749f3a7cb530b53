import Fleet
import Foundation
import Synchronization
import Testing
import Upstream

@testable import ClusterPool

/// Two desks that know nothing of each other, and many sessions at once.
@Suite(.timeLimit(.minutes(3))) struct PoolRaceTests {
    @Test(arguments: [3, 50]) func noClusterIsLentTwiceAndNoneIsLost(count: Int) async throws {
        let rig = try await ManagerRig(image: false)
        defer { rig.end() }
        let clusters = (1...count).map { "cluster\($0)" }
        try await rig.bare(clusters)
        let desks = ["a", "b"].map { rig.desk($0, clusters) }
        let book = LendingBook()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for hand in 0..<8 {
                group.addTask {
                    for round in 0..<25 {
                        let session = "s\(hand)-\(round)"
                        var given: PoolCluster?
                        // Where all are taken, one waits for its turn.
                        while given == nil {
                            given = try? await desks[hand % 2].assign(session)
                            await Task.yield()
                        }
                        let lent = try #require(given)
                        book.lend(lent.clusterID, to: session)
                        await Task.yield()
                        book.takeBack(lent.clusterID, from: session)
                        // The other desk takes it back: what one has done, both know.
                        let back = try await desks[(hand + 1) % 2].release(session: session)
                        #expect(back.clusterID == lent.clusterID)
                        // No machines here: what a reset would end with is written by hand.
                        _ = try await desks[hand % 2].order(.markAvailable, lent.clusterID, isConfirmed: true)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(book.lent == 200 && book.conflicts == [])
        let left = try await desks[0].namespaces()
        #expect(left.count == count && left.allSatisfy(\.isFree))
    }

    @Test func aSessionThatAsksTwiceAtOnceGetsOneCluster() async throws {
        let rig = try await ManagerRig(image: false)
        defer { rig.end() }
        let clusters = (1...20).map { "cluster\($0)" }
        try await rig.bare(clusters)
        let desks = ["a", "b"].map { rig.desk($0, clusters) }
        for round in 0..<10 {
            async let first = desks[0].assign("s\(round)")
            async let second = desks[1].assign("s\(round)")
            let names = try await [first.clusterID, second.clusterID]
            #expect(names[0] == names[1])
        }
        let held = try await desks[0].namespaces().filter { $0.status == .locked }
        #expect(held.count == 10)
    }
}

/// Who has what, as those who were lent it believe.
private final class LendingBook: Sendable {
    private let state = Mutex<(holders: [String: String], lent: Int, conflicts: [String])>(([:], 0, []))

    var lent: Int { state.withLock { $0.lent } }
    var conflicts: [String] { state.withLock { $0.conflicts } }

    func lend(_ cluster: String, to session: String) {
        state.withLock { state in
            state.lent += 1
            if let other = state.holders[cluster] { state.conflicts.append("\(cluster): \(other) and \(session)") }
            state.holders[cluster] = session
        }
    }

    func takeBack(_ cluster: String, from session: String) {
        state.withLock { state in
            if state.holders[cluster] != session { state.conflicts.append("\(cluster) was not \(session)'s") }
            state.holders[cluster] = nil
        }
    }
}
