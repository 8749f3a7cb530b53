import Fleet

/// Lines that Spack itself writes: `==> …`. Source: wire-formats 5.2.
enum SpackMessage {
    /// - Parameter line: begins with `==> `.
    static func read(_ line: LineBytes) -> SpackLine {
        let text = body(line.part(4).trimmed)
        // A quoted command of a build log.
        if text[0] == Ascii.quote { return .output }
        switch text[0] {
        case UInt8(ascii: "I"): if text.has("Installing ") { return installing(text) }
        case UInt8(ascii: "E"):
            if text.has("Error:") { return error(text.part(6).trimmed) }
            if text.has("Executing phase") { return phase(text, name: nil) }
            if text.has("Extracting "), let id = id(text, after: 11) { return .fromBinary(id) }
        case UInt8(ascii: "W"):
            if text.has("Warning: ") { return warning(text.part(9).trimmed) }
            if text.has("Waiting for ") { return .waiting(text.text(limit: 120)) }
        case UInt8(ascii: "N"):
            if text.has("No binary for "), let id = id(text, after: 14) {
                guard text.contains("cache-only") else { return .fromSource(id) }
                return .error(SpackError(text.text(), trouble: .noBinary, package: id))
            }
            if text.has("No patches needed for ") { return .prepared(word(text, after: 22)) }
        case UInt8(ascii: "F"):
            if text.has("Fetching from ") { return other(text) }
            if text.has("Fetching ") { return .fetching(SecretText.line(text.part(9).text())) }
            if text.has("Following logs of "), let id = PackageID.spec(text.part(18)) { return .following(id) }
        case UInt8(ascii: "T"):
            if text.has("Trying to fetch from ") { return .fetching(SecretText.line(text.part(21).text())) }
        case UInt8(ascii: "U"): if text.has("Using cached archive") { return .cached }
        case UInt8(ascii: "S"):
            if text.has("Successfully installed ") { return installed(text, after: 23, name: nil) ?? other(text) }
            if text.has("Staging archive: ") { return .staged(folder(text.part(17))) }
        case UInt8(ascii: "C"): if text.has("Created stage in ") { return .staged(text.part(17).text(limit: 500)) }
        case UInt8(ascii: "A"):
            if text.has("Already staged "), let path = text.find(" in /") {
                return .staged(text.part(path + 4).text(limit: 500))
            }
            if text.has("Applied patch ") { return .prepared(nil) }
            if text.has("All of the packages are already installed") || text.has("All packages are already installed") {
                return .alreadyInstalled
            }
        case UInt8(ascii: "K"):
            if text.has("Keyboard interrupt") { return .error(SpackError(text.text(), trouble: .killed)) }
        case UInt8(ascii: "R"): if text.has("Ran patch() for ") { return .prepared(word(text, after: 16)) }
        case UInt8(ascii: "B"): if text.has("Building "), let system = buildSystem(text) { return system }
        case UInt8(ascii: "P"): if text.has("Patch "), text.ends(" failed.") { return .sign(.patch) }
        case UInt8(ascii: "p"): if text.has("patch() function failed") { return .sign(.patch) }
        case Ascii.open:
            if text.has("[BOOTSTRAPPING]") { return .bootstrapping(text.part(15).trimmed.text(limit: 200)) }
        default: break
        }
        return named(text) ?? other(text)
    }

    /// Behind a process number and a time, which `spack -d` and several at once write: `==> 15494: …`, `==> [2026-11-20-22:27:09] …`
    private static func body(_ text: LineBytes) -> LineBytes {
        var text = text
        if let number = text.number(0), text.has(": ", at: number.end) { text = text.part(number.end + 2) }
        if text[0] == Ascii.open, Ascii.isDigit(text[1]), let close = text.find("] "), close < 40 {
            text = text.part(close + 2).trimmed
        }
        return text
    }

    private static func installing(_ text: LineBytes) -> SpackLine {
        if text.has("environment ", at: 11) { return .environment(text.part(23).text(limit: 200)) }
        // `Installing "clingo-bootstrap@…" from a buildcache`
        if text[11] == UInt8(ascii: "\"") || text.ends("from a buildcache") {
            return .bootstrapping(text.part(11).text(limit: 200))
        }
        let end = text.wordEnd(11)
        let word = text.part(11, end)
        let rest = text.part(end).trimmed
        var counter: (done: Int, total: Int, end: Int)?
        if rest[0] == Ascii.open { counter = rest.ratio(1) }
        guard rest.count == 0 || counter != nil else { return other(text) }
        if let id = PackageID.classic(word) { return .installing(id, number: counter?.done, total: counter?.total) }
        guard PackageID.isPlainName(word), Ascii.isLower(word[0]) || Ascii.isDigit(word[0]) else { return other(text) }
        return .installing(PackageID(name: word.text()), number: counter?.done, total: counter?.total)
    }

    /// `NAME: Executing phase: 'x'`, `NAME: Successfully installed ID`, `NAME is already installed in PATH`,
    /// `NAME@VERSION : has external module in […]`, and another program's voice before Spack's: `amazon-ebs.x: ==> …`
    private static func named(_ text: LineBytes) -> SpackLine? {
        if let installed = text.find(" is already installed in "), installed < 200 {
            let path = text.part(installed + 25).trimmed
            let name = text.part(0, installed)
            guard !name.contains(" ") else { return nil }
            let id = PackageID.prefix(path) ?? PackageID.spec(name)
            return .present(id, prefix: path.text(limit: 500), isExternal: false)
        }
        guard let colon = text.find(": "), colon < 200 else { return nil }
        let rest = text.part(colon + 2).trimmed
        if rest.has("==> ") { return read(rest) }
        if rest.has("Executing phase") { return phase(rest, name: word(text, after: 0, until: colon)) }
        if rest.has("Successfully installed ") {
            return installed(rest, after: 23, name: word(text, after: 0, until: colon))
        }
        if rest.has("has external module in") || rest.has("is installed externally")
            || rest.has("externally installed in"),
            let id = PackageID.spec(text)
        {
            return .present(id, prefix: "", isExternal: true)
        }
        return nil
    }

    /// `Executing phase: 'build'`, `Executing phase : 'build'`
    private static func phase(_ text: LineBytes, name: String?) -> SpackLine {
        guard let open = text.find("'"), let close = text.find("'", from: open + 1), close > open + 1 else {
            return other(text)
        }
        return .phase(name: name, phase: text.part(open + 1, close).text(limit: 60))
    }

    private static func installed(_ text: LineBytes, after: Int, name: String?) -> SpackLine? {
        let word = text.part(after, text.wordEnd(after))
        if let id = PackageID.classic(word) {
            return .installed(name.flatMap { PackageID.named($0, of: id) } ?? id)
        }
        guard PackageID.isPlainName(word) else { return nil }
        return .installed(PackageID(name: name ?? word.text()))
    }

    /// `Building NAME [AutotoolsPackage]`
    private static func buildSystem(_ text: LineBytes) -> SpackLine? {
        let end = text.wordEnd(9)
        guard text[end + 1] == Ascii.open, text[text.count - 1] == Ascii.close else { return nil }
        let word = text.part(end + 2, text.count - 1)
        // `<class 'spack.package.EditableMakefile'>`
        let start = (0..<word.count).last { word[$0] == Ascii.dot }.map { $0 + 1 } ?? 0
        var stop = start
        while Ascii.isName(word[stop]) { stop += 1 }
        return .buildSystem(name: text.part(9, end).text(limit: 100), word: word.part(start, stop).text(limit: 60))
    }

    private static func error(_ text: LineBytes) -> SpackLine {
        // The binary could not be used, and the package is built instead.
        if text.has("Failed to install "), text.contains("Requeueing to install from source") {
            return .warning(SecretText.line(text.text(limit: 2000)))
        }
        return .error(SpackErrors.read(text))
    }

    private static func warning(_ text: LineBytes) -> SpackLine {
        if text.has("Skipping build of "), let since = text.find(" since ") {
            let because = text.part(since + 7)
            if let id = PackageID.classic(text.part(18, since)) {
                return .skipped(id, because: because.text(limit: 200))
            }
        }
        if text.ends(" failed to install"), let id = PackageID.classic(text.part(0, text.count - 18)) {
            return .error(SpackError(text.text(), trouble: .dependency, package: id))
        }
        return .warning(SecretText.line(text.text(limit: 2000)))
    }

    /// As it stands there: most of it is never shown, and looking for secrets takes longer than all the rest.
    private static func other(_ text: LineBytes) -> SpackLine { .message(text.text(limit: 400)) }

    private static func id(_ text: LineBytes, after: Int) -> PackageID? {
        let word = text.part(after, text.wordEnd(after))
        if let id = PackageID.classic(word) { return id }
        return PackageID.isPlainName(word) && word.count > 0 ? PackageID(name: word.text()) : nil
    }

    private static func word(_ text: LineBytes, after: Int, until: Int? = nil) -> String? {
        let word = text.part(after, until ?? text.wordEnd(after))
        return PackageID.isPlainName(word) && word.count > 0 ? word.text() : nil
    }

    private static func folder(_ path: LineBytes) -> String {
        let end = (0..<path.count).last { path[$0] == Ascii.slash } ?? path.count
        return path.part(0, end).text(limit: 500)
    }
}
