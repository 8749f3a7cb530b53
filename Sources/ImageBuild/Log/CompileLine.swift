/// What build tools say of the file they are at.
enum CompileLine {
    /// The source file of a compiler's command line, `gcc … -c tree.c -o tree.o`, or of an abbreviated one, `  CC       tree.o`.
    static func source(_ line: LineBytes) -> LineBytes? {
        guard line.count >= 8 else { return nil }
        var place = 0
        var hasFlag = false
        var file: LineBytes?
        while place < line.count {
            place = line.afterBlanks(place)
            let end = line.wordEnd(place)
            if end - place == 2, line[place] == Ascii.dash, line[place + 1] == UInt8(ascii: "c") {
                hasFlag = true
            } else if isSource(line, place, end) {
                file = line.part(place, end)
            }
            place = end
        }
        if hasFlag, let file { return file }
        return short(line)
    }

    private static func isSource(_ line: LineBytes, _ start: Int, _ end: Int) -> Bool {
        guard end - start > 2, line[start] != Ascii.dash else { return false }
        var dot = end - 1
        while dot > start, end - dot < 5, line[dot] != Ascii.dot { dot -= 1 }
        guard dot > start, line[dot] == Ascii.dot else { return false }
        let part = line.part(dot + 1, end)
        switch part.count {
        case 1:
            return part[0] == UInt8(ascii: "c") || part[0] == UInt8(ascii: "C") || part[0] == UInt8(ascii: "f")
                || part[0] == UInt8(ascii: "F") || part[0] == UInt8(ascii: "S") || part[0] == UInt8(ascii: "s")
        case 2: return part.has("cc") || part.has("cu")
        case 3:
            return part.has("cpp") || part.has("cxx") || part.has("f90") || part.has("F90") || part.has("c++")
                || part.has("for") || part.has("f95") || part.has("f03") || part.has("f08")
        default: return false
        }
    }

    private static func short(_ line: LineBytes) -> LineBytes? {
        let start = line.afterBlanks()
        guard
            line.has("CC ", at: start) || line.has("CXX ", at: start) || line.has("FC ", at: start)
                || line.has("F77 ", at: start)
                || line.has("CCLD ", at: start) || line.has("CXXLD ", at: start) || line.has("PPFC ", at: start)
                || line.has("NVCC ", at: start) || line.has("HOSTCC ", at: start) || line.has("OBJC ", at: start)
        else { return crate(line, start) }
        let from = line.afterBlanks(line.wordEnd(start))
        let end = line.wordEnd(from)
        guard end > from, line.afterBlanks(end) == line.count else { return nil }
        return line.part(from, end)
    }

    /// cargo: `   Compiling serde_json v1.0.117 (/tmp/x)`
    private static func crate(_ line: LineBytes, _ start: Int) -> LineBytes? {
        guard line.has("Compiling ", at: start) else { return nil }
        let from = start + 10
        let end = line.wordEnd(from)
        guard end > from, line[end + 1] == UInt8(ascii: "v"), Ascii.isDigit(line[end + 2]) else { return nil }
        return line.part(from, line.wordEnd(end + 1))
    }

    /// What follows the counter: `Building CXX object lib/x.cpp.o` names a file, `g++ … -c x.cpp` too.
    static func target(_ line: LineBytes) -> String? {
        let text = line.trimmed
        guard text.count > 0 else { return nil }
        if let file = source(text) { return file.text(limit: 200) }
        var start = 0
        for word in ["Building ", "Linking ", "Compiling ", "Generating ", "Scanning ", "Creating "] as [StaticString]
        where text.has(word) { start = word.utf8CodeUnitCount }
        if start > 0 {
            if let object = text.find(" object ", from: start - 1) { start = object + 8 }
            for word in [" library ", " executable ", " target "] as [StaticString] {
                if let found = text.find(word, from: start - 1) { start = found + word.utf8CodeUnitCount }
            }
        }
        return text.part(start).text(limit: 200)
    }
}
