import Foundation
import Testing

@testable import Fleet

@Suite struct StreamPatchTests {
    private static func json(_ text: String) throws -> JSONValue {
        try JSONReader.value(Array(text.utf8), isFromOutside: false)
    }

    /// What was, what is, and what is told of it.
    @Test(arguments: [
        (#"{"a":1,"b":2}"#, #"{"a":1,"b":2}"#, "[]"),
        (#"{"a":1,"b":2}"#, #"{"a":1,"b":3}"#, #"[{"op":"replace","path":"/b","value":3}]"#),
        (#"{"a":1,"b":2}"#, #"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#),
        (
            #"{"a/b":{"~":1,"long":"enough to be told apart from it"}}"#,
            #"{"a/b":{"~":2,"long":"enough to be told apart from it"}}"#,
            #"[{"op":"replace","path":"/a~1b/~0","value":2}]"#
        ),
        // The tail of a log, and a list with the newest first.
        (
            #"["line 1 of the log","line 2 of the log","line 3 of the log","line 4 of the log"]"#,
            #"["line 2 of the log","line 3 of the log","line 4 of the log","line 5 of the log"]"#,
            #"[{"op":"remove","path":"/0"},{"op":"add","path":"/-","value":"line 5 of the log"}]"#
        ),
        (
            #"["run 4, which is long","run 3, which is long","run 2, which is long","run 1, which is long"]"#,
            #"["run 5, which is long","run 4, which is long","run 3, which is long","run 2, which is long"]"#,
            #"[{"op":"remove","path":"/3"},{"op":"add","path":"/0","value":"run 5, which is long"}]"#
        ),
        (#"["a","b"]"#, #"["a","b","c"]"#, #"[{"op":"add","path":"/-","value":"c"}]"#),
        (
            #"[{"n":"one","s":1},{"n":"two","s":1},{"n":"three","s":1}]"#,
            #"[{"n":"one","s":1},{"n":"two","s":2},{"n":"three","s":1}]"#,
            #"[{"op":"replace","path":"/1/s","value":2}]"#
        ),
        // Shorter whole than in pieces.
        ("[1,2,3,4]", "[5,6,7,8]", #"[{"op":"replace","path":"","value":[5,6,7,8]}]"#),
        (#"{"a":[1]}"#, #"{"a":{"b":1}}"#, #"[{"op":"replace","path":"/a","value":{"b":1}}]"#),
    ])
    func tellsOnlyTheDifference(old: String, new: String, patch: String) throws {
        let (old, new) = (try Self.json(old), try Self.json(new))
        let between = ItemPatch.between(old, new)
        #expect(String(decoding: JSONWriter.bytes(between.value), as: UTF8.self) == patch)
        #expect(try #require(ItemPatch(Self.json(patch))).applied(to: old) == new)
    }

    @Test(arguments: 0..<10)
    func anyTreeBecomesAnyOther(seed: Int) throws {
        var random = StreamRandom(seed)
        for _ in 0..<100 {
            let old = random.tree(depth: 4)
            let new = random.below(5) == 0 ? random.tree(depth: 4) : random.changed(random.changed(old))
            let patch = ItemPatch.between(old, new)
            #expect(patch.isEmpty == (old == new))
            #expect(JSONWriter.bytes(patch.value).count <= JSONWriter.bytes(new).count + 40)
            let told = try #require(
                ItemPatch(try JSONReader.value(JSONWriter.bytes(patch.value), isFromOutside: false)))
            #expect(told.applied(to: old) == new)
        }
    }

    @Test(arguments: 0..<8)
    func anyItemBecomesItsNextValue(seed: Int) throws {
        var random = StreamRandom(seed)
        for number in 0..<25 {
            let old = random.item(number)
            let new = random.item(number)
            #expect(StreamItem(old).item() == old)
            #expect(try ItemPatch.between(old: old, new: new).applied(to: old) == new)
        }
    }

    /// Times are told to the millisecond: what differs by less is the same.
    @Test func finerThanAMillisecondIsNoDifference() throws {
        var random = StreamRandom(1)
        let item = random.item(0)
        var later = item
        later.evidence.at.addTimeInterval(0.0002)
        #expect(later != item)
        #expect(ItemPatch.between(old: item, new: later).isEmpty)
    }

    @Test(arguments: [
        #"[{"op":"replace","path":"/b","value":1}]"#, #"[{"op":"remove","path":"/b"}]"#,
        #"[{"op":"add","path":"/b/c","value":1}]"#, #"[{"op":"add","path":"/l/3","value":1}]"#,
        #"[{"op":"remove","path":"/l/2"}]"#, #"[{"op":"remove","path":"/l/-"}]"#, #"[{"op":"remove","path":""}]"#,
        #"[{"op":"replace","path":"/l/01","value":1}]"#, #"[{"op":"replace","path":"/l/-1","value":1}]"#,
        #"[{"op":"add","path":"/l/99999999999999999999","value":1}]"#, #"[{"op":"add","path":"/a/x","value":1}]"#,
    ])
    func doesNotApplyWhereItDoesNotFit(patch: String) throws {
        let value = try Self.json(#"{"a":1,"l":[1,2]}"#)
        #expect(try #require(ItemPatch(Self.json(patch))).applied(to: value) == nil)
    }

    @Test(arguments: [
        "{}", "[1]", #"[{"op":"test","path":"/a","value":1}]"#, #"[{"op":"add","path":"a","value":1}]"#,
        #"[{"op":"add","path":"/a"}]"#, #"[{"path":"/a","value":1}]"#,
    ])
    func isNoPatch(text: String) throws { #expect(ItemPatch(try Self.json(text)) == nil) }
}
