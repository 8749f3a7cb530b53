import Fleet
import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes what driver, sampler, Spack and the build tools say, line by line and each at its age.
struct BuilderScript {
    let life: BuilderLife
    private(set) var bytes: [UInt8] = []
    private(set) var lines: [(age: Double, end: Int)] = []
    var chance: SeededGenerator
    private let disk: BuilderDisk
    private var samples = 0

    /// Seconds between two samples of the machine.
    private static let period: Double = 15
    /// When the first sample is there.
    private static let firstSample = 0.3
    /// Kilobytes of the builders' memory.
    private static let memory = 32 * 1024 * 1024
    /// The shares of it that are used while compilers work, and otherwise; chance adds up to the third.
    private static let shares = (busy: 0.3, quiet: 0.07, chance: 0.05)
    static let highestMemory = Int(Double(memory) * (shares.busy + shares.chance))

    init(of life: BuilderLife) {
        self.life = life
        disk = BuilderDisk(of: life)
        chance = SeededGenerator(named: "log/\(life.id)", seed: UInt64(life.builder.name.utf8.count))
    }

    mutating func write() {
        let plan = life.plan
        let total = plan.packages.count
        say(.started(id: life.id, total: total), at: 0)
        for (index, root) in plan.roots.enumerated() {
            say(.begin(number: index + 1, total: total, spec: root.spec), at: root.begins)
            if root.packages.isEmpty {
                add(SpackFailure.conflict(root.spec), at: root.ends - 0.1)
            } else {
                for (place, package) in root.packages.enumerated() {
                    install(package, number: place + 1, of: root.packages.count, root: root)
                }
            }
            say(.end(number: index + 1, total: total, status: root.status, spec: root.spec), at: root.ends)
        }
        if plan.status == 0, let last = plan.packages.last { say(.verified(spec: last), at: plan.ends) }
        say(.over(status: plan.status), at: plan.ends)
    }

    /// Lines with a line end each; the samples that are due before them stand in front of them.
    mutating func add(_ text: String, at age: Double) {
        sample(until: age)
        bytes.append(contentsOf: text.utf8)
        bytes.append(0x0A)
        // Never before a line that stands above it.
        lines.append((max(age, lines.last?.age ?? age), bytes.count))
    }

    mutating func add(_ block: [String], at age: Double) {
        for line in block { add(line, at: age) }
    }

    func date(_ age: Double) -> Date { life.date(age) }

    private mutating func say(_ event: DriverMarker.Event, at age: Double) {
        add(DriverMarker(event, at: date(age)).line, at: age)
    }

    /// As the driver's sampler writes them: disks every time, what the stage holds every fourth time, the tree every fortieth.
    private mutating func sample(until age: Double) {
        while Self.firstSample + Double(samples) * Self.period <= age {
            let at = Self.firstSample + Double(samples) * Self.period
            let turn = samples
            samples += 1
            let used = disk.used(at: at)
            for place in ["/", SandboxBuilder.tree, SandboxBuilder.stage] {
                say(.disk(used: used, total: disk.total, place: place), at: at)
            }
            if turn % 4 == 0 { say(.held(disk.heldByStage(at: at), place: SandboxBuilder.stage), at: at) }
            if turn % 40 == 4 { say(.held(disk.heldByTree(at: at), place: SandboxBuilder.tree), at: at) }
            let compiles = life.plan.isCompiling(at: at)
            let share = (compiles ? Self.shares.busy : Self.shares.quiet) + Self.shares.chance * chance.unit()
            say(.memory(used: Int(Double(Self.memory) * share), total: Self.memory), at: at)
            say(.load((((compiles ? 14.6 : 0.9) + 2 * chance.unit()) * 100).rounded() / 100), at: at)
        }
    }
}
