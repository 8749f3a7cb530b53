/// Durations as Spack writes them.
enum SpackTimings {
    /// `  Stage: 3.10s.  Build: 58m 42.00s.  Total: 1h 3m 10.72s`, with a dot behind the last or not, with or without blanks in a duration,
    /// and with nothing for zero, as versions before 0.17 write it. Nil when it is another line.
    static func line(_ line: LineBytes) -> [SpackTiming]? {
        guard line.count < 1000, line.contains("Total:") else { return nil }
        var timings: [SpackTiming] = []
        var place = line.afterBlanks()
        while place < line.count {
            let start = place
            while place < line.count, Ascii.isName(line[place]) || line[place] == Ascii.blank { place += 1 }
            guard line[place] == Ascii.colon, place > start, Ascii.isLetter(line[start]), place - start < 60 else {
                return nil
            }
            let name = line.part(start, place).trimmed.text(limit: 60).lowercased()
            place = line.afterBlanks(place + 1)
            if let read = duration(line, at: place) {
                timings.append(SpackTiming(name: name, seconds: read.seconds))
                place = read.end
            } else {
                // `Fetch: .  Build: 1.00s`
                timings.append(SpackTiming(name: name, seconds: 0))
            }
            if line[place] == Ascii.dot { place += 1 }
            guard place == line.count || line[place] == Ascii.blank else { return nil }
            place = line.afterBlanks(place)
            if timings.count > 40 { return nil }
        }
        return timings.isEmpty ? nil : timings
    }

    /// `58m 42.00s`, `1h3m`, `23s`, `1d 2h`. - Returns: seconds, and the place behind.
    static func duration(_ line: LineBytes, at start: Int) -> (seconds: Double, end: Int)? {
        var seconds = 0.0
        var end: Int?
        var place = start
        while let number = line.decimal(place), number.end - place < 20 {
            let unit: Double
            var after = number.end + 1
            switch line[number.end] {
            case UInt8(ascii: "d"): unit = 86_400
            case UInt8(ascii: "h"): unit = 3600
            case UInt8(ascii: "m"):
                if line[after] == UInt8(ascii: "s") {
                    unit = 0.001
                    after += 1
                } else {
                    unit = 60
                }
            case UInt8(ascii: "s"): unit = 1
            default: return end.map { (seconds, $0) }
            }
            guard !Ascii.isLetter(line[after]) else { return end.map { (seconds, $0) } }
            seconds += number.value * unit
            end = after
            place = line[after] == Ascii.blank ? after + 1 : after
        }
        return end.map { (min(seconds, 3e8), $0) }
    }
}
