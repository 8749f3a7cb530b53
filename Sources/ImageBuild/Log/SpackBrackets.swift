/// Lines that begin with a bracket: `[+] PREFIX`, the new installer's states, lists of what will be installed, counters of build tools.
enum SpackBrackets {
    static func read(_ line: LineBytes) -> SpackLine? {
        if line[2] == Ascii.close, line[3] == Ascii.blank, let read = marked(line) { return read }
        let inner = line.afterBlanks(1)
        guard let number = line.number(inner) else { return nil }
        if line[number.end] == Ascii.percent, line[number.end + 1] == Ascii.close {
            return percent(line, number.value, from: number.end + 2)
        }
        guard let ratio = line.ratio(inner), line[ratio.end] == Ascii.close, line[ratio.end + 1] == Ascii.blank else {
            return nil
        }
        return .compiled(done: ratio.done, total: ratio.total, file: CompileLine.target(line.part(ratio.end + 2)))
    }

    private static func percent(_ line: LineBytes, _ value: Int, from: Int) -> SpackLine? {
        guard value <= 100 else { return nil }
        let start = line.afterBlanks(from)
        // `[100%]   12.3 MB @   34.5 MB/s`; what was printed over it without a line end counts more.
        if Ascii.isDigit(line[start]) || start == line.count {
            if let arrow = line.find("==> ", from: start) { return SpackMessage.read(line.part(arrow)) }
            return .fetched(value)
        }
        return .compiledPercent(value, file: CompileLine.target(line.part(start)))
    }

    private static func marked(_ line: LineBytes) -> SpackLine? {
        let mark: SpackStatus.Mark
        switch line[1] {
        case UInt8(ascii: "+"): mark = .finished
        case UInt8(ascii: "x"): mark = .failed
        case UInt8(ascii: "e"): mark = .external
        case Ascii.blank, UInt8(ascii: "/"), Ascii.dash, UInt8(ascii: "\\"), UInt8(ascii: "|"): mark = .running
        case UInt8(ascii: "^"): return planned(line.part(3), isPresent: true)
        default: return nil
        }
        if line.has("Waiting for ", at: 4) { return .waiting(line.part(4).text(limit: 120)) }
        // Two blanks: a list of what will be installed, which looks much the same.
        if line[4] == Ascii.blank {
            // `[-]`: it was there once, and is missing.
            if line[1] == Ascii.dash { return planned(line.part(3), isPresent: false) }
            return mark == .finished || mark == .external ? planned(line.part(3), isPresent: true) : nil
        }
        if mark == .finished, line[4] == Ascii.slash || line[5] == Ascii.colon && line[6] == UInt8(ascii: "\\") {
            return present(line.part(4).trimmed)
        }
        return status(line, mark)
    }

    /// `PREFIX`, or `PREFIX (external NAME-VERSION-<hash>)`
    private static func present(_ text: LineBytes) -> SpackLine {
        if let open = text.find(" (external ") {
            let word = text.part(open + 11, text.count - 1)
            return .present(PackageID.classic(word), prefix: text.part(0, open).text(limit: 500), isExternal: true)
        }
        return .present(PackageID.prefix(text), prefix: text.text(limit: 500), isExternal: false)
    }

    /// `6ivzngn zlib@1.3.1 configure (11s)`
    private static func status(_ line: LineBytes, _ mark: SpackStatus.Mark) -> SpackLine? {
        var hashEnd = 4
        while Ascii.isHash(line[hashEnd]) { hashEnd += 1 }
        guard hashEnd - 4 >= 7, hashEnd - 4 <= 32, line[hashEnd] == Ascii.blank else { return nil }
        let nameEnd = line.wordEnd(hashEnd + 1)
        guard var id = PackageID.spec(line.part(hashEnd + 1, nameEnd)), !id.version.isEmpty else { return nil }
        id.hash = line.part(4, hashEnd).text()
        var rest = line.part(nameEnd).trimmed
        var status = SpackStatus(mark: mark)
        if rest[rest.count - 1] == UInt8(ascii: ")"),
            let open = (0..<rest.count).last(where: { rest[$0] == UInt8(ascii: "(") }),
            let read = SpackTimings.duration(rest, at: open + 1), read.end == rest.count - 1
        {
            status.seconds = read.seconds
            rest = rest.part(0, open).trimmed
        }
        if mark == .failed, rest.has("failed: /") {
            status.log = rest.part(8).text(limit: 500)
            status.word = "failed"
        } else if rest[0] == Ascii.slash {
            status.prefix = rest.text(limit: 500)
            if let whole = PackageID.prefix(rest), whole.hash.count > id.hash.count, whole.hash.hasPrefix(id.hash) {
                id.hash = whole.hash
            }
        } else {
            if rest[rest.count - 1] == Ascii.percent {
                var start = rest.count - 1
                while start > 0, Ascii.isDigit(rest[start - 1]) { start -= 1 }
                status.percent = rest.number(start).map { min(100, $0.value) }
                if let colon = rest.find(":") { rest = rest.part(0, colon) }
            }
            status.word = rest.text(limit: 60)
        }
        return .status(id, status)
    }

    /// `6ivzngn zlib@1.3.1: starting`, as the new installer of 1.1 writes it. Many a word has seven letters: unless a digit is among them,
    /// only states are believed that are known.
    static func bare(_ line: LineBytes) -> SpackLine? {
        var hasDigit = false
        for place in 0..<7 {
            let byte = line[place]
            if byte >= UInt8(ascii: "2"), byte <= UInt8(ascii: "7") {
                hasDigit = true
            } else if !Ascii.isLower(byte) {
                return nil
            }
        }
        let end = line.wordEnd(8)
        guard end > 10, line[end - 1] == Ascii.colon, end + 1 < line.count,
            var id = PackageID.spec(line.part(8, end - 1)), !id.version.isEmpty
        else { return nil }
        let word = line.part(end).trimmed
        guard word.count < 40, hasDigit && word.find(" ") == nil || states.contains(where: word.equals) else {
            return nil
        }
        id.hash = line.part(0, 7).text()
        let mark: SpackStatus.Mark = word.equals("finished") ? .finished : word.equals("failed") ? .failed : .running
        return .status(id, SpackStatus(mark: mark, word: mark == .finished ? "" : word.text()))
    }

    private static let states: [StaticString] = [
        "starting", "staging", "fetching from build cache", "relocating", "finished", "failed", "autoreconf",
        "configure", "cmake", "meson", "edit", "build", "install",
    ]

    /// `  abcdefg  gcc@11.3.0%gcc@9…`, `      ^zlib@1.2.13…`: an entry of a list that `spack spec` or `spack concretize` prints.
    static func planned(_ text: LineBytes, isPresent: Bool) -> SpackLine? {
        var place = text.afterBlanks(text[0] == Ascii.dash ? 1 : 0)
        var hash = ""
        var end = place
        while Ascii.isHash(text[end]) { end += 1 }
        if end - place >= 7, end - place <= 32, text[end] == Ascii.blank {
            hash = text.part(place, end).text()
            place = text.afterBlanks(end)
        }
        let isRoot = text[place] != UInt8(ascii: "^")
        if !isRoot { place += 1 }
        // `^[virtuals=mpi] openmpi@4`
        if text[place] == Ascii.open, let close = text.find("] ", from: place) { place = close + 2 }
        guard var id = PackageID.spec(text.part(place)), !id.version.isEmpty else { return nil }
        id.hash = hash
        return .planned(id, isRoot: isRoot, isPresent: isPresent)
    }
}
