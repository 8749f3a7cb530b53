/// All packages of one build, with the ages at which they begin and end. Ages are seconds since the build's start.
struct BuildPlan: Sendable {
    /// One `spack install`.
    struct Root: Sendable {
        let outline: BuildOutline.Root
        let begins: Double
        let packages: [PackageInstall]
        let ends: Double

        var spec: String { outline.spec }
        var status: Int { outline.status }
    }

    let outline: BuildOutline
    private(set) var roots: [Root] = []
    /// When the driver has ended.
    private(set) var ends = 0.0

    var packages: [String] { outline.packages }
    var fate: SandboxBuilder.Fate { outline.fate }
    /// Spack's exit status when there is no room left. Source: wire-formats 13.2.
    static let diskFull = 3

    /// The driver's exit status is that of the Spack that failed.
    var status: Int { outline.roots.last?.status ?? 0 }
    /// The package that stopped it.
    var failed: PackageInstall? { roots.last?.packages.last.flatMap { $0.hasFailed ? $0 : nil } }

    init(_ outline: BuildOutline, chance: SeededGenerator) {
        self.outline = outline
        var chance = chance
        // Quiet at first: the driver samples the machine.
        var age = 0.4
        for root in outline.roots {
            let begins = age
            // Spack says nothing while it concretizes.
            age += 4.2 + 0.9 * chance.unit()
            let packages = root.steps.map { step -> PackageInstall in
                guard step.way == .source || step.way == .binary else { return PackageInstall(step, at: age) }
                // Bounded, so that no package is ever slow by mere chance.
                let spread = step.pace != 1 ? 0 : step.recipe.system == .compiler ? 0.05 : 0.08
                let install = PackageInstall(step, at: age, scatter: 1 + (chance.unit() * 2 - 1) * spread)
                age = install.ends + 0.1
                return install
            }
            age += 0.4
            roots.append(Root(outline: root, begins: begins, packages: packages, ends: age))
            age += 0.2
        }
        // `spack find` takes its time.
        ends = age + (status == 0 ? 1.8 : 0.1)
    }

    /// Whether the compilers are at work.
    func isCompiling(at age: Double) -> Bool {
        guard let root = roots.last(where: { $0.begins <= age }),
            let package = root.packages.last(where: { $0.starts <= age }), package.way == .source, age < package.ends
        else { return false }
        return package.phases.contains { $0.name == "build" && age >= $0.starts && age < $0.ends }
    }
}
