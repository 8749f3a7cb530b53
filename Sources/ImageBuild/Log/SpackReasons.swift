/// The solver's explanations, one line each, behind `failed to concretize …`: which package they are about, and of what kind they are.
/// Source: `ErrorFormatter` and `error_messages.lp` of Spack 0.21 to 1.2, and the messages of `conflicts` and `requires` in its recipes.
enum SpackReasons {
    /// `1. paraview: '+egl' conflicts with '^mesa'`, `Cannot satisfy 'cmake@3.0.1'`, `No valid value for variant 'x' of package 'zlib'`
    ///
    /// - Returns: the package's name without its version; nil where the line names none.
    static func package(_ line: LineBytes) -> PackageID? {
        let text = unnumbered(line)
        // Where it came from is told on further lines, of other packages.
        if text.has("required because ") { return nil }
        for phrase in ["ackage '", "ackage \"", "atisfy '", "external for '"] as [StaticString] {
            if let found = text.find(phrase) { return name(text.part(found + phrase.utf8CodeUnitCount)) }
        }
        for phrase in quoting where text.contains(phrase.ending) {
            if let found = text.find(phrase.start) { return name(text.part(found + phrase.start.utf8CodeUnitCount)) }
        }
        for phrase in naming {
            if let found = text.find(phrase) { return name(text.part(found + phrase.utf8CodeUnitCount)) }
        }
        return text[0] == Ascii.quote ? name(text.part(1)) : leading(text)
    }

    /// What is wrong, where that is something else than that packages do not agree.
    static func trouble(_ line: LineBytes) -> BuildTrouble? {
        for phrase in noCompiler where line.contains(phrase) { return .noCompiler }
        guard let found = line.find("rovider for virtual ") else { return nil }
        var name = line.part(found + 20).trimmed
        if name[0] == Ascii.quote { name = name.part(1, name.find("'", from: 1)) }
        return name.equals("c") || name.equals("cxx") || name.equals("fortran") ? .noCompiler : nil
    }

    private static let noCompiler: [StaticString] = [
        "No valid compiler", "No compiler", "compilers are allowed for the",
    ]

    /// A name in quotes behind the first, in a line that has the second.
    private static let quoting: [(start: StaticString, ending: StaticString)] = [
        ("for '", "' variant '"), ("for the '", "' package"), ("virtual '", "'"),
    ]

    /// A name behind one of these.
    private static let naming: [StaticString] = [
        "annot build ", "to build package ", "external for ", "for virtual ", "versions for package ", "targets for ",
        "annot reuse ", "multiple nodes for ",
    ]

    private static func unnumbered(_ line: LineBytes) -> LineBytes {
        let text = line.trimmed
        guard let number = text.number(0), text.has(". ", at: number.end) else { return text }
        return text.part(number.end + 2).trimmed
    }

    /// `paraview: …`, `zlib compiler 'gcc@4' incompatible with …`, `gettext is not a direct …`
    private static func leading(_ text: LineBytes) -> PackageID? {
        var end = 0
        while Ascii.isName(text[end]) { end += 1 }
        guard end > 0, text.has(": ", at: end) || follows.contains(where: { text.has($0, at: end) }) else { return nil }
        return name(text)
    }

    private static let follows: [StaticString] = [
        " compiler '", " variant '", " is not ", " cannot ", " does not ", " and ",
    ]

    /// Names of packages have no capitals; classes of errors do.
    private static func name(_ text: LineBytes) -> PackageID? {
        // A sentence may end behind a name.
        var end = text.wordEnd(0)
        while end > 0, text[end - 1] == Ascii.dot || text[end - 1] == Ascii.comma { end -= 1 }
        let word = text.part(0, end)
        guard Ascii.isLower(word[0]) || Ascii.isDigit(word[0]) || word[0] == UInt8(ascii: "_"),
            let id = PackageID.spec(word), !id.name.utf8.contains(where: Ascii.isUpper),
            // `cuda_arch=70` is none.
            word[id.name.utf8.count] != UInt8(ascii: "=")
        else { return nil }
        return PackageID(name: id.name)
    }
}
