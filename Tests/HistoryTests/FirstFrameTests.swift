import Fleet
import Foundation
import History
import Testing

struct FirstFrameTests {
    private let start = Date(timeIntervalSince1970: 1_760_000_000)

    private func snapshot(_ count: Int) -> Snapshot {
        let items = (0..<count).map { number in
            Item(
                id: ItemID(kind: .metal, source: SourceID("lab"), key: "\(number)"), kind: .metal, name: "n\(number)",
                source: SourceID("lab"), state: number == 17 ? .failed : number % 3 == 0 ? .done : .running, word: "w",
                startedAt: start - Double(number),
                phases: [
                    Phase(
                        name: "pxe_boot", state: .done, startedAt: start - 90.5, endedAt: start, usual: 80.25,
                        usualHigh: 95, usualCount: 0, limit: 600),
                    Phase(name: "installation", state: .running, startedAt: start), Phase(name: "ready"),
                ],
                estimate: Estimate(p10: 1, p50: 2.5, p90: 4, n: 3, basis: .history, at: start),
                evidence: Evidence(at: start, from: "status API"), detail: .metal(MetalDetail(node: number)))
        }
        let events = (0..<80).map {
            Event(
                at: start + Double($0), kind: .metal, source: SourceID("lab"), name: "n", level: .good, text: "e\($0)")
        }
        return Snapshot(
            at: start, items: items,
            sources: [Source(id: SourceID("lab"), kind: .metal, state: .live, lastSuccess: start)],
            events: events)
    }

    private func withFile(_ body: (FirstFrameFile) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "slipway-frame-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(FirstFrameFile(path: folder.appending(path: "first.json").path))
    }

    @Test func comesBackAsItWasAndForItsOwnerOnly() throws {
        try withFile { file in
            #expect(file.read() == nil)
            try file.write(FirstFrame(snapshot: snapshot(3)))
            let frame = FirstFrame(snapshot: snapshot(1000))
            try file.write(frame)
            #expect(file.read() == frame)
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            let folder = URL(filePath: file.path).deletingLastPathComponent().path
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["first.json"])
        }
    }

    @Test func holdsTheMostUrgentAndCountsAll() {
        let frame = FirstFrame(snapshot: snapshot(1000))
        #expect(frame.report.items.count == FirstFrame.mostItems)
        #expect(frame.report.items.first?.item.name == "n17")
        #expect(frame.tallies == [.metal: [.done: 334, .failed: 1, .running: 665]])
        #expect(frame.events.map(\.text) == (30..<80).map { "e\($0)" })
        #expect(frame.snapshot.events == frame.events)
    }

    @Test func anyDamageReadsAsNothing() throws {
        try withFile { file in
            try file.write(FirstFrame(snapshot: snapshot(5)))
            let whole = try Data(contentsOf: URL(filePath: file.path))
            let text = String(decoding: whole, as: UTF8.self)
            let damaged: [Data] = [
                Data(), Data("[]".utf8), Data(repeating: 0, count: 4096),
                whole.prefix(whole.count / 2), whole.dropLast(),
                Data(text.replacing("\"numbers\":\"", with: "\"numbers\":\"999999 ").utf8),
                Data(text.replacing("\"version\":1", with: "\"version\":2").utf8),
            ]
            for (number, data) in damaged.enumerated() {
                try data.write(to: URL(filePath: file.path))
                #expect(file.read() == nil, "damage \(number)")
            }
            // Every cut, and single bytes turned over, must end in nothing or in a frame, never in a crash.
            for place in stride(from: 0, to: whole.count, by: 7) {
                var turned = whole
                turned[place] ^= 0x15
                try turned.write(to: URL(filePath: file.path))
                _ = file.read()
            }
        }
    }

    @Test func aFolderThatIsNotThereIsToldInASentence() {
        let file = FirstFrameFile(path: "/nonexistent/slipway/first.json")
        let error = #expect(throws: HistoryError.self) { try file.write(FirstFrame(snapshot: snapshot(1))) }
        #expect(error?.description.contains("/nonexistent/slipway/first.json cannot be written") == true)
    }
}
