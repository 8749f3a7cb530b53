/// Which part of a package's time each of its phases takes. Source: wire-formats 5.2 and 5.4.
public enum PhaseShares {
    /// The phases of a package in their order, with shares that make 1.
    ///
    /// - Parameters:
    ///   - package: its phases so far and its build system tell which kind of build it is.
    ///   - usual: seconds that a phase of a package usually takes, from history; nil where nothing was recorded.
    public static func shares(
        of package: BuildPackage, usual: (_ spec: String, _ phase: String) -> Double? = { _, _ in nil }
    ) -> [(phase: String, share: Double)] {
        var plan = plan(package)
        // Phases that no build system announces, in the place where they came.
        for (index, phase) in package.phases.map(\.name).enumerated()
        where !plan.contains(where: { $0.phase == phase }) && !aside.contains(phase) {
            let before = package.phases[..<index].last { met in plan.contains { $0.phase == met.name } }
            let place = before.flatMap { met in plan.firstIndex { $0.phase == met.name } }.map { $0 + 1 } ?? 0
            plan.insert((phase, 0.1), at: place)
        }
        let known = plan.map { usual(package.spec, $0.phase) }
        if known.contains(where: { ($0 ?? 0) > 0 }) {
            plan = zip(plan, known).map { ($0.phase, max($1 ?? 0, 0)) }
        }
        let sum = plan.reduce(0) { $0 + $1.share }
        return sum > 0 ? plan.map { ($0.phase, $0.share / sum) } : plan
    }

    /// What is done before and after the phases; it takes no share of its own.
    private static let aside: Set = ["stage", "post-install", "fetch", "search"]

    private static func plan(_ package: BuildPackage) -> [(phase: String, share: Double)] {
        if package.origin == .binary { return [("fetch", 0.5), ("extract", 0.2), ("relocate", 0.2), ("install", 0.1)] }
        let phases = Set(package.phases.map(\.name))
        let system = package.buildSystem ?? ""
        if phases.contains("autoreconf") || system.hasPrefix("Autotools") {
            return [("autoreconf", 0.02), ("configure", 0.08), ("build", 0.8), ("install", 0.1)]
        }
        if phases.contains("cmake") || system.hasPrefix("CMake") || system.hasPrefix("Cuda") || system.hasPrefix("ROCm")
        {
            return [("cmake", 0.06), ("build", 0.84), ("install", 0.1)]
        }
        if phases.contains("meson") || system.hasPrefix("Meson") {
            return [("meson", 0.06), ("build", 0.84), ("install", 0.1)]
        }
        if phases.contains("edit") || system.contains("Makefile") {
            return [("edit", 0.01), ("build", 0.84), ("install", 0.15)]
        }
        if phases.contains("qmake") { return [("qmake", 0.05), ("build", 0.85), ("install", 0.1)] }
        if phases.contains("configure") { return [("configure", 0.15), ("build", 0.7), ("install", 0.15)] }
        if phases.contains("bootstrap") {
            return [("bootstrap", 0.1), ("configure", 0.1), ("build", 0.65), ("install", 0.15)]
        }
        // R, Go, SCons and the like: what builds takes the time.
        if phases.contains("build") { return [("build", 0.85), ("install", 0.15)] }
        // Python, R, bundles and all that do everything at once.
        if phases.contains("install") || !system.isEmpty { return [("install", 1)] }
        return [("autoreconf", 0.02), ("configure", 0.08), ("build", 0.8), ("install", 0.1)]
    }
}
