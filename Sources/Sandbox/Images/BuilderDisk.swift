/// What lies on a builder's disk at any age of a build. Kilobytes of 1024 bytes.
struct BuilderDisk: Sendable {
    private let plan: BuildPlan
    private let system: Double
    /// Of the whole file system.
    let total: Int
    private let before: Double
    private let installs: [PackageInstall]

    /// Of an archive when it is unpacked.
    private static let unpacked = 4.5
    private static let megabyte = 1024.0
    /// Spack itself, its repositories and its database, in megabytes.
    private static let spack: Double = 480

    init(of life: BuilderLife) {
        plan = life.plan
        let disk = life.plan.fate == .good ? life.builder.enlarged ?? life.builder.disk : life.builder.disk
        total = Int(disk * Self.megabyte * Self.megabyte)
        system = life.builder.system * Self.megabyte
        before = life.builder.installed.reduce(0) { $0 + SpackRecipe.resolve($1).recipe.size }
        installs = life.plan.roots.flatMap(\.packages).filter { $0.way == .source || $0.way == .binary }
    }

    /// Everything on it.
    func used(at age: Double) -> Int {
        min(total, Int((system + tree(at: age) + cache(at: age) + stageSize(at: age)) * Self.megabyte))
    }

    /// The most that is ever on it: at the end of one of the large builds.
    var highest: Int {
        let ages = installs.lazy.filter { $0.recipe.stage > 300 }.flatMap(\.phases).map(\.ends)
        return ages.map { used(at: $0 - 0.01) }.max() ?? used(at: plan.ends)
    }

    /// Below the folder that Spack installs into, and below that in which it builds.
    func heldByTree(at age: Double) -> Int { Int(tree(at: age) * Self.megabyte) }
    func heldByStage(at age: Double) -> Int { min(total, Int(stageSize(at: age) * Self.megabyte)) }

    private func tree(at age: Double) -> Double {
        installs.reduce(before + Self.spack) { sum, install in
            guard age >= install.starts, !install.hasFailed else { return sum }
            guard age < install.ends else { return sum + install.recipe.size }
            guard let last = install.phases.last, age > last.starts else { return sum }
            return sum + install.recipe.size * (age - last.starts) / (last.ends - last.starts)
        }
    }

    /// Archives are kept.
    private func cache(at age: Double) -> Double {
        installs.reduce(0) { $0 + ($1.way == .source && age >= $1.staged ? $1.recipe.archive : 0) }
    }

    private func stageSize(at age: Double) -> Double {
        guard let install = installs.last(where: { age >= $0.starts }), age < install.ends || install.hasFailed else {
            return 0
        }
        let recipe = install.recipe
        let fetched = min(1, (age - install.starts) / max(0.1, install.staged - install.starts))
        if install.way == .binary { return recipe.size / 4 * fetched }
        let fresh = min(recipe.stage, recipe.archive * Self.unpacked)
        guard age >= install.staged,
            let build = install.phases.first(where: { $0.name == "build" || $0.name == "install" })
        else { return fresh * fetched }
        let done = min(1, max(0, (age - build.starts) / (build.ends - build.starts)))
        return fresh + (full(install, build, fresh) - fresh) * done
    }

    /// What its stage has come to at the end of its build: where the disk is to fill, all that is left of that.
    private func full(_ install: PackageInstall, _ build: PackageInstall.Phase, _ fresh: Double) -> Double {
        guard install.hasFailed, plan.fate == .fullDisk(install.recipe.name) else { return install.recipe.stage }
        return Double(total) / Self.megabyte - system - tree(at: build.starts) - cache(at: build.starts)
    }
}
