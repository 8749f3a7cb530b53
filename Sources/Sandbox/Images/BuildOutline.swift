/// What a builder does in lives of one fate, without times: which package comes from where, in which order.
struct BuildOutline: Sendable {
    /// One `spack install`.
    struct Root: Sendable {
        let spec: String
        /// In the order in which Spack comes to them; the last is the one that was asked for. None where it finds no solution.
        let steps: [PackageInstall.Step]
        /// Spack's exit status.
        let status: Int
    }

    let packages: [String]
    let fate: SandboxBuilder.Fate
    private(set) var roots: [Root] = []

    /// The share of the build phase that goes by until there is no room left.
    private static let shareUntilFull = 0.8
    /// The share of the first phase that goes by until it has missed what it needs.
    private static let shareUntilMissed = 0.8

    init(of builder: SandboxBuilder, fate: SandboxBuilder.Fate) {
        self.fate = fate
        packages = builder.packages(when: fate)
        var there = builder.installed
        for spec in packages {
            guard fate != .conflict else {
                roots = [Root(spec: spec, steps: [], status: 1)]
                return
            }
            let root = SpackRecipe.resolve(spec)
            var steps: [PackageInstall.Step] = []
            for name in root.recipe.needs {
                let (recipe, version) = SpackRecipe.resolve(name)
                steps.append(
                    PackageInstall.Step(
                        recipe, builder.version(of: name) ?? version, way(of: name, builder, there)))
                there.insert(name)
            }
            let name = root.recipe.name
            let way = way(of: name, builder, there)
            steps.append(
                PackageInstall.Step(
                    root.recipe, root.version, way, pace: pace(of: name),
                    failure: way == .source ? failure(of: root.recipe) : nil))
            there.insert(name)
            let hasFailed = steps.last?.failure != nil
            roots.append(
                Root(spec: spec, steps: steps, status: hasFailed ? fate == .failing(name) ? 1 : BuildPlan.diskFull : 0))
            if hasFailed { return }
        }
    }

    private func way(of name: String, _ builder: SandboxBuilder, _ there: Set<String>) -> PackageInstall.Way {
        if SandboxBuilder.externals.contains(name) { return .external }
        if there.contains(name) { return .present }
        return builder.cached.contains(name) ? .binary : .source
    }

    private func pace(of name: String) -> Double {
        if case .slow(name, let factor) = fate { return factor }
        return 1
    }

    private func failure(of recipe: SpackRecipe) -> (phase: Int, share: Double)? {
        switch fate {
        case .failing(recipe.name): return (0, Self.shareUntilMissed)
        case .fullDisk(recipe.name):
            return recipe.system.phases.firstIndex { $0.name == "build" }.map { ($0, Self.shareUntilFull) }
        default: return nil
        }
    }
}
