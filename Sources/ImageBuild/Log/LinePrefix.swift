/// What stands in front of every line because of the way the log came here: system logger, container, CI, `ts`, Spack's own process number.
///
/// The usual shapes are known. Another one is learned from the first line in which something that only Spack writes stands behind it, and
/// is then taken off every line that begins the same, whatever its digits are.
struct LinePrefix: Sendable, Equatable {
    private static let longest = 160
    private static let months: [StaticString] = [
        "Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec ",
    ]

    private static let tags: [StaticString] = [
        "pctl-bootstrap: ", "Stdout: ", "Stderr: ", "stdout: ", "stderr: ", "CommandLine: ",
    ]

    private var learned: [UInt8] = []

    /// Where the line's own text begins. Blanks that belong to the text are left to it.
    func end(_ line: LineBytes) -> Int {
        let known = Self.known(line)
        if !learned.isEmpty, let end = matches(line, from: 0) { return max(end, known) }
        return known
    }

    /// - Parameter end: where the text turned out to begin.
    mutating func learn(_ line: LineBytes, end: Int) {
        guard end > 0, end <= Self.longest else { return }
        learned = Array(line.part(0, end).base)
    }

    /// Whether what stands before `place` can be a prefix: it ends as one does, and is more than the number of a line that is quoted.
    static func isPlausible(_ line: LineBytes, before place: Int) -> Bool {
        guard place > 1, place <= longest, line[place - 1] == Ascii.blank else { return false }
        var hasLetter = false
        for index in 0..<place {
            if Ascii.isLetter(line[index]) { hasLetter = true }
            if line[index] == UInt8(ascii: "\"") || line[index] == Ascii.quote { return false }
        }
        guard hasLetter else { return false }
        switch line[place - 2] {
        case Ascii.colon, Ascii.close, UInt8(ascii: "|"), UInt8(ascii: ")"), UInt8(ascii: ">"), UInt8(ascii: "Z"),
            Ascii.dash:
            return true
        default: return false
        }
    }

    /// Every character as it was learned, but a run of digits for a run of digits.
    private func matches(_ line: LineBytes, from: Int) -> Int? {
        var place = from
        var index = 0
        while index < learned.count {
            if Ascii.isDigit(learned[index]) {
                guard Ascii.isDigit(line[place]) else { return nil }
                while index < learned.count, Ascii.isDigit(learned[index]) { index += 1 }
                while Ascii.isDigit(line[place]) { place += 1 }
            } else {
                // A trailing blank may be missing where the line is empty.
                if place == line.count, learned[index] == Ascii.blank { return place }
                guard place < line.count, line[place] == learned[index] else { return nil }
                index += 1
                place += 1
            }
        }
        return place
    }

    /// The end of all known shapes that stand one behind the other.
    private static func known(_ line: LineBytes) -> Int {
        var place = 0
        var isStamped = false
        for _ in 0..<8 {
            guard let next = shape(line, at: place, isStamped: &isStamped), next > place else { break }
            place = next
        }
        return place
    }

    private static func shape(_ line: LineBytes, at place: Int, isStamped: inout Bool) -> Int? {
        let byte = line[place]
        if Ascii.isDigit(byte) {
            if let end = stamp(line, at: place) {
                isStamped = true
                return end
            }
            guard let number = line.number(place) else { return nil }
            // Spack's own `<pid>: `.
            if line[number.end] == Ascii.colon, line[number.end + 1] == Ascii.blank { return number.end + 2 }
            // Seconds since the start: `4.292 `
            if line[number.end] == Ascii.dot, let decimal = line.decimal(place), decimal.end - number.end >= 3,
                line[decimal.end] == Ascii.blank, place == 0
            {
                return decimal.end + 1
            }
            // GitLab: `00O `, `01E+`
            if isStamped, number.end - place == 2,
                line[place + 2] == UInt8(ascii: "O") || line[place + 2] == UInt8(ascii: "E"),
                line[place + 3] == Ascii.blank || line[place + 3] == UInt8(ascii: "+")
            {
                return place + 4
            }
            return name(line, at: place, isStamped: isStamped)
        }
        switch byte {
        case UInt8(ascii: "<"):
            // The priority of a syslog message.
            guard let number = line.number(place + 1), number.end - place <= 4, line[number.end] == UInt8(ascii: ">")
            else {
                return nil
            }
            return number.end + 1
        case UInt8(ascii: "#"):
            // BuildKit: `#12 43.13 `
            guard let step = line.number(place + 1), line[step.end] == Ascii.blank,
                let seconds = line.decimal(step.end + 1), line[seconds.end] == Ascii.blank
            else { return nil }
            return seconds.end + 1
        case Ascii.open: return bracket(line, at: place, isStamped: &isStamped)
        case Ascii.blank: return nil
        default: break
        }
        if Ascii.isUpper(byte), let end = month(line, at: place) {
            isStamped = true
            return end
        }
        return name(line, at: place, isStamped: isStamped)
    }

    /// `2025-11-20T10:00:00.123Z `, `2025-11-20 10:00:00,123 `, `10:00:00.5 `; the closing bracket, when it has one, is left.
    private static func stampEnd(_ line: LineBytes, at place: Int) -> Int? {
        var place = place
        if let year = line.number(place), year.end - place == 4,
            line[year.end] == Ascii.dash || line[year.end] == Ascii.slash,
            let month = line.number(year.end + 1), line[month.end] == line[year.end],
            let day = line.number(month.end + 1),
            line[day.end] == UInt8(ascii: "T") || line[day.end] == Ascii.blank || line[day.end] == Ascii.dash
        {
            place = day.end + 1
        }
        guard let hour = line.number(place), hour.end - place <= 2, line[hour.end] == Ascii.colon,
            let minute = line.number(hour.end + 1), minute.end - hour.end == 3
        else { return nil }
        place = minute.end
        if line[place] == Ascii.colon, let second = line.number(place + 1), second.end - place == 3 {
            place = second.end
        }
        if line[place] == Ascii.dot || line[place] == Ascii.comma, Ascii.isDigit(line[place + 1]) {
            place += 1
            while Ascii.isDigit(line[place]) { place += 1 }
        }
        if line[place] == UInt8(ascii: "Z") { return place + 1 }
        if line.has(" UTC", at: place) { return place + 4 }
        if line[place] == UInt8(ascii: "+") || line[place] == Ascii.dash, Ascii.isDigit(line[place + 1]) {
            place += 1
            while Ascii.isDigit(line[place]) || line[place] == Ascii.colon && Ascii.isDigit(line[place + 1]) {
                place += 1
            }
        }
        return place
    }

    private static func stamp(_ line: LineBytes, at place: Int) -> Int? {
        guard var end = stampEnd(line, at: place) else { return nil }
        if line[end] == Ascii.colon, line[end + 1] == Ascii.blank { end += 1 }
        guard line[end] == Ascii.blank || end == line.count else { return nil }
        return min(end + 1, line.count)
    }

    /// `Nov 20 10:00:00 `, `Nov  3 10:00:00 `, `Thu Nov 20 10:00:00 2025 `
    private static func month(_ line: LineBytes, at start: Int) -> Int? {
        guard line[start + 3] == Ascii.blank else { return nil }
        var place = start
        if !months.contains(where: { line.has($0, at: place) }) { place += 4 }
        guard months.contains(where: { line.has($0, at: place) }),
            let day = line.number(line.afterBlanks(place + 4)), line[day.end] == Ascii.blank,
            var end = stamp(line, at: day.end + 1)
        else { return nil }
        if place > start, let year = line.number(end), year.end - end == 4, line[year.end] == Ascii.blank {
            end = year.end + 1
        }
        return end
    }

    /// `[   12.345678] `, `[2025-11-20 10:00:00] `, `[10:00:00] `, `[pod/builder/main] `, `[node1] `; what Spack and build tools write in
    /// brackets is none of these.
    private static func bracket(_ line: LineBytes, at place: Int, isStamped: inout Bool) -> Int? {
        let inner = line.afterBlanks(place + 1)
        if Ascii.isDigit(line[inner]) {
            var end = stampEnd(line, at: inner)
            if end == nil, let seconds = line.decimal(inner), line.number(inner)?.end != seconds.end {
                end = seconds.end
            }
            guard let end, line[end] == Ascii.close, line[end + 1] == Ascii.blank else { return nil }
            isStamped = true
            return end + 2
        }
        guard Ascii.isLetter(line[inner]), inner == place + 1 else { return nil }
        var end = inner
        while Ascii.isName(line[end]) || line[end] == Ascii.slash || line[end] == Ascii.colon { end += 1 }
        guard end - inner >= 3, line[end] == Ascii.close, line[end + 1] == Ascii.blank else { return nil }
        return end + 2
    }

    /// `cloud-init[1234]: `, `pctl-bootstrap: `, `ip-10-0-0-1 pctl-bootstrap: `, `stdout F `, `Stdout: `, `build-1  | `
    private static func name(_ line: LineBytes, at place: Int, isStamped: Bool) -> Int? {
        if line.has("PCTL_SPACK_OUTPUT:", at: place) {
            return place + 18 + (line[place + 18] == Ascii.blank ? 1 : 0)
        }
        for tag in tags where line.has(tag, at: place) { return place + tag.utf8CodeUnitCount }
        guard Ascii.isName(line[place]) else { return nil }
        var end = place
        var hasLetter = false
        while Ascii.isName(line[end]), end - place < 80 {
            if Ascii.isLetter(line[end]) { hasLetter = true }
            end += 1
        }
        guard hasLetter else { return nil }
        if let tag = processTag(line, at: end) { return tag }
        // Docker Compose. A compiler quotes source behind a number and a bar.
        let bar = line.afterBlanks(end)
        if bar > end, line[bar] == UInt8(ascii: "|"), line[bar + 1] == Ascii.blank { return bar + 2 }
        guard isStamped, line[end] == Ascii.blank else { return nil }
        // containerd: `stdout F `
        if line.has("stdout ", at: place) || line.has("stderr ", at: place),
            line[end + 2] == Ascii.blank, line[end + 1] == UInt8(ascii: "F") || line[end + 1] == UInt8(ascii: "P")
        {
            return end + 3
        }
        // A host, then a tag: `ip-10-0-0-1 pctl-bootstrap: `
        var tag = end + 1
        while Ascii.isName(line[tag]) || line[tag] == Ascii.slash, tag - end < 60 { tag += 1 }
        guard tag > end + 1 else { return nil }
        if let end = processTag(line, at: tag) { return end }
        return line[tag] == Ascii.colon && line[tag + 1] == Ascii.blank && !line.has("make", at: end + 1)
            ? tag + 2 : nil
    }

    /// `[1234]: `
    private static func processTag(_ line: LineBytes, at place: Int) -> Int? {
        guard line[place] == Ascii.open, let number = line.number(place + 1), line[number.end] == Ascii.close,
            line[number.end + 1] == Ascii.colon
        else { return nil }
        // `make[2]: *** …` is make's own voice.
        if line.has("make", at: place - 4) { return nil }
        return number.end + 2 + (line[number.end + 2] == Ascii.blank ? 1 : 0)
    }
}
