import Foundation
import Testing

@testable import ImageBuild

/// What becomes of a stream of bytes.
@Suite struct LogLinesTests {
    private struct Got: Equatable {
        var text: String
        var isRedraw = false
        var isCut = false
    }

    private func cut(_ bytes: [UInt8], in pieces: Int = .max) -> [Got] {
        var lines = LogLines()
        var got: [Got] = []
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + min(pieces, bytes.count))
            bytes[place..<end].withUnsafeBytes {
                lines.feed($0) { got.append(Got(text: $0.text, isRedraw: $0.isRedraw, isCut: $0.isCut)) }
            }
            place = end
        }
        lines.end { got.append(Got(text: $0.text, isRedraw: $0.isRedraw, isCut: $0.isCut)) }
        return got
    }

    private func line(_ text: String) -> [Got] { [Got(text: text)] }

    @Test(arguments: [
        ("a\nb\r\nc", ["a", "b", "c"]), ("\n\n", ["", ""]), ("a\r\r\nb\n", ["a", "b"]),
        ("\u{1B}[1;31m==>\u{1B}[0m Error\n", ["==> Error"]), ("a\tb\n", ["a b"]),
        ("\u{1B}]0;gcc [12/19] building\u{07}==> x\n", ["==> x"]),
        ("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\\n", ["link"]),
        ("\u{1B}(Bplain\u{1B}=\n", ["plain"]), ("a\0b\0\n", ["ab"]),
        ("a\u{9B}31mb\u{202E}c\n", ["a\u{FFFD}31mb\u{FFFD}c"]),
        // An escape sequence that never ends is none, and takes nothing with it.
        ("\u{1B}]0;title ==> Installing\n==> next\n", ["0;title ==> Installing", "==> next"]),
        ("\u{1B}[12;34\nnext\n", ["12;34", "next"]), ("\u{1B}", []), ("‘quoted’ é 🦀\n", ["‘quoted’ é 🦀"]),
    ])
    func everyLineIsHarmlessText(text: String, expected: [String]) {
        #expect(cut(Array(text.utf8)).map(\.text) == expected)
        for pieces in [1, 2, 3, 7] {
            #expect(cut(Array(text.utf8), in: pieces).map(\.text) == expected, "in pieces of \(pieces)")
        }
    }

    @Test func whatWasDrawnOverIsARedraw() {
        let bar = cut(Array("  1%\r 50%\r100%\n==> done\n".utf8))
        #expect(
            bar == [
                Got(text: "  1%", isRedraw: true), Got(text: " 50%", isRedraw: true), Got(text: "100%"),
                Got(text: "==> done"),
            ])
        // The new installer goes from row to row without a line end.
        let rows = cut(Array("\u{1B}[2F[/] a\u{1B}[0m\u{1B}[K\u{1B}[1E[-] b\u{1B}[0m\u{1B}[K\u{1B}[1Ec\n".utf8))
        #expect(rows == [Got(text: "[/] a", isRedraw: true), Got(text: "[-] b", isRedraw: true), Got(text: "c")])
    }

    @Test func whatIsNotTextIsMarkedOnce() {
        #expect(cut([0x61, 0xFF, 0xFE, 0x80, 0x62, 0x0A]) == line("a\u{FFFD}b"))
        #expect(cut([0xE2, 0x82, 0x0A]) == line("\u{FFFD}"), "a character that was cut")
        #expect(cut([0xC0, 0xAF, 0xED, 0xA0, 0x80, 0x0A]) == line("\u{FFFD}"), "no UTF-8, though it looks like it")
        #expect(cut(Array("UTF-16".utf8).flatMap { [$0, 0] } + [0x0A, 0]) == line("UTF-16"))
    }

    @Test func aLineOfTenMegabytesIsCutAndTheNextOneIsWhole() {
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000_000) + Array("\nnext\n".utf8)
        for pieces in [Int.max, 65_536] {
            let got = cut(bytes, in: pieces)
            #expect(
                got.count == 2 && got[0].isCut && got[0].text.utf8.count == LogLines.longest
                    && got[1] == Got(text: "next"))
        }
    }
}
