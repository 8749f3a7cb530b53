import Foundation
import Testing

@testable import Fleet

@Suite struct StreamJSONTests {
    @Test(arguments: [
        #"{"a":[1,-2,3.5,1e3,1E-2,0,-0.25],"b":{"c":null,"d":true,"e":false}}"#, " [ ] ", "{ }", #""""#, "12",
        #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, "\"日本 ü 😀\"", "1.0", "9223372036854775807", "[[[[1]]]]",
        #"{"a":1,"b":2,"c":{"a":{"a":1}}}"#, "1e300", "123456789.123456789", "-0",
    ])
    func readsWhatFoundationReads(text: String) throws {
        let value = try JSONReader.value(Array(text.utf8), isFromOutside: false)
        #expect(value == JSONValue(Data(text.utf8)))
        #expect(try JSONReader.value(JSONWriter.bytes(value), isFromOutside: false) == value)
        #expect(JSONValue(Data(JSONWriter.bytes(value))) == value)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}", "{1:1}", "nul",
        "nulll",
        "tru", "01", "-", "1.", ".5", "+1", "1e", "1e+", "1e999", "NaN", "\"", #""\"#, #""\x""#, #""\u12""#,
        #""\u12g4""#,
        "\"\u{0}\"", "\u{0}", "\"a\nb\"", "1 2", "[1]]", "'a'", "// x\n1", "\u{FEFF}1", #""\u１２３４""#,
    ])
    func refusesWhatIsNotJSON(text: String) {
        #expect(throws: StreamFault.notJSON) { try JSONReader.value(Array(text.utf8), isFromOutside: false) }
    }

    @Test func refusesWhatIsNestedTooDeeply() throws {
        let limit = JSONReader.depthLimit
        func nested(_ depth: Int) -> [UInt8] { Array(String(repeating: "[", count: depth).utf8) }
        #expect(throws: StreamFault.tooDeep) { try JSONReader.value(nested(limit + 1), isFromOutside: true) }
        #expect(throws: StreamFault.tooDeep) { try JSONReader.value(nested(1 << 20), isFromOutside: true) }
        let deepest = nested(limit) + Array(String(repeating: "]", count: limit).utf8)
        #expect(try JSONReader.value(deepest, isFromOutside: true).list?.count == 1)
    }

    /// Half a pair of surrogates, and bytes that are no UTF-8.
    @Test func repairsBrokenText() throws {
        #expect(
            try JSONReader.value(Array(#""\ud83dx\ude00\ud83d\ud83d\ude00""#.utf8), isFromOutside: false)
                == "\u{FFFD}x\u{FFFD}\u{FFFD}😀")
        #expect(try JSONReader.value([0x22, 0x61, 0xFF, 0x22], isFromOutside: false) == "a\u{FFFD}")
    }

    /// Whatever bytes come: a value or a fault, and a value only where Foundation finds the same.
    @Test(arguments: 0..<5)
    func survivesAnyBytes(seed: Int) throws {
        var random = StreamRandom(seed)
        for _ in 0..<400 {
            var bytes = JSONWriter.bytes(random.tree(depth: 4))
            for _ in 0...random.below(3) {
                let place = random.below(bytes.count + 1)
                switch random.below(4) {
                case 0 where place < bytes.count: bytes.remove(at: place)
                case 1 where place < bytes.count: bytes[place] ^= UInt8(1 << random.below(8))
                case 2: bytes.insert(Array("{}[]\",:\\01e.-\u{0}".utf8)[random.below(14)], at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            if let value = try? JSONReader.value(bytes, isFromOutside: false),
                String(validating: bytes, as: UTF8.self) != nil,
                let theirs = JSONValue(Data(bytes))
            {
                #expect(value == theirs, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }

    /// Without text in between, and still the same as with it.
    @Test(arguments: 0..<10)
    func treesAreWhatTheCoderWrites(seed: Int) throws {
        var random = StreamRandom(seed)
        for number in 0..<10 {
            let item = random.item(number)
            let tree = try JSONValue(encoding: item)
            #expect(try tree == JSONValue(FleetCoder.encoder().encode(item)))
            #expect(try tree.decoded(as: Item.self) == item)
        }
    }

    private struct Odd: Codable, Equatable {
        var small: UInt8
        var half: Float
        var nothing: Int?
        var lists: [[Int?]]
        var names: [String: Double]
        var any: JSONValue
    }

    @Test func treesHoldWhatCodableCan() throws {
        let odd = Odd(
            small: 200, half: 0.5, nothing: nil, lists: [[1, nil], []], names: ["a": 1.5, "b": 2], any: [1, "x"])
        let tree = try JSONValue(encoding: odd)
        #expect(try tree == JSONValue(JSONEncoder().encode(odd)))
        #expect(try tree.decoded(as: Odd.self) == odd)
        #expect(throws: DecodingError.self) { try (["small": 300] as JSONValue).decoded(as: Odd.self) }
        #expect(throws: DecodingError.self) { try ([1] as JSONValue).decoded(as: [String].self) }
        #expect(throws: DecodingError.self) { try (["a": "not a time"] as JSONValue).decoded(as: [String: Date].self) }
        // What is not finite has no JSON; a field without a value is better than an item that nobody can read.
        #expect(JSONValue(number: .nan) == .null && JSONValue(number: -.infinity) == .null)
    }
}
