#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The way to an HTTP service whose answers may go on for as long as there is something to tell, such as a Kubernetes watch.
public protocol HTTPStreamDoor: HTTPDoor {
    /// Asks for an answer that comes line by line.
    ///
    /// - Parameters:
    ///   - question: its deadline counts until the head of the answer is there; its body limit is the longest line, in bytes.
    ///   - patience: seconds without a byte after which the other side counts as hung.
    ///   - opened: called once, before the first line, when the answer has begun; not for one whose status is not a success.
    ///   - take: each line as it arrives, without its end; empty lines are left out. The next one is not read before it returns, so a slow
    ///     reader slows the other side down. Not called for an answer whose status is not a success.
    /// - Returns: when the other side has ended the answer properly. The body is empty, or what came with a status that is not a success.
    /// - Throws: `.cut` when it ended in the middle, `.timedOut` when nothing came for too long, `.tooLarge` for a line beyond the limit.
    func follow(
        _ question: HTTPQuestion, patience: Double, opened: @escaping @Sendable () async -> Void,
        _ take: @escaping @Sendable (Data) async -> Void
    ) async throws(UpstreamProblem) -> HTTPReply
}
