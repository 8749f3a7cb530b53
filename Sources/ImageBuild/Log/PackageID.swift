import Fleet

/// One package as Spack's output names it: `gcc-11.3.0-<hash>`, `6ivzngn zlib@1.3.1`, or a name alone.
public struct PackageID: Sendable, Hashable {
    public var name: String
    /// Empty when it was not told.
    public var version: String
    /// 32 characters of the classic installer, 7 of the new one; empty when it was not told.
    public var hash: String

    public init(name: String, version: String = "", hash: String = "") {
        self.name = name
        self.version = version
        self.hash = hash
    }

    /// `gcc@11.3.0`, or the name alone.
    public var spec: String { version.isEmpty ? name : "\(name)@\(version)" }

    /// What all hashes of one package have in common: its first 7 characters.
    var shortHash: String { String(hash.prefix(7)) }
}

extension PackageID {
    private static let longestName = 100

    /// `<name>-<version>-<hash>`, read from the right; nil without a hash. Source: wire-formats 5.1.
    static func classic(_ text: LineBytes) -> PackageID? {
        guard let dash = hashStart(text) else { return nil }
        let hash = text.part(dash + 1)
        guard let both = split(text.part(0, dash)) else { return nil }
        return PackageID(name: both.name, version: both.version, hash: hash.text())
    }

    /// `<name>-<version>` in two. Both may contain hyphens and digits: the version starts at the first field that looks like one, else at
    /// the last that begins with a digit, else at the last (`develop`, `migration`).
    static func split(_ text: LineBytes) -> (name: String, version: String)? {
        guard text.count > 0, isName(text, allowsVersion: true) else { return nil }
        var weak: Int?
        var last: Int?
        var place = 0
        while place < text.count {
            defer { place += 1 }
            guard text[place] == Ascii.dash, place > 0 else { continue }
            last = place
            if text.has("git.", at: place + 1) || looksLikeVersion(text, from: place + 1) {
                return cut(text, at: place)
            }
            if Ascii.isDigit(text[place + 1]) { weak = place }
        }
        guard let dash = weak ?? last else { return (text.text(limit: longestName), "") }
        return cut(text, at: dash)
    }

    /// The name is known from elsewhere in the log: what follows it is the version.
    static func named(_ name: String, of id: PackageID) -> PackageID? {
        let whole = id.version.isEmpty ? id.name : "\(id.name)-\(id.version)"
        guard whole.hasPrefix(name + "-") else { return nil }
        return PackageID(name: name, version: String(whole.dropFirst(name.count + 1)), hash: id.hash)
    }

    /// `name@version`, `name@=version%compiler+variant arch=…`, `name`; what follows the version is left out.
    static func spec(_ text: LineBytes) -> PackageID? {
        var end = 0
        while end < text.count, Ascii.isName(text[end]) { end += 1 }
        guard end > 0, end <= longestName, Ascii.isLetter(text[0]) || Ascii.isDigit(text[0]) else { return nil }
        // `builtin.gcc@11`: the repository a package comes from.
        var start = 0
        for place in 0..<end where text[place] == Ascii.dot { start = place + 1 }
        guard start < end else { return nil }
        let name = text.part(start, end).text()
        guard text[end] == Ascii.at else { return PackageID(name: name) }
        end += 1
        if text[end] == UInt8(ascii: "=") { end += 1 }
        let from = end
        while end < text.count, isVersion(text[end]) || text[end] == UInt8(ascii: "=") { end += 1 }
        return PackageID(name: name, version: text.part(from, end).text(limit: longestName))
    }

    /// The package that a prefix belongs to. Its last component is `<name>-<version>-<hash>`; where a site arranges its folders otherwise,
    /// `<name>/<version>/<arch>-<hash>` and `<name>/<version>-<compiler>-<hash>` are understood, else the hash alone.
    static func prefix(_ path: LineBytes) -> PackageID? {
        let folder = lastComponent(path, before: path.count)
        let component = path.part(folder.start, folder.end)
        let hash = hashStart(component, shortest: 7)
        let rest = component.part(0, hash ?? component.count)
        let hashText = hash.map { component.part($0 + 1).text() } ?? ""
        let parent = lastComponent(path, before: folder.start - 1)
        let above = path.part(parent.start, parent.end)
        if rest.has("linux-") || rest.has("darwin-") || rest.has("cray-") || rest.has("windows-") || rest.count == 0 {
            let name = lastComponent(path, before: parent.start - 1)
            guard above.count > 0, name.end > name.start else { return nil }
            return PackageID(
                name: path.part(name.start, name.end).text(limit: longestName), version: above.text(limit: longestName),
                hash: hashText)
        }
        if looksLikeVersion(rest, from: 0), !hashText.isEmpty, above.count > 0, isName(above, allowsVersion: false) {
            var end = 0
            while end < rest.count, rest[end] != Ascii.dash { end += 1 }
            return PackageID(name: above.text(limit: longestName), version: rest.part(0, end).text(), hash: hashText)
        }
        guard !hashText.isEmpty || component.count == rest.count, let both = split(rest) else { return nil }
        // A prefix without a hash is a folder of the system: `/usr`.
        return hashText.isEmpty ? nil : PackageID(name: both.name, version: both.version, hash: hashText)
    }

    /// `…/spack-stage-<name>-<version>-<hash>/spack-build-out.txt`, `…/spack-stage-<name>-<version>-<hash>-abcd.log`
    static func stage(_ path: LineBytes) -> PackageID? {
        guard var start = path.find("spack-stage-") else { return nil }
        while let next = path.find("spack-stage-", from: start + 1) { start = next }
        start += 12
        var end = start
        while end < path.count, path[end] != Ascii.slash, path[end] != Ascii.blank, path[end] != Ascii.quote {
            end += 1
        }
        let word = path.part(start, end)
        if let id = classic(word) { return id }
        // The new installer's logs have something random behind the hash.
        guard let dash = (0..<word.count).last(where: { word[$0] == Ascii.dash }) else { return nil }
        return classic(word.part(0, dash))
    }

    /// Whether all of it could be a name: for lines that say no more.
    static func isPlainName(_ text: LineBytes) -> Bool {
        text.count <= longestName && isName(text, allowsVersion: false)
    }

    /// Where the hyphen before a hash stands.
    private static func hashStart(_ text: LineBytes, shortest: Int = 32) -> Int? {
        var start = text.count
        while start > 0, Ascii.isHash(text[start - 1]) { start -= 1 }
        let length = text.count - start
        guard start > 1, text[start - 1] == Ascii.dash else { return nil }
        if length == 32 { return start - 1 }
        // A date is no hash.
        guard length >= shortest, length < 32, (start..<text.count).contains(where: { Ascii.isLower(text[$0]) }) else {
            return nil
        }
        return start - 1
    }

    private static func cut(_ text: LineBytes, at dash: Int) -> (name: String, version: String) {
        (text.part(0, dash).text(limit: longestName), text.part(dash + 1).text(limit: longestName))
    }

    /// `11.3.0`, `2023c`, `9e`, `1.0rc1`, `20230802`, but neither `100dpi` nor `2to3`, which are parts of names.
    private static func looksLikeVersion(_ text: LineBytes, from: Int) -> Bool {
        var place = from
        if text[place] == UInt8(ascii: "v"), Ascii.isDigit(text[place + 1]) { place += 1 }
        guard Ascii.isDigit(text[place]) else { return false }
        var letters = 0
        var isDotted = false
        while place < text.count, text[place] != Ascii.dash {
            if text[place] == Ascii.dot || text[place] == UInt8(ascii: "_") { isDotted = true }
            if Ascii.isLetter(text[place]) { letters += 1 }
            place += 1
        }
        return isDotted || letters <= 1
    }

    private static func isName(_ text: LineBytes, allowsVersion: Bool) -> Bool {
        guard Ascii.isLetter(text[0]) || Ascii.isDigit(text[0]) || text[0] == UInt8(ascii: "_") else { return false }
        for byte in text.base {
            let isFine =
                allowsVersion
                ? isVersion(byte) || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "+") : Ascii.isName(byte)
            guard isFine else { return false }
        }
        return true
    }

    private static func isVersion(_ byte: UInt8) -> Bool { Ascii.isName(byte) }

    private static func lastComponent(_ path: LineBytes, before: Int) -> (start: Int, end: Int) {
        var end = max(0, min(before, path.count))
        while end > 0, path[end - 1] == Ascii.slash { end -= 1 }
        var start = end
        while start > 0, path[start - 1] != Ascii.slash { start -= 1 }
        return (start, end)
    }
}
