import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The log of one build from its beginning to its end, and which line is written when. It is made when somebody follows it.
struct BuilderLog: Sendable {
    let bytes: [UInt8]
    /// For every line its age and where it ends, both rising.
    let lines: [(age: Double, end: Int)]

    init(of life: BuilderLife) {
        var script = BuilderScript(of: life)
        script.write()
        bytes = script.bytes
        lines = script.lines
    }

    /// How many bytes are written by then.
    func size(at age: Double) -> Int {
        let count = count(at: age)
        return count > 0 ? lines[count - 1].end : 0
    }

    /// When something more is written; nil after the last line.
    func next(after age: Double) -> Double? {
        let count = count(at: age)
        return count < lines.count ? lines[count].age : nil
    }

    /// When the byte at this place is written.
    func age(ofByte place: Int) -> Double {
        lines[Self.first(lines.count) { lines[$0].end > place }].age
    }

    /// How many lines are written by then.
    private func count(at age: Double) -> Int { Self.first(lines.count) { lines[$0].age > age } }

    /// The first index for which it holds, for it holds for all behind it too.
    private static func first(_ count: Int, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
