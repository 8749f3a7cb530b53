/// How one package comes to be there in a build. Ages are seconds since the build's start.
struct PackageInstall: Sendable {
    enum Way: Sendable { case external, present, binary, source }

    struct Phase: Sendable {
        let name: String
        let starts: Double
        let ends: Double
    }

    /// What is the same in every life. A class, because there are thousands of references to each.
    final class Step: Sendable {
        let recipe: SpackRecipe
        let version: String
        let way: Way
        /// How many times its usual time it takes.
        let pace: Double
        /// The phase in which it fails, and after which share of that.
        let failure: (phase: Int, share: Double)?
        /// Usual seconds until its archive, or its binary, is fetched and unpacked, and from then until it is there or fails.
        let staging: Double
        let working: Double

        init(
            _ recipe: SpackRecipe, _ version: String, _ way: Way, pace: Double = 1,
            failure: (phase: Int, share: Double)? = nil
        ) {
            self.recipe = recipe
            self.version = version
            self.way = way
            self.pace = pace
            self.failure = failure
            switch way {
            case .external, .present: (staging, working) = (0, 0)
            case .binary:
                // A binary is about a quarter of what it becomes.
                (staging, working) = (1.6 + recipe.size / 4 / Self.network, 2.4 + recipe.size / 60)
            case .source:
                staging = 0.9 + recipe.archive * (1 / Self.network + 1 / Self.unpacking)
                let phases = recipe.system.phases
                let share =
                    failure.map { failure in
                        phases[..<failure.phase].reduce(0) { $0 + $1.share } + phases[failure.phase].share
                            * failure.share
                    } ?? 1
                working = recipe.seconds * share
            }
        }

        /// Megabytes a second.
        private static let network: Double = 38
        private static let unpacking: Double = 60
    }

    let step: Step
    let starts: Double
    let staged: Double
    let ends: Double
    private let pace: Double

    /// - Parameter scatter: around 1, by chance.
    init(_ step: Step, at age: Double, scatter: Double = 1) {
        self.step = step
        pace = step.pace * scatter
        starts = age
        staged = age + step.staging * pace
        ends = staged + step.working * pace
    }

    var recipe: SpackRecipe { step.recipe }
    var version: String { step.version }
    var way: Way { step.way }
    /// Whether it fails at its end, in the last of its phases.
    var hasFailed: Bool { step.failure != nil }
    var hash: String { SpackRecipe.hash(recipe.name, version) }
    var id: String { "\(recipe.name)-\(version)-\(hash)" }
    var spec: String { "\(recipe.name)@\(version)" }

    /// What Spack does behind the last phase, in seconds; it is part of that here.
    var finishing: Double { 0.2 + recipe.size / 900 }

    /// Of a binary there are none.
    var phases: [Phase] {
        guard way == .source else { return [] }
        var start = staged
        return recipe.system.phases.prefix(step.failure.map { $0.phase + 1 } ?? .max).map { phase in
            let end = start + recipe.seconds * pace * phase.share
            defer { start = end }
            return Phase(name: phase.name, starts: start, ends: min(end, ends))
        }
    }
}
