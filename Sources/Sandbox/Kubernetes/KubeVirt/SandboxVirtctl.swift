import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Stands in for `virtctl` in the sandbox, whose machines have no guest that could be logged in to: whatever is asked, the control plane
/// has just been set up, its first boot is over, and it says how a worker joins it.
public struct SandboxVirtctl: CommandDoor {
    private static let answer =
        "status: done\nkubeadm join 10.244.0.2:6443 --token 0s4ndb.0xs4ndb0x0s4ndb0 --discovery-token-ca-cert-hash sha256:0a1b2c3d\n"

    public init() {}

    public func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
        CommandResult(status: 0, output: Data(Self.answer.utf8))
    }

    public func converse(
        _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws(CommandProblem) { throw .missing }
}
