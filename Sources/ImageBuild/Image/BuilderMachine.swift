import Fleet
import Synchronization
import Upstream

/// The machine that builds, as far as an image of it is concerned: which instance it is, and writing its disks. The same scripts run here
/// and behind ssh.
public struct BuilderMachine: Sendable {
    /// Seconds that it may take to say which instance it is: two questions of 2 s, behind ssh.
    private static let deadline: Double = 30
    /// Seconds that writing everything to the disks may take.
    private static let syncDeadline: Double = 300
    private static let largest = 1 << 16

    /// How it is reached; nil for this machine.
    public let line: SSHLine?
    private let commands: any CommandDoor
    private let time: TimeSource

    public init(line: SSHLine? = nil, commands: any CommandDoor, time: TimeSource) {
        self.line = line
        self.commands = commands
        self.time = time
    }

    /// `this machine`, `builder@10.0.0.7`
    var word: String { line.map { SafeText.line($0.host, limit: 80) } ?? "this machine" }

    /// Which instance it is; nil if it is none.
    func identity() async throws(UpstreamProblem) -> InstanceIdentity? {
        try InstanceIdentity.read(
            try await run(InstanceIdentity.script, deadline: Self.deadline, isWhole: InstanceIdentity.isWhole))
    }

    /// Writes everything to the disks, so that an image that is taken of the running machine holds it.
    func sync() async throws(UpstreamProblem) {
        let answer = try await run("sync\necho synced\nexit 0\n", deadline: Self.syncDeadline) {
            $0.hasSuffix("synced\n")
        }
        guard answer.hasSuffix("synced\n") else {
            throw UpstreamProblem(
                .cut, "The disks of \(word) could not be written before the image.",
                advice: "It is tried again by itself.")
        }
    }

    // MARK: scripts

    private func run(
        _ script: String, deadline: Double, isWhole: @escaping @Sendable (String) -> Bool
    ) async throws(UpstreamProblem) -> String {
        if let line { return try await far(script, line, deadline: deadline, isWhole: isWhole) }
        do throws(CommandProblem) {
            let result = try await commands.run(
                Command("/bin/sh", ["-c", script]), deadline: deadline, limit: Self.largest)
            return String(decoding: result.output, as: UTF8.self)
        } catch {
            if case .timedOut(let seconds) = error {
                throw UpstreamProblem(
                    .timedOut, "The shell did not end within \(DurationText.short(seconds)).",
                    advice: "It is tried again by itself.")
            }
            throw UpstreamProblem(
                .misconfigured, "The shell could not be run: \(error).", advice: "Check /bin/sh on this machine.")
        }
    }

    private struct Enough: Error {}

    private func far(
        _ script: String, _ line: SSHLine, deadline: Double, isWhole: @escaping @Sendable (String) -> Bool
    ) async throws(UpstreamProblem) -> String {
        if let fault = line.fault { throw UpstreamProblem(.misconfigured, fault, advice: "Correct --on.") }
        let heard = Heard()
        let (commands, time) = (self.commands, self.time)
        let ended = await withTaskGroup(of: CommandProblem?.self) { group in
            group.addTask { @Sendable in
                do throws(CommandProblem) {
                    try await commands.converse(line.shell) { talk in
                        try await talk.write([UInt8](script.utf8))
                        do { try await talk.read { if isWhole(heard.add($0)) { throw Enough() } } } catch is Enough {}
                    }
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask {
                try? await time.sleep(deadline)
                return .timedOut(deadline)
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        let text = heard.add([])
        if isWhole(text) { return text }
        switch ended {
        case .missing:
            throw UpstreamProblem(
                .misconfigured, "There is no program ssh on this machine.", advice: "Install openssh-client.")
        case .timedOut(let seconds):
            throw UpstreamProblem(
                .timedOut, "\(word) did not answer within \(DurationText.short(seconds)).",
                advice: "Check the network; it is tried again by itself.")
        case nil, .tooLarge, .failed: throw await line.reason(commands)
        }
    }

    private final class Heard: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        func add(_ more: [UInt8]) -> String {
            bytes.withLock { bytes in
                if bytes.count < BuilderMachine.largest { bytes += more }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }
}
