import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The packages of a log: found again by hash or name, begun, ended, and which of them are the template's.
extension BuildLog {
    /// Packages that are there: installed now or before.
    public var settledCount: Int { packages.count { $0.isSettled } }

    /// The roots that are there.
    public var settledRoots: Int { roots.count { packages[$0.package].isSettled } }

    /// The root that is being installed: as it was told, else the first that is not there yet.
    public var activeRoot: Int? { currentRoot ?? roots.indices.first { !packages[roots[$0].package].isSettled } }

    /// The packages that were met in the course of a root, without itself.
    public func dependencies(of root: Int) -> [BuildPackage] {
        packages.filter { $0.root == root && !$0.isRoot }
    }

    /// Whether the package belongs to the `spack install` that runs.
    func isInRequest(_ place: Int) -> Bool { requests[place] == request }

    func find(_ id: PackageID) -> Int? {
        if !id.hash.isEmpty {
            if let place = byHash[id.shortHash] { return place }
        } else if let place = byName[id.name], id.version.isEmpty || fits(packages[place].id, id.version) {
            return place
        }
        return nil
    }

    /// The package with this name that is being worked on. A phase line gives the name alone, and thereby says where the version begins.
    mutating func named(_ name: String) -> Int? {
        if let current, packages[current].id.name == name { return current }
        if let place = byName[name], packages[place].state == .running || packages[place].state == .failed {
            return place
        }
        if let current, packages[current].state == .running, let id = PackageID.named(name, of: packages[current].id) {
            packages[current].id = id
            byName[name] = current
            return adoptRoot(current)
        }
        return byName[name]
    }

    /// The place of a package that is new or known; nil when there are too many.
    ///
    /// - Parameter state: what a new one is.
    mutating func insert(_ id: PackageID, as state: BuildPackage.State, at now: Date) -> Int? {
        if let place = find(id) {
            // The new installer gives seven characters first and all of them with the prefix.
            if id.hash.count > packages[place].id.hash.count { packages[place].id.hash = id.hash }
            // On a narrow terminal its rows are cut.
            if id.name == packages[place].id.name, id.version.count > packages[place].id.version.count,
                id.version.hasPrefix(packages[place].id.version)
            {
                packages[place].id.version = id.version
            }
            requests[place] = request
            return place
        }
        if let place = waitingFor(id) {
            packages[place].id.hash = id.hash
            if !id.version.isEmpty { packages[place].id.version = id.version }
            register(place)
            return place
        }
        guard packages.count < Self.packageLimit else { return nil }
        var package = BuildPackage(id: id, state: state)
        package.root = activeRoot
        packages.append(package)
        register(packages.count - 1)
        if state == .running { restart(packages.count - 1, at: now) }
        return packages.count - 1
    }

    private mutating func register(_ place: Int) {
        let id = packages[place].id
        if !id.hash.isEmpty { byHash[id.shortHash] = place }
        byName[id.name] = place
        requests[place] = request
    }

    /// A root, or a package that was announced without a hash, that this one turns out to be.
    private func waitingFor(_ id: PackageID) -> Int? {
        guard !id.hash.isEmpty || packages.count > roots.count else {
            return roots.first { packages[$0.package].id.name == id.name }?.package
        }
        for root in roots where packages[root.package].id.hash.isEmpty {
            let package = packages[root.package].id
            if package.name == id.name, fits(id, package.version) { return root.package }
            if let named = PackageID.named(package.name, of: id), !package.version.isEmpty, fits(named, package.version)
            {
                return root.package
            }
        }
        guard let place = byName[id.name], packages[place].id.hash.isEmpty, !packages[place].isRoot,
            packages[place].state == .waiting || packages[place].id.version.isEmpty,
            packages[place].id.version.isEmpty || packages[place].id.version == id.version
        else { return nil }
        return place
    }

    /// Its name was read wrongly at first: it may be a root.
    private mutating func adoptRoot(_ place: Int) -> Int {
        guard !packages[place].isRoot,
            let root = roots.firstIndex(where: {
                packages[$0.package].id.hash.isEmpty && packages[$0.package].id.name == packages[place].id.name
                    && fits(packages[place].id, packages[$0.package].id.version)
            })
        else { return place }
        let target = roots[root].package
        var package = packages[place]
        package.isRoot = true
        package.root = root
        packages[target] = package
        remove(place, standsNowAt: target)
        return roots[root].package
    }

    /// Takes a package out that turned out to be another one, and lets everything that pointed behind it follow.
    private mutating func remove(_ place: Int, standsNowAt target: Int) {
        packages.remove(at: place)
        func moved(_ old: Int) -> Int {
            let new = old == place ? target : old
            return new > place ? new - 1 : new
        }
        for root in roots.indices { roots[root].package = moved(roots[root].package) }
        current = current.map(moved)
        lastDone = lastDone.map(moved)
        followed = followed.map(moved)
        requests = Dictionary(requests.map { (moved($0.key), $0.value) }) { max($0, $1) }
        byHash = [:]
        byName = [:]
        for (place, package) in packages.enumerated() {
            if !package.id.hash.isEmpty { byHash[package.id.shortHash] = place }
            byName[package.id.name] = place
        }
    }

    /// Whether a package's version is what was asked for: `3.10` means any `3.10.x`; a range means any.
    private func fits(_ id: PackageID, _ version: String) -> Bool {
        version.isEmpty || id.version == version || id.version.hasPrefix(version + ".")
            || id.version.hasPrefix(version + "-")
            || version.contains(":") || version.contains(",")
    }

    mutating func newRequest() {
        request += 1
        number = nil
        total = nil
        finished = nil
    }

    /// A package begins, or begins again.
    mutating func restart(_ place: Int, at now: Date) {
        if packages[place].state == .failed || packages[place].isSettled {
            packages[place].phases = []
            packages[place].compile = nil
            packages[place].told = nil
            packages[place].endedAt = nil
            packages[place].startedAt = nil
            for index in failures.indices where failures[index].package.flatMap({ find($0) }) == place {
                failures[index].isOver = true
            }
            outcome = .running
        }
        packages[place].state = .running
        if packages[place].startedAt == nil { packages[place].startedAt = now }
        if packages[place].isRoot, let root = packages[place].root {
            // One root may be needed by another, which goes on then.
            let isNeeded =
                currentRoot.map { [.waiting, .running].contains(packages[roots[$0].package].state) } ?? false
            if !isNeeded { currentRoot = root }
            if roots[root].startedAt == nil { roots[root].startedAt = now }
        }
    }

    /// The next phase begins and the one before ends.
    ///
    /// - Parameter offset: seconds since the package's start, where the installer tells them: they are right where the log is read later.
    mutating func begin(_ phase: String, at place: Int, _ now: Date, offset: Double? = nil) {
        if packages[place].phases.last?.name == phase, packages[place].phases.last?.endedAt == nil { return }
        if let offset, let last = packages[place].phases.indices.last, let before = packages[place].phases[last].offset
        {
            // A build that was begun anew counts from zero again.
            if offset >= before { packages[place].phases[last].told = offset - before }
        }
        endPhase(of: place, at: now)
        packages[place].compile = nil
        packages[place].file = nil
        packages[place].fetched = nil
        guard packages[place].phases.count < Self.phaseLimit else { return }
        packages[place].phases.append(BuildPhase(name: phase, startedAt: now))
        packages[place].phases[packages[place].phases.count - 1].offset = offset
    }

    func lastPhase(_ place: Int) -> Int? {
        packages[place].phases.indices.last { packages[place].phases[$0].endedAt == nil }
    }

    mutating func endPhase(of place: Int, at now: Date, hasFailed: Bool = false) {
        guard let phase = lastPhase(place) else { return }
        packages[place].phases[phase].endedAt = now
        packages[place].phases[phase].hasFailed = hasFailed
    }

    /// A package is there.
    mutating func settle(_ place: Int, as state: BuildPackage.State, at now: Date) {
        endPhase(of: place, at: now)
        packages[place].state = state
        packages[place].compile = nil
        packages[place].file = nil
        packages[place].fetched = nil
        if state == .done {
            packages[place].endedAt = now
            lastDone = place
        } else if packages[place].origin == nil {
            packages[place].origin = .installed
        }
        // What is there has not failed, whatever looked like it.
        for index in failures.indices where failures[index].package.flatMap({ find($0) }) == place {
            failures[index].isOver = true
        }
        guard packages[place].isRoot, let root = packages[place].root else { return }
        roots[root].endedAt = now
        if currentRoot == root { currentRoot = nil }
    }

    mutating func installed(_ id: PackageID, at now: Date) -> BuildChange {
        var place = find(id)
        if place == nil, id.hash.isEmpty { place = named(id.name) }
        // The package's own line says what its name is.
        if let found = place, packages[found].id.name != id.name,
            PackageID.named(id.name, of: packages[found].id) != nil
        {
            place = named(id.name) ?? found
        }
        if place == nil, id.hash.isEmpty, givesHashes { return [] }
        guard let place = place ?? insert(id, as: .running, at: now) else { return [] }
        // Other programs install things successfully too: pip says so without the arrow, a package manager perhaps with it.
        guard !id.hash.isEmpty || packages[place].state == .running else { return [] }
        settle(place, as: .done, at: now)
        clearSigns()
        conclude()
        return [.packages, .phase, .outcome]
    }

    /// `[+] PREFIX`: the end of an installation, or something that was there before.
    mutating func present(_ id: PackageID?, _ prefix: String, _ isExternal: Bool, at now: Date) -> BuildChange {
        // What Spack installs for itself is no part of the image.
        if prefix.contains("/bootstrap/store/") { return [] }
        // Builds list what they found in the same way; the classic installer gives the whole hash with it.
        if givesHashes, let current, packages[current].state == .running,
            id.map({ $0.hash.count < 32 && find($0) == nil }) ?? true
        {
            return []
        }
        guard let id else {
            if let place = lastDone, packages[place].prefix == nil {
                packages[place].prefix = SafeText.line(prefix, limit: 300)
            }
            return []
        }
        guard let place = insert(id, as: .present, at: now) else { return [] }
        if !prefix.isEmpty { packages[place].prefix = SafeText.line(prefix, limit: 300) }
        switch packages[place].state {
        case .running:
            // Binary packages end with this line alone.
            settle(place, as: .done, at: now)
        case .done: break
        case .waiting, .present, .skipped, .failed:
            packages[place].origin = isExternal ? .external : packages[place].origin ?? .installed
            settle(place, as: .present, at: now)
        }
        conclude()
        return [.packages, .phase, .outcome]
    }

    /// Where the whole stands now.
    mutating func conclude() {
        if failures.contains(where: { !$0.isOver }) {
            outcome = .failed
        } else if !roots.isEmpty, roots.allSatisfy({ packages[$0.package].isSettled }) {
            outcome = .succeeded
        } else if exitStatus == 0 || (pctl?.highest ?? 0) >= 100 {
            outcome = .succeeded
        } else {
            outcome = .running
        }
    }
}
