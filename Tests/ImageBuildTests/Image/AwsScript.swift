import Fleet
import Foundation
import Synchronization
import TestSupport
import Upstream

/// An `aws` and a shell that answer by the words of a question, one answer after the other; the last one is given again.
final class AwsScript: CommandDoor {
    enum Answer: Sendable {
        case says(String)
        case refuses(String)
        case problem(CommandProblem)
    }

    private struct State {
        var answers: [(words: String, answers: [Answer])] = []
        var asked: [Command] = []
    }

    private let state = Mutex(State())

    /// The words of an operation stand for all questions that hold them; what was set last comes first.
    func set(_ words: String, _ answers: Answer...) {
        state.withLock { state in
            state.answers.removeAll { $0.words == words }
            state.answers.insert((words, answers), at: 0)
        }
    }

    var asked: [Command] { state.withLock { $0.asked } }

    func count(_ words: String) -> Int {
        asked.count { ([$0.program] + $0.arguments).joined(separator: " ").contains(words) }
    }

    /// The error output of `aws` for a refusal of AWS.
    static func error(_ code: String, _ operation: String, _ message: String = "no") -> Answer {
        .refuses("\nAn error occurred (\(code)) when calling the \(operation) operation: \(message)\n")
    }

    func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
        let line = ([command.program] + command.arguments).joined(separator: " ")
        let answer = state.withLock { state -> Answer in
            state.asked.append(command)
            guard let place = state.answers.firstIndex(where: { line.contains($0.words) }) else {
                return .problem(.missing)
            }
            let answers = state.answers[place].answers
            return answers.count > 1 ? state.answers[place].answers.removeFirst() : answers[0]
        }
        switch answer {
        case .says(let text): return CommandResult(status: 0, output: Data(text.utf8))
        case .refuses(let errors): return CommandResult(status: 254, output: Data(), errors: errors)
        case .problem(let problem): throw problem
        }
    }

    func converse(
        _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws(CommandProblem) { throw .missing }

    // MARK: what AWS says

    static func image(
        _ id: String, _ state: String, name: String = "starter-b-1", build: String = "b-1",
        snapshot: String? = "snap-1",
        reason: String? = nil
    ) -> String {
        let disk = snapshot.map { #"{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "\#($0)"}}"# } ?? ""
        let why = reason.map { #", "StateReason": {"Code": "x", "Message": "\#($0)"}"# } ?? ""
        return """
            {"Images": [{"ImageId": "\(id)", "Name": "\(name)", "State": "\(state)"\(why), "BlockDeviceMappings": [\(disk)],
              "Tags": [{"Key": "slipway:build", "Value": "\(build)"}]}]}
            """
    }

    static let noImages = #"{"Images": []}"#

    static func snapshot(_ progress: String) -> Answer { .says(#"{"Snapshots": [{"Progress": "\#(progress)"}]}"#) }

    /// All is well: an instance with its role, a name that is free, a permission that is there.
    static func ready() -> AwsScript {
        let script = AwsScript()
        script.set("instance-identity", .says(identity))
        script.set("echo synced", .says("synced\n"))
        script.set("sts get-caller-identity", .says("{}"))
        script.set("--owners self", .says(noImages))
        script.set("create-image", .says(#"{"ImageId": "ami-1"}"#))
        script.set("--dry-run", error("DryRunOperation", "CreateImage", "Request would have succeeded"))
        return script
    }

    static let identity = """
        Welcome to this machine.
        slipway-identity found
        {"instanceId": "i-0aa11bb22cc33dd44", "region": "eu-west-1", "accountId": "1"}
        slipway-identity end

        """
}

/// A clock on which sleeping takes no time: it jumps.
final class JumpingTime: Sendable {
    private let state = Mutex(0.0)

    /// Seconds that were slept.
    var elapsed: Double { state.withLock { $0 } }

    var source: TimeSource {
        TimeSource(
            now: { ManualTime.start.addingTimeInterval(self.elapsed) }, uptime: { self.elapsed },
            sleep: { seconds in
                try Task.checkCancellation()
                self.state.withLock { $0 += seconds }
            })
    }
}
