import Fleet

/// What Spack shows of the build log of a package that has failed: numbered lines below `2 errors found in build log:`, or whole parts of
/// it between `-- lines 12 to 20 --`.
extension BuildLog {
    mutating func digest(_ id: PackageID?) -> BuildChange {
        var index = failures.indices.last { !failures[$0].isOver }
        if let id, let place = find(id) {
            index = failures.lastIndex { $0.package.map { find($0) == place } ?? false } ?? index
        }
        startDigest(of: index)
        context = .digest(failure: index, column: 0, isError: false)
        return []
    }

    private mutating func startDigest(of index: Int?) {
        guard let index else { return }
        failures[index].signs = []
        failures[index].hasDigest = true
    }

    /// `-- lines 12 to 20 --`: part of a build log. Spack 1.2 does not say whose: those of several that failed stand one behind the other,
    /// in the order in which they failed, and the numbers of each grow.
    mutating func block(from: Int, to last: Int) -> BuildChange {
        var index: Int?
        if case .digest(let failure, _, _) = context {
            index = failure
        } else if let before = lastBlock, from > before.last {
            index = before.failure
        } else {
            index = failures.indices.first { !failures[$0].isOver && !failures[$0].hasDigest }
            startDigest(of: index)
        }
        lastBlock = LogBlock(failure: index, last: last)
        context = .block(failure: index, line: from, last: last)
        return []
    }

    /// One line of such a part: `  make all`, `> x.c:1: error: …`. Nil when it is none.
    mutating func blockLine(
        _ meaning: SpackLine, _ line: LineBytes, failure: Int?, number: Int, last: Int
    ) -> BuildChange? {
        let isError = line.has("> ")
        guard number <= last, isError || line.has("  ") || line.count == 0 else {
            context = .none
            return nil
        }
        context = .block(failure: failure, line: number + 1, last: last)
        guard let failure, failures.indices.contains(failure) else { return [] }
        let text = line.part(2)
        guard isError || text.has("spack.") && SpackErrors.raised(text) != nil else { return [] }
        if failures[failure].signs.count >= BuildFailure.signLimit { failures[failure].signs.remove(at: 4) }
        failures[failure].signs.append(BuildFailure.Sign(line: number, text: SecretText.line(text.text(limit: 400))))
        judge(failure)
        return .failures
    }

    /// A line of a digest, or what was broken off one. Nil when the digest is over.
    mutating func quoted(
        _ meaning: SpackLine, _ line: LineBytes, failure: Int?, column: Int, isError: Bool
    ) -> BuildChange? {
        let indent = line.afterBlanks()
        if indent == line.count { return [] }
        // Numbers stand behind five characters; what stands further in belongs to the line above.
        if indent > 6, column > 0 {
            guard isError, let failure, failures.indices.contains(failure),
                let last = failures[failure].signs.indices.last
            else {
                return []
            }
            let rest = line.part(min(indent, column)).text(limit: 400)
            failures[failure].signs[last].text = SecretText.line(failures[failure].signs[last].text + rest)
            judge(failure)
            return .failures
        }
        switch meaning {
        case .quoted(let number, let text, let column, let isError):
            context = .digest(failure: failure, column: max(column, 1), isError: isError)
            guard isError, let failure, failures.indices.contains(failure),
                failures[failure].signs.count < BuildFailure.signLimit
            else {
                if isError { context = .digest(failure: failure, column: column, isError: false) }
                return []
            }
            failures[failure].signs.append(BuildFailure.Sign(line: number, text: SecretText.line(text)))
            judge(failure)
            return .failures
        case .output:
            // `     ...` between two parts of it.
            if line.trimmed.has("...") { return [] }
            context = .none
            return nil
        // It needs to know whose digest this is.
        case .block: return nil
        default:
            context = .none
            return nil
        }
    }

    /// The lines Spack points at say what went wrong better than that a command failed.
    private mutating func judge(_ index: Int) {
        guard let trouble = failures[index].signs.last?.trouble,
            trouble.rank < failures[index].trouble.rank
        else { return }
        failures[index].trouble = trouble
    }
}
