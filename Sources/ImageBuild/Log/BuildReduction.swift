import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How each meaning changes what is known.
extension BuildLog {
    mutating func reduce(_ meaning: SpackLine, _ line: LineBytes, at now: Date) -> BuildChange {
        if let change = continued(meaning, line, at: now) { return change }
        switch meaning {
        case .output: return []
        case .sign(let trouble): return note(trouble, line)
        case .compiling(let file): return compiling(file)
        case .compiled(let done, let total, let file):
            return compiled(Double(done) / Double(total), done: done, total: total, file: file)
        case .compiledPercent(let percent, let file): return compiled(Double(percent) / 100, file: file)
        case .fetched(let percent): return fetched(percent)
        case .installing(let id, let number, let total): return installing(id, number, total, at: now)
        case .phase(let name, let phase): return began(phase, of: name, at: now)
        case .installed(let id): return installed(id, at: now)
        case .timing(let timings): return timed(timings)
        case .present(let id, let prefix, let isExternal): return present(id, prefix, isExternal, at: now)
        case .status(let id, let status): return stated(id, status, at: now)
        case .header(let done, let total):
            guard givesStates else { return [] }
            finished = done
            self.total = total
            return .packages
        case .planned(let id, let isRoot, let isPresent): return planned(id, isRoot, isPresent, at: now)
        case .fromSource(let id), .fromBinary(let id): return origin(id, meaning, at: now)
        case .following(let id):
            guard let place = find(id) else { return [] }
            current = place
            followed = place
            return .packages
        case .fetching, .cached, .prepared, .staged, .buildSystem: return prepared(meaning, at: now)
        case .alreadyInstalled:
            if let root = currentRoot, !packages[roots[root].package].isSettled {
                settle(roots[root].package, as: .present, at: now)
            }
            conclude()
            return [.packages, .outcome]
        case .environment(let name): return act("environment \(SafeText.line(name, limit: 100))")
        case .bootstrapping(let text): return act("Spack prepares itself: \(SafeText.line(text, limit: 160))")
        case .message(let text): return messaged(text)
        case .waiting(let what):
            // Builds wait for things too.
            guard waitingFor != what, current.map({ packages[$0].state != .running }) ?? true else { return [] }
            waitingFor = what
            return .activity
        case .warning(let text): return warn(text)
        case .skipped(let id, let because):
            if let place = insert(id, as: .skipped, at: now) { packages[place].state = .skipped }
            return warn("\(id.spec) is not built, because \(SafeText.line(because, limit: 160))").union(.packages)
        case .error(let error): return failed(error, at: now)
        case .digest(let id): return digest(id)
        case .block(let from, let to): return block(from: from, to: to)
        case .quoted: return []
        case .logHint(let path):
            context = .hint
            return path.map { logged($0, nil) } ?? []
        case .logPath(let path, let id): return logged(path, id)
        case .replay:
            context = .replay
            return []
        case .pctl(.progress) where !line.has("PCTL_") && current.map { packages[$0].state == .running } ?? false:
            // `100% - done`: it has the shape of pctl's tag, but a build says it.
            return []
        case .pctl(let marker): return marked(marker, at: now)
        case .driver(let marker): return driven(marker)
        }
    }

    /// Lines that mean something only because of those before; nil when this one is to be read by itself.
    private mutating func continued(_ meaning: SpackLine, _ line: LineBytes, at now: Date) -> BuildChange? {
        switch context {
        case .none: return nil
        case .below(let failure, let left): return below(meaning, line, failure: failure, left: left)
        case .replay:
            switch meaning {
            case .installing, .installed, .present, .status, .skipped, .error, .pctl, .driver, .environment,
                .header:
                context = .none
                return nil
            default: return []
            }
        case .digest(let failure, let column, let isError):
            return quoted(meaning, line, failure: failure, column: column, isError: isError)
        case .reasons(let failure, let left): return reason(meaning, line, failure: failure, left: left)
        case .block(let failure, let number, let last):
            return blockLine(meaning, line, failure: failure, number: number, last: last)
        case .hint:
            if case .logPath = meaning { return nil }
            context = .none
            return nil
        case .list:
            switch meaning {
            case .logPath: return nil
            default:
                context = .none
                return nil
            }
        }
    }

    private mutating func installing(_ id: PackageID, _ number: Int?, _ total: Int?, at now: Date) -> BuildChange {
        // Other programs install things too; where Spack gives hashes, a name alone is not Spack's.
        if id.hash.isEmpty, givesHashes { return [] }
        if !id.hash.isEmpty { givesHashes = true }
        if let number, let total {
            if let told = self.number, self.total != total || number < told || (number == told && find(id) != current) {
                newRequest()
            }
            self.number = number
            self.total = total
        }
        guard let place = insert(id, as: .running, at: now) else { return [] }
        restart(place, at: now)
        current = place
        lastDone = nil
        waitingFor = nil
        activity = nil
        clearSigns()
        begin("stage", at: place, now)
        conclude()
        return [.packages, .phase, .outcome, .failures]
    }

    private mutating func began(_ phase: String, of name: String?, at now: Date) -> BuildChange {
        var place = current
        if let name { place = named(name) ?? insert(PackageID(name: name), as: .running, at: now) }
        guard let place, packages[place].state == .running || packages[place].state == .waiting else { return [] }
        packages[place].state = .running
        if packages[place].origin == nil { packages[place].origin = .source }
        current = place
        clearSigns()
        begin(SafeText.line(phase, limit: 60), at: place, now)
        return .phase
    }

    /// `[ ] 6ivzngn zlib@1.3.1 configure (11s)`
    private mutating func stated(_ id: PackageID, _ status: SpackStatus, at now: Date) -> BuildChange {
        // What a build prints may look like it; no Spack has both installers at once.
        guard !givesHashes || givesStates else { return [] }
        givesStates = true
        let before = find(id).map { packages[$0] }
        guard let place = insert(id, as: status.mark == .external ? .present : .running, at: now) else { return [] }
        if let prefix = status.prefix { packages[place].prefix = prefix }
        waitingFor = nil
        switch status.mark {
        case .external:
            packages[place].origin = .external
            settle(place, as: .present, at: now)
        case .finished:
            // A package of which no state was told before was installed by somebody else.
            let isBuilt = before?.state == .running || (status.seconds ?? 0) > 0
            if !packages[place].isSettled { settle(place, as: isBuilt ? .done : .present, at: now) }
            if let seconds = status.seconds, isBuilt {
                if let last = packages[place].phases.indices.last, let offset = packages[place].phases[last].offset {
                    packages[place].phases[last].told = max(0, seconds - offset)
                }
                packages[place].told = seconds
                if packages[place].startedAt == nil { packages[place].startedAt = now.addingTimeInterval(-seconds) }
            }
        case .failed: return failedStatus(place, status, at: now)
        case .running:
            if packages[place].isSettled || packages[place].state == .failed { restart(place, at: now) }
            current = place
            // One is followed from its start to its end, and then the next that starts.
            if before == nil, followed.map({ packages[$0].state != .running }) ?? true { followed = place }
            packages[place].state = .running
            if packages[place].startedAt == nil {
                packages[place].startedAt = now.addingTimeInterval(-(status.seconds ?? 0))
            }
            if place == followed, status.percent == nil { clearSigns() }
            state(status, at: place, now)
        }
        conclude()
        return before == packages[place] ? [] : [.packages, .phase, .outcome]
    }

    private mutating func state(_ status: SpackStatus, at place: Int, _ now: Date) {
        switch status.word {
        case "", "starting": break
        case "fetching from build cache":
            packages[place].origin = .binary
            begin("fetch", at: place, now, offset: status.seconds)
        case "fetching": break
        case "relocating":
            packages[place].origin = .binary
            begin("relocate", at: place, now, offset: status.seconds)
        case "no binary available":
            packages[place].origin = .source
            packages[place].hasNoBinary = true
        case "rewiring":
            packages[place].origin = .binary
            begin("relocate", at: place, now, offset: status.seconds)
        case "staging":
            packages[place].origin = .source
            packages[place].hasNoBinary = false
            begin("stage", at: place, now, offset: status.seconds)
        case let word where word.hasPrefix("stopped "): break
        default:
            packages[place].origin = .source
            packages[place].hasNoBinary = false
            begin(SafeText.line(status.word, limit: 60), at: place, now, offset: status.seconds)
        }
        packages[place].fetched = status.percent
    }

    private mutating func planned(_ id: PackageID, _ isRoot: Bool, _ isPresent: Bool, at now: Date) -> BuildChange {
        // A list that is printed while packages are installed belongs to something else.
        guard current.map({ packages[$0].state != .running }) ?? true, let place = insert(id, as: .waiting, at: now)
        else {
            return []
        }
        if isPresent, packages[place].state == .waiting {
            packages[place].state = .present
            packages[place].origin = .installed
        }
        return .packages
    }

    private mutating func origin(_ id: PackageID, _ meaning: SpackLine, at now: Date) -> BuildChange {
        guard !(id.hash.isEmpty && givesHashes), let place = insert(id, as: .waiting, at: now) else { return [] }
        if case .fromBinary = meaning {
            packages[place].origin = .binary
            if packages[place].state == .waiting { restart(place, at: now) }
            current = place
            begin("extract", at: place, now)
        } else {
            packages[place].origin = .source
        }
        return .packages
    }

    private mutating func prepared(_ meaning: SpackLine, at now: Date) -> BuildChange {
        guard let place = builder else {
            guard case .fetching(let address) = meaning else { return [] }
            return act("fetching \(SafeText.line(address, limit: 160))")
        }
        switch meaning {
        case .fetching: packages[place].fetched = 0
        case .staged(let path):
            packages[place].stage = SafeText.line(path, limit: 300)
            packages[place].fetched = nil
        case .buildSystem(_, let word): packages[place].buildSystem = SafeText.line(word, limit: 60)
        default: packages[place].fetched = nil
        }
        return .compile
    }

    private mutating func fetched(_ percent: Int) -> BuildChange {
        // Tests and tools print percents too, later.
        guard let place = current, packages[place].state == .running, packages[place].fetched != percent,
            packages[place].phase.map({ Self.fetching.contains($0.name) }) ?? true
        else { return [] }
        packages[place].fetched = percent
        return .compile
    }

    private static let fetching: Set = ["stage", "fetch", "extract", "relocate"]

    /// The package whose output is printed.
    private var builder: Int? {
        let place = followed.flatMap { packages[$0].state == .running ? $0 : nil } ?? current
        return place.flatMap { packages[$0].state == .running ? $0 : nil }
    }

    private mutating func compiling(_ file: String) -> BuildChange {
        guard let place = builder else { return [] }
        let file = SafeText.line(file, limit: 200)
        // libtool compiles a file twice, and says so once more.
        if packages[place].file == file { return [] }
        packages[place].file = file
        // Where a build tool counts, its counter is the better one.
        packages[place].compile = packages[place].compile ?? CompileProgress()
        packages[place].compile?.files += 1
        return .compile
    }

    private mutating func compiled(
        _ fraction: Double, done: Int? = nil, total: Int? = nil, file: String?
    ) -> BuildChange {
        guard let place = builder else { return [] }
        var compile = packages[place].compile ?? CompileProgress()
        if let done, let total {
            // A list of tests, a step that is taken before all others, a build within the build: the largest is the package's own.
            if total > 2 * compile.most { compile.fraction = nil }
            if total * 2 >= compile.most {
                (compile.done, compile.total) = (done, total)
                if total >= Self.fewestSteps { compile.fraction = max(compile.fraction ?? 0, min(1, fraction)) }
            }
            compile.most = max(compile.most, total)
        } else {
            compile.fraction = max(compile.fraction ?? 0, min(1, fraction))
        }
        packages[place].compile = compile
        if let file { packages[place].file = SafeText.line(file, limit: 200) }
        return .compile
    }

    /// A counter with fewer steps says nothing about how long they take.
    private static let fewestSteps = 8

    private mutating func timed(_ timings: [SpackTiming]) -> BuildChange {
        guard let place = lastDone else { return [] }
        for timing in timings {
            if timing.name == "total" {
                packages[place].told = timing.seconds
            } else if let phase = packages[place].phases.lastIndex(where: { $0.name == timing.name }) {
                packages[place].phases[phase].told = timing.seconds
            } else if packages[place].phases.count < Self.phaseLimit {
                var phase = BuildPhase(name: SafeText.line(timing.name, limit: 60))
                phase.told = timing.seconds
                packages[place].phases.append(phase)
            }
        }
        lastDone = nil
        return [.phase, .packages]
    }

    private mutating func warn(_ text: String) -> BuildChange {
        let text = SafeText.line(text, limit: 300)
        guard warnings.last != text else { return [] }
        if warnings.count >= Self.listLimit { warnings.removeFirst() }
        warnings.append(text)
        return .warnings
    }

    private mutating func act(_ text: String) -> BuildChange {
        activity = text
        return .activity
    }

    private mutating func messaged(_ text: String) -> BuildChange {
        guard current.map({ packages[$0].state != .running }) ?? true else { return [] }
        return act(SecretText.line(text, limit: 160))
    }
}
