import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Failures of a log, each put together from the lines that tell of it; and what pctl's markers change.
extension BuildLog {
    mutating func clearSigns() {
        signs = []
        signTrouble = nil
    }

    /// A sign of trouble in a build's own output. It counts when the package fails.
    mutating func note(_ trouble: BuildTrouble, _ line: LineBytes) -> BuildChange {
        if let told = signTrouble, told.isCertain {
            if trouble.isCertain { signTrouble = trouble.stronger(told) }
        } else {
            signTrouble = trouble.isCertain ? trouble : trouble.stronger(signTrouble)
        }
        if signs.count >= BuildFailure.signLimit {
            // The first errors are the cause, the last one is what stopped it.
            signs.remove(at: signs.count / 2)
        }
        // As it stands there: there may be thousands, and secrets are looked for only in those that are kept.
        signs.append(BuildFailure.Sign(text: line.trimmed.text(limit: 300)))
        return []
    }

    mutating func failed(_ error: SpackError, at now: Date) -> BuildChange {
        var place = error.package.flatMap { find($0) }
        if place == nil, let id = error.package, error.trouble != .conflict {
            place = id.hash.isEmpty ? named(id.name) : insert(id, as: .failed, at: now)
        }
        if place == nil, error.package == nil, let current, packages[current].state == .running { place = current }
        switch error.shape {
        case .reason, .summary:
            context = .none
            if let index = open(place) {
                refine(index, error)
                if let place { markFailed(place, at: now) }
            } else if !failures.contains(where: { !$0.isOver }) {
                add(error, place, at: now)
            } else if let place {
                markFailed(place, at: now)
            }
        case .failure, .reasons, .list:
            let index: Int?
            if let open = open(place) {
                refine(open, error)
                if let place { markFailed(place, at: now) }
                index = open
            } else if error.shape == .list, failures.contains(where: { !$0.isOver }) {
                index = failures.indices.last
            } else {
                index = add(error, place, at: now)
            }
            switch error.shape {
            case .reasons:
                context = index.map { .reasons(failure: $0, left: error.trouble == .conflict ? 30 : 10) } ?? .none
            case .list: context = .list
            default: context = index.map { .below(failure: $0, left: BuildFailure.signLimit) } ?? .none
            }
        }
        conclude()
        return [.failures, .packages, .outcome]
    }

    /// The failure that a further line about this package belongs to.
    private func open(_ place: Int?) -> Int? {
        guard let last = failures.indices.last(where: { !failures[$0].isOver }) else { return nil }
        guard let place else {
            // It names no package: it is about what failed just now, unless something else runs.
            return current.map { packages[$0].state != .running } ?? true ? last : nil
        }
        return failures.lastIndex { failure in
            !failure.isOver && failure.package.map { find($0) == place } ?? false
        }
    }

    private mutating func refine(_ index: Int, _ error: SpackError) {
        guard error.trouble.rank < failures[index].trouble.rank else { return }
        failures[index].trouble = error.trouble
        if error.shape == .failure { failures[index].text = SafeText.line(error.text, limit: 400) }
    }

    @discardableResult
    private mutating func add(_ error: SpackError, _ place: Int?, at now: Date) -> Int {
        var failure = BuildFailure(
            trouble: error.trouble, package: place.map { packages[$0].id } ?? error.package,
            text: SafeText.line(error.text, limit: 400), at: now)
        if let place {
            let isCurrent = place == current || place == followed
            if packages[place].state != .failed {
                failure.phase = lastPhase(place).map { packages[place].phases[$0].name }
            }
            failure.log = packages[place].log ?? packages[place].stage.map { "\($0)/spack-build-out.txt" }
            let isVague = error.trouble == .build || error.trouble == .other || error.trouble == .network
            if isCurrent, isVague || signTrouble?.isCertain == true {
                if let sign = signTrouble { failure.trouble = sign.stronger(failure.trouble) }
                failure.signs = shownSigns
            }
            markFailed(place, at: now)
        } else if let sign = signTrouble, sign.isCertain {
            failure.trouble = sign.stronger(failure.trouble)
            failure.signs = shownSigns
        }
        if failures.count >= Self.listLimit { failures.removeFirst() }
        failures.append(failure)
        return failures.count - 1
    }

    private var shownSigns: [BuildFailure.Sign] {
        signs.map { BuildFailure.Sign(text: SecretText.line($0.text)) }
    }

    private mutating func markFailed(_ place: Int, at now: Date) {
        guard packages[place].state != .failed else { return }
        endPhase(of: place, at: now, hasFailed: true)
        packages[place].state = .failed
        packages[place].endedAt = now
        packages[place].fetched = nil
        if packages[place].isRoot, let root = packages[place].root { roots[root].endedAt = now }
    }

    /// `[x] q2m4abc gcc@11.3.0 failed`
    mutating func failedStatus(_ place: Int, _ status: SpackStatus, at now: Date) -> BuildChange {
        if let log = status.log { packages[place].log = SafeText.line(log, limit: 400) }
        if packages[place].state != .failed {
            let word = status.word.isEmpty ? "failed" : status.word
            let isMissing = packages[place].hasNoBinary
            let text = isMissing ? "no binary of \(packages[place].spec) was found" : "\(packages[place].spec) \(word)"
            add(SpackError(text, trouble: isMissing ? .noBinary : .build), place, at: now)
        }
        lastBlock = nil
        if let seconds = status.seconds { packages[place].told = seconds }
        conclude()
        return [.failures, .packages, .outcome]
    }

    /// The program ended with a failure that no line told of.
    mutating func stop(_ exitStatus: Int, package place: Int?, at now: Date) {
        // A shell tells of a signal by 128 and its number.
        let isKilled = exitStatus == 137 || exitStatus == -9 || exitStatus == 9
        let isSignal = isKilled || exitStatus > 128 || exitStatus < 0
        let error = SpackError(
            "spack ended with status \(exitStatus)",
            trouble: isKilled ? signTrouble ?? .killed : isSignal ? .killed : .build)
        add(error, place, at: now)
    }

    /// Indented lines below an error: the command that failed, the addresses that were tried.
    mutating func below(_ meaning: SpackLine, _ line: LineBytes, failure: Int, left: Int) -> BuildChange? {
        switch meaning {
        case .output, .sign, .compiling: break
        default:
            context = .none
            return nil
        }
        let indent = line.afterBlanks()
        guard left > 0, indent >= 4, indent < line.count, failures.indices.contains(failure) else {
            context = .none
            return nil
        }
        context = .below(failure: failure, left: left - 1)
        let text = line.part(indent)
        if text[0] == Ascii.quote, failures[failure].command == nil {
            failures[failure].command = SecretText.line(text.text(limit: 1000))
        } else if failures[failure].signs.count < BuildFailure.signLimit {
            failures[failure].signs.append(BuildFailure.Sign(text: SecretText.line(text.text(limit: 300))))
        }
        return .failures
    }

    /// The reasons of the solver: `   1. Cannot satisfy 'cmake@3.0.1'`.
    mutating func reason(_ meaning: SpackLine, _ line: LineBytes, failure: Int, left: Int) -> BuildChange? {
        var text = line.trimmed
        if text.count == 0 { return [] }
        switch meaning {
        case .output, .sign, .quoted, .compiling: break
        case .error(let error) where error.shape == .reason: text = text.part((text.find("Error:") ?? -6) + 6).trimmed
        default:
            context = .none
            return nil
        }
        // What underlines a mistake in the line above.
        if text.base.allSatisfy({ $0 == UInt8(ascii: "^") || $0 == Ascii.blank }) { return [] }
        guard left > 0, failures.indices.contains(failure) else {
            context = .none
            return []
        }
        context = .reasons(failure: failure, left: left - 1)
        guard failures[failure].signs.count < BuildFailure.signLimit else { return [] }
        failures[failure].signs.append(BuildFailure.Sign(text: SecretText.line(text.text(limit: 300))))
        if let trouble = SpackReasons.trouble(text), trouble.rank < failures[failure].trouble.rank {
            failures[failure].trouble = trouble
        }
        guard failures[failure].package == nil else { return .failures }
        switch failures[failure].trouble {
        case .badSpec: failures[failure].package = PackageID.spec(text).map { PackageID(name: $0.name) }
        case .conflict, .noCompiler: failures[failure].package = SpackReasons.package(text)
        default: break
        }
        return .failures
    }

    /// The path of a build log. Without a package it belongs to what failed last.
    mutating func logged(_ path: String, _ id: PackageID?) -> BuildChange {
        let path = SafeText.line(path, limit: 400)
        // A path alone, which a build's own output may be, counts only where Spack has announced it.
        let isAnnounced = context == .hint || context == .list
        if context != .list { context = .none }
        let place = id.flatMap { find($0) }
        if let place { packages[place].log = path }
        var index = place.flatMap { place in failures.lastIndex { $0.package.map { find($0) == place } ?? false } }
        if index == nil, isAnnounced { index = failures.indices.last { !failures[$0].isOver } }
        if let index { failures[index].log = path }
        if place == nil, index == nil { return [] }
        return [.failures, .packages]
    }

    mutating func marked(_ marker: PctlMarker, at now: Date) -> BuildChange {
        switch marker {
        case .disk(let disk):
            self.disk = disk
            if let total = disk.total { samples.take("/", used: disk.used, total: total, at: now) }
            return .disk
        case .diskFollows: return []
        case .verbose:
            pctl?.isVerbose = true
            return []
        case .progress(let progress): return told(progress, at: now)
        case .packageStart(let id, let number, let total):
            told(id, number, total, at: now)
            return [.pctl, .packages]
        case .packageInfo(let id, let count):
            if let root = root(id) { roots[root].dependencies = count }
            return .packages
        case .packageEnd(let id, let isSuccess):
            guard isSuccess else { return gaveUp(id, at: now) }
            if let root = root(id), !packages[roots[root].package].isSettled {
                settle(roots[root].package, as: .done, at: now)
            }
            conclude()
            return [.packages, .outcome]
        case .failed(let id):
            return gaveUp(id, at: now)
        }
    }

    /// The runner says which root it failed for; why, Spack has said before.
    private mutating func gaveUp(_ id: PackageID, at now: Date) -> BuildChange {
        let package = root(id).map { packages[roots[$0].package].id }
        // Other programs fail to install things too.
        if package == nil, !roots.isEmpty, let current, packages[current].state == .running { return [] }
        return failed(
            SpackError("Failed to install \(id.spec)", trouble: .build, shape: .summary, package: package ?? id),
            at: now)
    }

    /// What the tag or the console says, also when it was not read from this log.
    @discardableResult
    public mutating func told(_ progress: PctlProgress, at now: Date) -> BuildChange {
        guard pctl?.progress != progress else { return [] }
        var next = pctl ?? Pctl(progress: progress, at: now)
        next.progress = progress
        next.at = now
        if let percent = progress.percent {
            next.highest = max(percent, next.highest ?? 0)
            if percent >= 20, next.packagesAt == nil { next.packagesAt = now }
        }
        pctl = next
        lastProgressAt = now
        if let package = progress.package, let number = progress.number, let total = progress.total {
            told(package, number, total, at: now)
        }
        conclude()
        return [.pctl, .outcome]
    }

    private mutating func told(_ id: PackageID, _ number: Int, _ total: Int, at now: Date) {
        if pctl?.number != number || pctl?.total != total {
            if pctl == nil { pctl = Pctl(progress: PctlProgress(percent: nil, message: ""), at: now) }
            pctl?.number = number
            pctl?.total = total
            pctl?.numberAt = now
            newRequest()
        }
        if let root = root(id) {
            currentRoot = root
            if roots[root].startedAt == nil { roots[root].startedAt = now }
        } else if roots.isEmpty || roots.count < total, roots.count < Self.rootLimit {
            adopt(id, at: now)
        }
    }

    /// A root that the runner names and the template, which is not at hand, does not.
    mutating func adopt(_ id: PackageID, at now: Date) {
        guard let place = insert(id, as: .waiting, at: now), !packages[place].isRoot else { return }
        roots.append(Root(spec: id.spec, package: place, startedAt: now))
        packages[place].isRoot = true
        packages[place].root = roots.count - 1
        currentRoot = roots.count - 1
    }

    private func root(_ id: PackageID) -> Int? {
        roots.firstIndex { root in
            let package = packages[root.package].id
            return package.name == id.name
                && (id.version.isEmpty || package.version.isEmpty || package.version.hasPrefix(id.version)
                    || id.version.hasPrefix(package.version) || id.version.contains(":"))
        }
    }
}
