import Foundation
import Testing

@testable import ImageBuild

/// Whatever the bytes are, reading them ends and says something that can be shown.
@Suite struct TemplateFuzzTests {
    static let letters = Array(" \n\t:-[]{}&*?,#'\"|>@`!%~+^=$;ab01.\u{FFFD}ü".utf8)

    /// The starter with some bytes replaced, removed, doubled or cut off.
    static func damaged(_ text: String, _ chance: inout FuzzChance) -> Data {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &chance) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &chance)
            switch Int.random(in: 0..<5, using: &chance) {
            case 0: bytes[place] = letters.randomElement(using: &chance) ?? 0
            case 1: bytes[place] = UInt8.random(in: 0...255, using: &chance)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
            default: bytes.insert(letters.randomElement(using: &chance) ?? 0, at: place)
            }
        }
        return Data(bytes)
    }

    static func check(_ bytes: Data) {
        do {
            _ = try ImageTemplate.read(bytes, name: "t.yaml").buildOrder
        } catch {
            #expect(error.count >= 1)
            // Some mistakes have their place in the line behind the last one.
            let lines = String(decoding: bytes, as: UTF8.self).split(
                omittingEmptySubsequences: false, whereSeparator: \.isNewline
            ).count
            for problem in error.problems {
                #expect((1...lines + 1).contains(problem.line) && problem.column >= 1 && !problem.text.isEmpty)
            }
            let report = error.report(file: "t.yaml")
            #expect(report.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" })
        }
    }

    @Test func everyBeginningOfATemplateIsReadOrTold() {
        let bytes = Data(TemplateSamples.starter.utf8)
        for length in 0...bytes.count { Self.check(bytes.prefix(length)) }
    }

    @Test(arguments: 0..<8)
    func damagedTemplatesAreReadOrTold(seed: Int) {
        var chance = FuzzChance(seed: UInt64(seed))
        for _ in 0..<250 { Self.check(Self.damaged(TemplateSamples.starter, &chance)) }
    }

    @Test(arguments: 0..<4)
    func anyBytesAreTold(seed: Int) {
        var chance = FuzzChance(seed: UInt64(100 + seed))
        for _ in 0..<300 {
            let length = Int.random(in: 0...300, using: &chance)
            Self.check(Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &chance) }))
            Self.check(Data((0..<length).map { _ in Self.letters.randomElement(using: &chance) ?? 0 }))
        }
    }

    @Test(arguments: 0..<4)
    func whatASpecIsReadAsIsReadTheSameAgain(seed: Int) throws {
        var chance = FuzzChance(seed: UInt64(200 + seed))
        let samples = [
            "gcc@11.2.0", "hdf5 +mpi~shared k=v %gcc@11 ^openmpi@4.1:4.2", #"x cflags="-O3 -g" ^[virtuals=mpi] y"#,
        ]
        for _ in 0..<2000 {
            let sample = samples.randomElement(using: &chance) ?? ""
            let text = String(decoding: Self.damaged(sample, &chance), as: UTF8.self)
            guard let spec = try? PackageSpec(text) else { continue }
            #expect(try PackageSpec(spec.text) == spec)
            #expect(!spec.text.hasPrefix("-") && !spec.text.contains(where: { ";|&$`<>()\\\n".contains($0) }))
            #expect(!spec.name.isEmpty)
        }
    }

    @Test(arguments: 0..<4)
    func damagedStateFilesAreReadOrLeftOut(seed: Int) {
        var chance = FuzzChance(seed: UInt64(300 + seed))
        let bytes = Data(BuildStateTests.whole.utf8)
        for length in 0...bytes.count { _ = WireBuildState.read(bytes.prefix(length)) }
        for _ in 0..<500 {
            let damaged = Self.damaged(BuildStateTests.whole, &chance)
            guard let state = WireBuildState.read(damaged) else { continue }
            #expect((0...100).contains(state.softwarePercent ?? 0))
            let progress = PctlProgress(String(decoding: damaged.prefix(200), as: UTF8.self))
            #expect((0...100).contains(progress.percent ?? 0))
        }
        #expect(WireBuildState.read(Data(String(repeating: "[", count: 200_000).utf8)) == nil)
    }
}
