import ArgumentParser
import Foundation

/// Measures the built program from outside, as a person and a node meet it, and says which budgets it misses.
@main
struct SlipwayBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slipway-bench", abstract: "Measure the budgets of slipway in a terminal of 200x50.",
        discussion: "Exit status: 0 all budgets hold, 1 one is missed or could not be measured, 2 usage.")

    enum Group: String, CaseIterable, ExpressibleByArgument {
        case key, start, idle, bytes, memory, change, ingest, clusters, deployments, pool, images, attach, agent,
            recording
    }

    @Option(help: "The program; the one that was built beside this one without it.")
    var program: String?

    @Option(
        parsing: .upToNextOption, help: "Measure only these: \(Group.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var only: [Group] = []

    @Option(help: "Sizes of the fleet, divided by commas.")
    var nodes: String?

    @Option(help: "Minutes for which the memory is watched.")
    var minutes = 2.0

    @Flag(help: "One fleet of 1,000 nodes, fewer keys, shorter waits, nothing to compare with: a look, not a verdict.")
    var quick = false

    /// The bench is also what stands in for `ssh`.
    static func main() {
        if let relay = LinkRelay() { Foundation.exit(relay.run()) }
        main(nil)
    }

    func validate() throws {
        guard minutes > 0 else { throw ValidationError("--minutes must be above 0.") }
        guard sizes.allSatisfy({ (1...50_000).contains($0) }), !sizes.isEmpty else {
            throw ValidationError("--nodes takes numbers from 1 to 50000, for example 24,5000.")
        }
    }

    func run() throws {
        // A program that leaves while it is written to must not end the bench.
        signal(SIGPIPE, SIG_IGN)
        do {
            let program = try path()
            let plan = Plan(
                program: program, groups: groups, sizes: sizes,
                minutes: quick ? 0.1 : minutes, isQuick: quick)
            print("before: \(Noise().text)")
            let results = try plan.run()
            print(results.text)
            print("after: \(Noise().text)")
            if results.isMissed { throw ExitCode(1) }
        } catch let problem as BenchProblem {
            FileHandle.standardError.write(Data("slipway-bench: \(problem)\n".utf8))
            throw ExitCode(1)
        }
    }

    /// The cost of a change takes two fleets and two minutes: too long for a look.
    private var groups: Set<Group> {
        only.isEmpty ? Set(Group.allCases).subtracting(quick ? [.change] : []) : Set(only)
    }

    private var sizes: [Int] {
        (nodes ?? (quick ? "1000" : "24,5000")).split(separator: ",").map { Int($0) ?? 0 }
    }

    private func path() throws -> String {
        let found =
            program ?? Bundle.main.executableURL?.deletingLastPathComponent().appendingPathComponent("slipway").path
            ?? ""
        guard access(found, X_OK) == 0 else {
            throw BenchProblem(
                "There is no program \(found). Build it with `swift build -c release --product slipway`, or name it with --program."
            )
        }
        return URL(fileURLWithPath: found).path
    }
}
