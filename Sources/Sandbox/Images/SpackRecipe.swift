/// One package as the sandbox's Spack knows it, built on 16 cores.
struct SpackRecipe: Sendable {
    /// How it is built, and so which phases it goes through.
    enum System: Sendable {
        case autotools, cmake, makefile
        /// gcc: nearly all of its time goes into `build`.
        case compiler
        /// CMake itself builds its own beginning first.
        case bootstrapped
        /// OpenFOAM and Perl have a configure step, but no autoreconf.
        case configured
        /// Files that are only copied.
        case bundle

        /// The phases in their order, with shares of the time that make 1. Source of the names: wire-formats 5.2.
        var phases: [(name: String, share: Double)] {
            switch self {
            case .autotools: Self.autotoolsPhases
            case .cmake: Self.cmakePhases
            case .makefile: Self.makefilePhases
            case .compiler: Self.compilerPhases
            case .bootstrapped: Self.bootstrappedPhases
            case .configured: Self.configuredPhases
            case .bundle: Self.bundlePhases
            }
        }

        private static let autotoolsPhases = [
            (name: "autoreconf", share: 0.002), ("configure", 0.128), ("build", 0.74), ("install", 0.13),
        ]
        private static let cmakePhases = [(name: "cmake", share: 0.06), ("build", 0.86), ("install", 0.08)]
        private static let makefilePhases = [(name: "edit", share: 0.002), ("build", 0.878), ("install", 0.12)]
        private static let compilerPhases = [
            (name: "autoreconf", share: 0.0003), ("configure", 0.0357), ("build", 0.944), ("install", 0.02),
        ]
        private static let bootstrappedPhases = [(name: "bootstrap", share: 0.3), ("build", 0.64), ("install", 0.06)]
        private static let configuredPhases = [(name: "configure", share: 0.02), ("build", 0.93), ("install", 0.05)]
        private static let bundlePhases = [(name: "install", share: 1.0)]
    }

    let name: String
    /// The newest that Spack 0.21 knows, or of those that templates ask for.
    let version: String
    let system: System
    /// Usual time from source, without fetching.
    let seconds: Double
    /// Megabytes of the archive, of the stage when it is built, and installed.
    let archive: Double
    let stage: Double
    let size: Double
    /// All that must be there before it, each behind what it needs itself.
    let needs: [String]

    /// - Parameter spec: as a template writes it, `python@3.10`; an unknown name is a small library.
    static func resolve(_ spec: String) -> (recipe: SpackRecipe, version: String) {
        let name = String(spec.prefix { !"@+~% ".contains($0) })
        let asked =
            spec.dropFirst(name.count).first == "@"
            ? String(spec.dropFirst(name.count + 1).prefix { !"+~% ".contains($0) }) : ""
        let recipe =
            all[name]
            ?? SpackRecipe(
                name: name, version: "1.0.0", system: .autotools, seconds: 30, archive: 1, stage: 20, size: 4, needs: []
            )
        return (recipe, asked.isEmpty || recipe.version.hasPrefix(asked) ? recipe.version : asked)
    }

    /// 32 characters that belong to a package and its version, as Spack's hashes look.
    static func hash(_ name: String, _ version: String) -> String {
        var chance = SeededGenerator(named: "spack/\(name)@\(version)", seed: 0)
        let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        let bytes = (0..<32).map { _ in letters[Int(chance.next() >> 59)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
