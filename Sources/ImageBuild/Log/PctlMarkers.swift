/// Lines that begin with `PCTL_`, and the two of pctl's script that do not.
enum PctlMarkers {
    static func line(_ line: LineBytes) -> PctlMarker? {
        if line.has("PCTL_PROGRESS:") { return progress(line.part(14)) }
        if line.has("PCTL_PKG_START:") {
            let text = line.part(15).trimmed
            guard let colon = lastColon(text), let ratio = text.ratio(colon + 1),
                let package = PackageID.spec(text.part(0, colon))
            else { return nil }
            return .packageStart(package, number: ratio.done, total: ratio.total)
        }
        if line.has("PCTL_PKG_END:") {
            let text = line.part(13).trimmed
            guard let colon = lastColon(text), let package = PackageID.spec(text.part(0, colon)) else { return nil }
            let word = text.part(colon + 1).trimmed
            return .packageEnd(package, isSuccess: word.has("success") || word.has("ok") || word.has("0"))
        }
        if line.has("PCTL_PKG_INFO:") {
            let text = line.part(14).trimmed
            guard let has = text.find(" has "), let count = text.number(text.afterBlanks(has + 5)),
                let package = PackageID.spec(text.part(0, has))
            else { return nil }
            return .packageInfo(package, dependencies: count.value)
        }
        if line.has("PCTL_DISK_USAGE:") {
            return BuildDisk.read(line.part(16)).map(PctlMarker.disk) ?? .diskFollows
        }
        return line.has("PCTL_VERBOSE_MODE:") ? .verbose : nil
    }

    /// `ERROR: Failed to install SPEC`
    static func failure(_ line: LineBytes) -> PctlMarker? {
        guard line.has("ERROR: Failed to install ") else { return nil }
        return PackageID.spec(line.part(25, line.wordEnd(25))).map(PctlMarker.failed)
    }

    /// The tag's value on a line of its own: `20% - Starting package installation`.
    static func tag(_ line: LineBytes) -> PctlMarker? {
        guard let number = line.number(0), number.value <= 100, line.has("% - ", at: number.end) else { return nil }
        return .progress(PctlProgress(line.text(limit: 600)))
    }

    /// What stands behind `PCTL_PROGRESS:`.
    private static func progress(_ text: LineBytes) -> PctlMarker? {
        let text = text.trimmed
        return text.count > 0 ? .progress(PctlProgress(text.text(limit: 600))) : nil
    }

    private static func lastColon(_ text: LineBytes) -> Int? { (0..<text.count).last { text[$0] == Ascii.colon } }
}
