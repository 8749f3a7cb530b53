/// Reads a package spec from left to right, by Spack's grammar.
struct SpecScanner {
    struct Node {
        var name = ""
        var version: String?
        var variants: [String] = []
        var compiler: String?
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) {
        // One more than allowed is enough to know that it is too long.
        scalars = Array(text.unicodeScalars.prefix(PackageSpec.most + 1))
    }

    /// The text without blanks at its ends and with single ones inside, except in quotes.
    var squeezed: String {
        var kept: [Unicode.Scalar] = []
        var quote: Unicode.Scalar?
        for scalar in scalars {
            if scalar == quote {
                quote = nil
            } else if quote == nil, scalar == "\"" || scalar == "'" {
                quote = scalar
            }
            if scalar == " ", quote == nil, kept.isEmpty || kept.last == " " { continue }
            kept.append(scalar)
        }
        while kept.last == " " { kept.removeLast() }
        return TemplateSource.string(kept[...])
    }

    mutating func spec() throws(PackageSpecProblem) -> (root: Node, dependencies: [String]) {
        try refuseForbidden()
        skipBlanks()
        guard let first = peek else { throw problem("is empty", "write a package such as gcc@11.2.0") }
        if first == "-" { throw problem("begins with `-`, which Spack would read as an option", "remove the `-`") }
        if first == "@" || first == "+" || first == "~" || first == "%" || first == "^" {
            throw problem("has no package name before \(SpecCharacter.shown(first))", "write gcc@11.2.0")
        }
        let root = try node()
        var dependencies: [String] = []
        while peek == "^" {
            position += 1
            try attributes()
            skipBlanks()
            let start = position
            _ = try node()
            dependencies.append(slice(start).trimmed)
        }
        return (root, dependencies)
    }

    // MARK: parts

    /// A package with all that belongs to it, up to the next `^` or the end.
    private mutating func node() throws(PackageSpecProblem) -> Node {
        var node = Node()
        node.name = try name()
        while let next = peek {
            let start = position
            switch next {
            case " ": skipBlanks()
            case "^": return node
            case "@":
                guard node.version == nil else {
                    throw problem("has a second version here", "give each package an entry of its own")
                }
                node.version = try version()
            case "+", "~":
                position += peek(1) == next ? 2 : 1
                try word("the name of a variant", "write +mpi or ~mpi")
                node.variants.append(slice(start))
            case "%":
                position += peek(1) == next ? 2 : 1
                let compiler = try compiler()
                node.compiler = node.compiler ?? compiler
            case "-":
                throw problem("has a `-` here, which may be read as an option", "write ~ to turn a variant off")
            case "/":
                throw problem(
                    "names an installed package by its hash here, and a new image has none installed",
                    "name the version: \(node.name)@1.2.3")
            default: node.variants.append(try keyAndValue(of: node.name))
            }
        }
        return node
    }

    private mutating func name() throws(PackageSpecProblem) -> String {
        let start = position
        guard let first = peek else { throw problem("ends where a package name is expected", "write ^openmpi@4.1.4") }
        guard SpecCharacter.isLetterOrDigit(first) || first == "_" else { throw wrong("a package name") }
        while let next = peek, SpecCharacter.isLetterOrDigit(next) || next == "-" || next == "_" || next == "." {
            position += 1
        }
        let name = slice(start)
        if let capital = scalars[start..<position].firstIndex(where: { ("A"..."Z").contains($0) }) {
            throw problem(
                "has a capital \(SpecCharacter.shown(scalars[capital])); Spack's package names are lower-case",
                "write \(name.lowercased())", at: capital)
        }
        for ending in [".yaml", ".yml", ".json"] where name.hasSuffix(ending) {
            throw problem("ends in \(ending), which Spack would read as a file", "write the package itself", at: start)
        }
        if name.hasSuffix(".") || name.contains("..") {
            let dot = scalars[start..<position].lastIndex(of: ".") ?? start
            throw problem("has a `.` with no name behind it", "remove the `.`", at: dot)
        }
        return name
    }

    /// `11.2.0`, `=1.2`, `1.2:1.4`, `:3`, `1.2,1.4:`, `develop`, `git.v2.0=2.0`.
    private mutating func version() throws(PackageSpecProblem) -> String {
        position += 1
        let start = position
        let isGit = slice(start, until: start + 4) == "git."
        while let next = peek, Self.isVersionLetter(next) || (isGit && next == "/") { position += 1 }
        guard position > start else {
            throw problem("has no version behind the `@`", "write gcc@11.2.0, or gcc alone")
        }
        var piece = start
        for end in start...position where end == position || scalars[end] == "," {
            try checkVersion(piece..<end, isGit: isGit)
            piece = end + 1
        }
        return slice(start)
    }

    private func checkVersion(_ range: Range<Int>, isGit: Bool) throws(PackageSpecProblem) {
        let isExact = !range.isEmpty && scalars[range.lowerBound] == "="
        let body = isExact ? range.lowerBound + 1..<range.upperBound : range
        guard !body.isEmpty else {
            throw problem("has an empty version here", "write a number such as 11.2.0", at: range.upperBound)
        }
        var colons = 0
        for index in body {
            let before: Unicode.Scalar = index > body.lowerBound ? scalars[index - 1] : ":"
            let after: Unicode.Scalar = index + 1 < body.upperBound ? scalars[index + 1] : ":"
            switch scalars[index] {
            case ":":
                colons += 1
                guard colons == 1, !isExact else {
                    throw problem("has a second range here", "write 1.2:1.4", at: index)
                }
            case "=":
                guard isGit, after != ":" else {
                    throw problem("has a `=` inside its version", "write @=1.2 for exactly 1.2", at: index)
                }
            case ".", "-":
                guard before != ":", after != ":" else {
                    let shown = SpecCharacter.shown(scalars[index])
                    throw problem("has a \(shown) at the edge of its version", "remove the \(shown)", at: index)
                }
            default: break
            }
        }
    }

    /// `gcc@11.2.0`; with a newer Spack `c,cxx=gcc@12` and `[virtuals=c] gcc` too.
    private mutating func compiler() throws(PackageSpecProblem) -> String {
        try attributes()
        skipBlanks()
        let start = position
        let languages = scalars[start...].prefix { $0 != " " && $0 != "@" && $0 != "%" && $0 != "^" }
        if let equals = languages.firstIndex(of: "=") {
            for end in start...equals where scalars[end] == "," || scalars[end] == "=" {
                try word("the name of a language", "write %c,cxx=gcc@12")
                guard position == end else { throw wrong("`,` or `=`") }
                position += 1
            }
        }
        guard peek != nil else { throw problem("has no compiler behind the `%`", "write %gcc@11.2.0") }
        _ = try name()
        if peek == "@" { _ = try version() }
        return slice(start)
    }

    /// `[virtuals=blas,lapack]` behind a `^` or `%`.
    private mutating func attributes() throws(PackageSpecProblem) {
        guard peek == "[" else { return }
        let start = position
        position += 1
        while let next = peek, next != "]" {
            if next == " " { skipBlanks() } else { _ = try keyAndValue(of: nil) }
        }
        guard peek == "]" else { throw problem("has a `[` that is never closed", "add the `]`", at: start) }
        position += 1
    }

    private mutating func keyAndValue(of package: String?) throws(PackageSpecProblem) -> String {
        let start = position
        guard let first = peek, SpecCharacter.isLetterOrDigit(first) || first == "_" else {
            throw wrong("a variant, a version or a compiler")
        }
        while let next = peek, SpecCharacter.isLetterOrDigit(next) || next == "-" || next == "_" { position += 1 }
        let key = slice(start)
        if peek == ":", peek(1) == "=" { position += 1 }
        guard peek == "=" else {
            guard package != nil else {
                throw problem("has `\(key)` inside its brackets", "close the brackets before it", at: start)
            }
            guard start > 0, scalars[start - 1] == " " else {
                throw wrong("a variant, a version or a compiler")
            }
            throw problem("has a second package here, `\(key)`", "give each package an entry of its own", at: start)
        }
        position += peek(1) == "=" ? 2 : 1
        let value = position
        if let quote = peek, quote == "\"" || quote == "'" {
            position += 1
            while let next = peek, next != quote { position += 1 }
            guard peek == quote else {
                throw problem("has a quotation mark that is never closed", "add the second one", at: value)
            }
            position += 1
            return slice(start)
        }
        while let next = peek, Self.isValueLetter(next) { position += 1 }
        guard position > value else { throw problem("has nothing behind \(key)=", "write \(key)=VALUE") }
        return slice(start)
    }

    private mutating func word(_ what: String, _ fix: String) throws(PackageSpecProblem) {
        guard let first = peek else { throw problem("ends where \(what) is expected", fix) }
        guard SpecCharacter.isLetterOrDigit(first) || first == "_" else { throw wrong(what) }
        while let next = peek, SpecCharacter.isLetterOrDigit(next) || next == "-" || next == "_" { position += 1 }
    }

    // MARK: characters

    /// What no spec contains, not even in quotes: a shell would act on it.
    private func refuseForbidden() throws(PackageSpecProblem) {
        guard scalars.count <= PackageSpec.most else {
            throw problem("is longer than \(PackageSpec.most) characters", "shorten it", at: PackageSpec.most)
        }
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case ";", "|", "&", "$", "`", "<", ">", "(", ")", "{", "}", "\\", "!", "*", "?", "#":
                throw problem("has \(SpecCharacter.shown(scalar)), which a shell would act on", "remove it", at: index)
            case " "..."~": continue
            case "\u{2012}"..."\u{2015}", "\u{2212}":
                throw problem("has \(SpecCharacter.shown(scalar)), a long dash", "type - instead", at: index)
            case "\u{2018}"..."\u{201F}":
                throw problem("has \(SpecCharacter.shown(scalar)), a curly quote", "type \" instead", at: index)
            default: throw problem("has \(SpecCharacter.shown(scalar)), which no spec has", "remove it", at: index)
            }
        }
    }

    private static func isVersionLetter(_ scalar: Unicode.Scalar) -> Bool {
        SpecCharacter.isLetterOrDigit(scalar) || "_.-:,=".unicodeScalars.contains(scalar)
    }

    private static func isValueLetter(_ scalar: Unicode.Scalar) -> Bool {
        SpecCharacter.isLetterOrDigit(scalar) || "_-+.,:=/~".unicodeScalars.contains(scalar)
    }

    private var peek: Unicode.Scalar? { peek(0) }

    private func peek(_ ahead: Int) -> Unicode.Scalar? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    private mutating func skipBlanks() { while peek == " " { position += 1 } }

    private func slice(_ start: Int, until end: Int? = nil) -> String {
        TemplateSource.string(scalars[start..<max(start, min(end ?? position, scalars.count))])
    }

    private func wrong(_ what: String) -> PackageSpecProblem {
        guard let next = peek else { return problem("ends too early", "write name@version") }
        let fix = "expected name@version +variant ~variant key=value %compiler ^dependency"
        return problem("has \(SpecCharacter.shown(next)) where \(what) is expected", fix)
    }

    private func problem(_ text: String, _ fix: String, at offset: Int? = nil) -> PackageSpecProblem {
        PackageSpecProblem(offset: offset ?? position, text: text, fix: fix)
    }
}

extension String {
    /// Without blanks at the end.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
