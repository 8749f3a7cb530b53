import Fleet
import Upstream

/// A seeded world of nodes. The same seed and number of nodes give the same names, tempers and durations.
public struct SandboxWorld: Sendable {
    /// How long before the first look the world begins, in seconds of its own clock.
    public static let past: Double = 3000

    private let nodes: [SandboxNode]

    /// - Parameters:
    ///   - door: the way to the status service that the nodes report to.
    ///   - time: the clock the nodes live by; its speed is the demo's.
    public init(door: any HTTPDoor, time: TimeSource, seed: UInt64, count: Int = 18) {
        var chance = SeededGenerator(seed: seed)
        nodes = (0..<max(0, count)).map { index in
            // Every temper is there from five nodes on; most are steady.
            let tempers: [NodeScript.Temper] = [
                .steady, .slow, .steady, .failing, .steady, .silent, .recovering, .steady,
            ]
            return SandboxNode(
                name: "rack\(index / 6 + 1)-u\(index % 6 * 2 + 10)",
                address: "10.240.\(index / 200).\(index % 200 + 11)",
                profile: index / 6 % 2 == 0 ? "bx2d-metal-48x192" : "bx2d-metal-96x384",
                temper: tempers[index % tempers.count], delay: Double(index % 9) * 330 * chance.factor(spread: 0.2),
                door: door, time: time, chance: SeededGenerator(seed: chance.next()))
        }
    }

    /// Lives until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { await node.live() } }
        }
    }
}
