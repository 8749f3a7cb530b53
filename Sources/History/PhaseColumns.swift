import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tracks of many items in two JSON values: the words that occur, and one line of whole numbers.
///
/// As objects, phases are three quarters of the time that reading the first frame takes. An item is its number of phases, then for
/// each phase: place of the name and of the state in `words`, start and end in milliseconds since 1970, usual, high end and limit in
/// milliseconds, and the count behind the usual value. Absent is -1.
struct PhaseColumns: Codable, Equatable {
    private static let numbersPerPhase = 8

    private var words: [String] = []
    private var numbers = ""

    init(_ tracks: [[Phase]]) {
        var places: [String: Int] = [:]
        func place(_ word: String) -> Int {
            if let known = places[word] { return known }
            places[word] = words.count
            words.append(word)
            return words.count - 1
        }
        var values: [Int] = []
        for track in tracks {
            values.append(track.count)
            for phase in track {
                values += [place(phase.name), place(phase.state.rawValue)]
                values += [
                    Self.whole(phase.startedAt?.timeIntervalSince1970),
                    Self.whole(phase.endedAt?.timeIntervalSince1970),
                ]
                values += [Self.whole(phase.usual), Self.whole(phase.usualHigh), Self.whole(phase.limit)]
                values.append(phase.usualCount ?? -1)
            }
        }
        numbers = values.map(String.init).joined(separator: " ")
    }

    /// - Throws: `HistoryError` if the numbers do not tell as many tracks as asked for.
    func tracks(_ count: Int) throws -> [[Phase]] {
        var reader = NumberReader(Array(numbers.utf8))
        return try (0..<count).map { _ in
            let phases = try reader.next()
            guard phases >= 0, phases <= reader.rest / (2 * Self.numbersPerPhase) + 1 else { throw Self.damage }
            return try (0..<phases).map { _ in try phase(&reader) }
        }
    }

    private func phase(_ reader: inout NumberReader) throws -> Phase {
        let (name, word) = (try reader.next(), try reader.next())
        guard words.indices.contains(name), words.indices.contains(word), let state = Phase.State(rawValue: words[word])
        else { throw Self.damage }
        var phase = Phase(name: words[name], state: state)
        phase.startedAt = Self.seconds(try reader.next()).map { Date(timeIntervalSince1970: $0) }
        phase.endedAt = Self.seconds(try reader.next()).map { Date(timeIntervalSince1970: $0) }
        phase.usual = Self.seconds(try reader.next())
        phase.usualHigh = Self.seconds(try reader.next())
        phase.limit = Self.seconds(try reader.next())
        let count = try reader.next()
        phase.usualCount = count < 0 ? nil : count
        return phase
    }

    private static func whole(_ seconds: Double?) -> Int {
        guard let seconds, seconds >= 0, seconds < 1e12 else { return -1 }
        return Int((seconds * 1000).rounded())
    }

    private static func seconds(_ whole: Int) -> Double? { whole < 0 ? nil : Double(whole) / 1000 }

    fileprivate static let damage = HistoryError("The first frame is damaged. It is written anew by itself.")
}

/// Whole numbers with a blank between two.
private struct NumberReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Bytes that are left.
    var rest: Int { bytes.count - position }

    mutating func next() throws -> Int {
        var value = 0
        var digits = 0
        let isNegative = position < bytes.count && bytes[position] == 0x2D
        if isNegative { position += 1 }
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            value = value * 10 + Int(bytes[position] - 0x30)
            digits += 1
            position += 1
            guard digits <= 16 else { throw PhaseColumns.damage }
        }
        guard digits > 0, position == bytes.count || bytes[position] == 0x20 else { throw PhaseColumns.damage }
        position += 1
        return isNegative ? -value : value
    }
}
