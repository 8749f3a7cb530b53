import Foundation
import Testing

@testable import Fleet

/// Thousands of items that were read from JSON: each text and list is a copy of its own.
@Suite struct PackedItemTests {
    private static func node(_ number: Int) throws -> Item {
        let start = Date(timeIntervalSince1970: 1_790_000_000)
        let item = Item(
            id: ItemID(kind: .metal, source: SourceID("lab"), key: "\(number)"), kind: .metal, name: "node\(number)",
            source: SourceID("lab"), state: .running, word: "installing", startedAt: start,
            phases: (0..<9).map { Phase(name: "a phase with a long name \($0)", state: .done, startedAt: start) },
            evidence: Evidence(at: start, from: "status API lab"),
            detail: .metal(
                MetalDetail(
                    node: number, serverProfile: "a profile with a long name", message: "what nodes say alike",
                    reports: (0..<9).map {
                        MetalDetail.Report(
                            phase: "a phase with a long name \($0)", status: "success",
                            message: "it is done, all of it",
                            at: start)
                    })))
        return try FleetCoder.decoder().decode(Item.self, from: FleetCoder.encoder().encode(item))
    }

    /// Where a text's bytes are.
    private static func place(_ text: String?) -> UnsafePointer<UInt8>? {
        text?.utf8.withContiguousStorageIfAvailable(\.baseAddress) ?? nil
    }

    private static func detail(_ item: Item) throws -> MetalDetail {
        guard case .metal(let detail) = item.detail else { throw CancellationError() }
        return detail
    }

    @Test func whatIsAlikeIsHeldOnce() throws {
        var texts = TextPool()
        let nodes = try (1...2).map { try Self.node($0) }
        let packed = nodes.map { $0.packed(in: &texts) }
        #expect(packed == nodes)

        #expect(packed[0].phases.capacity < nodes[0].phases.capacity)
        let names = packed.map { Self.place($0.phases[3].name) }
        #expect(names[0] != nil && names[0] == names[1])
        let details = try packed.map(Self.detail)
        #expect(details[0].reports.capacity < (try Self.detail(nodes[0]).reports.capacity))
        for text in [\MetalDetail.message, \.reports[3].phase, \.reports[8].message] {
            #expect(Self.place(details[0][keyPath: text]) == Self.place(details[1][keyPath: text]))
        }
        #expect(Self.place(details[0].serverProfile) == Self.place(details[1].serverProfile))
    }
}
