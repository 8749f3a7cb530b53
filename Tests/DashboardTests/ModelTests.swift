import Fleet
import Screen
import Testing

@testable import Dashboard

/// The parts below the screen.
@Suite struct ModelTests {
    /// Compared with a plain sorted array over many steps.
    @Test func orderedRowsAreAlwaysSorted() {
        var rows = OrderedRows<Int>()
        var plain: [Int] = []
        var seed: UInt64 = 1
        for _ in 0..<6000 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let key = Int(seed >> 40) % 3000
            if let index = plain.firstIndex(of: key) {
                #expect(rows.index(of: key) == index)
                let wasThere = rows.remove(key)
                #expect(wasThere)
                plain.remove(at: index)
            } else {
                rows.insert(key)
                plain.insert(key, at: plain.firstIndex { $0 > key } ?? plain.endIndex)
            }
        }
        #expect(rows.count == plain.count)
        #expect((0..<plain.count).allSatisfy { rows[$0] == plain[$0] })
        #expect(rows[-1] == nil && rows[plain.count] == nil)
        let wasThere = rows.remove(-5)
        #expect(!wasThere)
    }

    /// The counts of the panels must be those of the items, whatever order things change in.
    @Test func countsAgreeWithTheItems() {
        var fleet = FleetModel()
        fleet.replace(with: Sample.snapshot, now: Sample.now)
        for step in 0..<200 {
            let number = 11 + step % 9
            let state: Item.State = [.running, .failed, .done, .waiting][step % 4]
            fleet.apply(.item(Sample.node(number, "n\(number)", state: state, phase: step % 9)), now: Sample.now)
            if step % 7 == 0 { fleet.apply(.gone(Sample.items[step % 9].id), now: Sample.now) }
        }
        let tally = fleet.tallies[.metal] ?? .init()
        #expect(tally.total == fleet.items.count)
        #expect(fleet.panes[.metal]?.total == fleet.items.count)
        #expect(fleet.needs.count == fleet.items.values.count { fleet.attention($0, now: Sample.now) != nil })
        #expect(tally.phases.values.reduce(0, +) == fleet.items.values.count { $0.state == .running })
    }

    /// The running clusters of the overview's panel are those of the items, whatever order things change in.
    @Test func theRunningListAgreesWithTheItems() {
        var fleet = FleetModel()
        fleet.replace(with: ClusterSample.withNodes, now: Sample.now)
        let states: [Item.State] = [.running, .failed, .done, .running, .waiting]
        for step in 0..<200 {
            var item = ClusterSample.items[step % 7]
            item.state = states[step % 5]
            if step % 3 == 0 { item.diagnosis = nil }
            fleet.apply(.item(item), now: Sample.now.addingTimeInterval(Double(step)))
            if step % 11 == 0 { fleet.apply(.gone(ClusterSample.items[step % 4].id), now: Sample.now) }
            if step % 13 == 0 { fleet.review(now: Sample.now.addingTimeInterval(Double(step * 20))) }
            let rows = fleet.running[.clusters] ?? .init()
            let named = (0..<rows.count).compactMap { rows[$0]?.id }
            let counted = fleet.tallies[.cluster]?.count(.running) ?? 0
            #expect(Set(named).count == rows.count && rows.count == counted)
            #expect(named.allSatisfy { fleet.items[$0]?.state == .running })
        }
        #expect(fleet.running[.metal] == nil)
    }

    @Test func keysCanBeGivenOtherNames() throws {
        let keymap = try Keymap.remapped(["quit": ["C-q"], "pause": ["F5"]]).get()
        #expect(keymap.binding(for: .control("q"))?.command == .quit)
        #expect(keymap.binding(for: .character("q")) == nil)
        #expect(keymap.keyName(of: .pause) == "F5")
    }

    @Test(
        arguments: [
            (["quit": ["nokey"]], "nokey is not a key"), (["fly": ["x"]], "there is no such command"),
            (["minute-on": ["["]], "[ would do two things"), (["oldest": ["q", "C-c"]], "at least one key must leave"),
            (["pause": ["q"]], "q would do two things"), (["quit": []], "at least one key must leave"),
        ] as [([String: [String]], String)])
    func wrongKeysAreNamed(changes: [String: [String]], sentence: String) {
        guard case .failure(let problems) = Keymap.remapped(changes) else {
            Issue.record("\(changes) was taken")
            return
        }
        #expect(problems.sentences.contains { $0.contains(sentence) })
    }

    @Test func noKeyIsGivenTwice() {
        for scope in [Scope.everywhere, .atInstant, .recording] {
            let keys = Binding.standard.filter { $0.scope == scope }.flatMap(\.keys)
            #expect(Set(keys).count == keys.count)
        }
        #expect(Set(Binding.standard.map(\.name)).count == Binding.standard.count)
    }
}
