/// Reads lines: one grammar for both installers, pctl's markers and what compilers and build tools print in between.
///
/// It knows nothing of the lines before, except what stands in front of every one of them.
public struct SpackGrammar: Sendable, Equatable {
    private var prefix = LinePrefix()

    public init() {}

    /// The meaning of one line by itself, for texts that are at hand.
    public static func line(_ text: String) -> SpackLine {
        var grammar = SpackGrammar()
        return grammar.line(text)
    }

    public mutating func line(_ text: String) -> SpackLine {
        var text = text
        return text.withUTF8 { read(LineBytes(base: $0)).meaning }
    }

    /// - Returns: what the line means, and where its own text begins.
    mutating func read(_ line: LineBytes) -> (meaning: SpackLine, start: Int) {
        let start = prefix.end(line)
        let rest = start == 0 ? line : line.part(start)
        let meaning = Self.meaning(rest)
        switch meaning {
        case .output, .sign, .compiling: break
        default: return (meaning, start)
        }
        guard let arrow = rest.find("==> "), arrow > 0, arrow < 400 else { return (meaning, start) }
        let message = SpackMessage.read(rest.part(arrow))
        let place = start + arrow
        // A download that was drawn without a line end stands in front of what came after it.
        if rest[arrow - 1] != Ascii.blank {
            guard rest[rest.afterBlanks()] == Ascii.open || rest.part(0, arrow).contains("%"), Self.isSpacks(message)
            else {
                return (meaning, start)
            }
            return (message, place)
        }
        guard Self.isSpacks(message),
            LinePrefix.isPlausible(line, before: place) || Self.isNamed(message) && Self.isCalm(line, place)
        else { return (meaning, start) }
        prefix.learn(line, end: place)
        return (message, place)
    }

    /// Whether nothing but Spack would write it.
    private static func isSpacks(_ message: SpackLine) -> Bool {
        switch message {
        case .message, .output, .following, .waiting: false
        default: true
        }
    }

    /// Whether it carries a hash, which no other program's output does.
    private static func isNamed(_ message: SpackLine) -> Bool {
        switch message {
        case .installing(let id, _, _), .fromSource(let id), .fromBinary(let id), .installed(let id): !id.hash.isEmpty
        default: false
        }
    }

    /// Neither quoted nor the number of a quoted line: words and blanks.
    private static func isCalm(_ line: LineBytes, _ place: Int) -> Bool {
        var hasLetter = false
        for index in 0..<place {
            if Ascii.isLetter(line[index]) { hasLetter = true }
            if line[index] == UInt8(ascii: "\"") || line[index] == Ascii.quote { return false }
        }
        return hasLetter
    }

    static func meaning(_ line: LineBytes) -> SpackLine {
        let start = line.afterBlanks()
        let text = start == 0 ? line : line.part(start)
        if start == 0, text[7] == Ascii.blank, let read = SpackBrackets.bare(text) { return read }
        switch text[0] {
        case 0: return .output
        case UInt8(ascii: "="): if text.has("==> ") { return SpackMessage.read(text) }
        case Ascii.open: if let read = SpackBrackets.read(text) { return read }
        case UInt8(ascii: "P"):
            if text.has("PCTL_"), let marker = PctlMarkers.line(text) { return .pctl(marker) }
            if text.has("Progress: "), let ratio = text.ratio(10) {
                return .header(done: ratio.done, total: ratio.total)
            }
        case UInt8(ascii: "S"):
            if text.has("SLIPWAY_"), let marker = DriverMarker.read(text) { return .driver(marker) }
        case UInt8(ascii: "U"): if text.has("USED:"), let disk = BuildDisk.read(text) { return .pctl(.disk(disk)) }
        case UInt8(ascii: "E"): if let marker = PctlMarkers.failure(text) { return .pctl(marker) }
        case Ascii.dash:
            if start > 0, text.has("-  "), let read = SpackBrackets.planned(text, isPresent: false) { return read }
            if start == 0, text.has("-- lines "), let read = block(text) { return read }
        case UInt8(ascii: ">"), 0x30...0x39: if let read = numbered(line, start) { return read }
        case UInt8(ascii: "#"): if let percent = curl(text) { return .fetched(percent) }
        case Ascii.slash: if let read = logPath(text) { return read }
        case UInt8(ascii: "W"): if text.has("Waiting for "), text.count < 200 { return .waiting(text.text(limit: 120)) }
        default: break
        }
        if Ascii.isUpper(text[0]) {
            if text.has("See "), text.contains(" log") { return logHint(text) }
            if text.has("Full build log:") || text.has("Full test log:") { return .replay }
            if let timings = SpackTimings.line(text) { return .timing(timings) }
        } else if text.count < 1000, text.ends(".log") || text.ends("spack-build-out.txt"), let read = listed(text) {
            return read
        }
        return noise(text)
    }

    private static func noise(_ text: LineBytes) -> SpackLine {
        if text.has("spack."), let trouble = SpackErrors.raised(text) { return .sign(trouble) }
        if let sign = BuildTrouble.output(text) { return .sign(sign) }
        if let file = CompileLine.source(text) { return .compiling(file.text(limit: 200)) }
        return .output
    }

    /// Lines that begin with a number: a digest's header, quoted lines of a build log, pctl's tag.
    private static func numbered(_ line: LineBytes, _ start: Int) -> SpackLine? {
        if line[start] == UInt8(ascii: ">") {
            guard line.has(">> ", at: start) else { return nil }
            return quoted(line, at: line.afterBlanks(start + 3), isError: true)
        }
        guard let number = line.number(start) else { return nil }
        if line.has(" error", at: number.end) || line.has(" warning", at: number.end), line.ends(" log:") {
            // The new installer names the package: `2 errors found in zlib@1.3.1 build log:`
            guard let found = line.find(" found in ") else { return .digest(nil) }
            let word = line.part(found + 10)
            return .digest(word.contains("@") ? PackageID.spec(word) : nil)
        }
        if start == 0, let marker = PctlMarkers.tag(line) { return .pctl(marker) }
        return start >= 2 ? quoted(line, at: start, isError: false) : nil
    }

    private static func quoted(_ line: LineBytes, at place: Int, isError: Bool) -> SpackLine? {
        guard let number = line.number(place) else { return nil }
        guard number.end < line.count else {
            return .quoted(line: number.value, text: "", column: line.count, isError: isError)
        }
        let column = line.afterBlanks(number.end)
        // Spack pads the number with several blanks; compilers quote source as `  12 | int x;`.
        guard column - number.end >= 2 else { return nil }
        return .quoted(line: number.value, text: line.part(column).text(), column: column, isError: isError)
    }

    /// `-- lines 12 to 20 --`
    private static func block(_ text: LineBytes) -> SpackLine? {
        guard let from = text.number(9), text.has(" to ", at: from.end), let to = text.number(from.end + 4),
            text.has(" --", at: to.end), text.count == to.end + 3, from.value > 0, from.value <= to.value
        else { return nil }
        return .block(from: from.value, to: to.value)
    }

    /// `#######    42.1%`
    private static func curl(_ text: LineBytes) -> Int? {
        guard text[text.count - 1] == Ascii.percent else { return nil }
        var place = 0
        while text[place] == UInt8(ascii: "#") { place += 1 }
        guard let number = text.decimal(text.afterBlanks(place)), number.end == text.count - 1, number.value <= 100
        else { return nil }
        return Int(number.value)
    }

    /// `See build log for details:`, with or without the path on the same line.
    private static func logHint(_ text: LineBytes) -> SpackLine {
        guard let log = text.find(" log") else { return .output }
        guard let slash = text.find("/", from: log) else {
            return text.contains("details") || text.contains("for ") ? .logHint(nil) : .output
        }
        return .logHint(text.part(slash).trimmed.text(limit: 500))
    }

    private static func logPath(_ text: LineBytes) -> SpackLine? {
        let path = text.trimmed
        guard path.ends("spack-build-out.txt") || path.ends(".log"), !path.contains(" ") else { return nil }
        return .logPath(path.text(limit: 500), PackageID.stage(path))
    }

    /// `zlib@1.3.1%gcc@11 …/6ivzngn: /tmp/spack-stage/….log`
    private static func listed(_ text: LineBytes) -> SpackLine? {
        guard let colon = text.find(": /"), let id = PackageID.spec(text), text.part(0, colon).contains("@") else {
            return nil
        }
        let path = text.part(colon + 2).trimmed
        return path.contains(" ") ? nil : .logPath(path.text(limit: 500), PackageID.stage(path) ?? id)
    }
}
