#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When and from which chance the sandbox's AWS began; all else follows from these two.
struct SandboxTime: Sendable {
    let beginning: Date
    let seed: UInt64

    /// Seconds since the world began, when the demo's screen opens: the clock is made that far in the past, and makes
    /// up for it first.
    static let opening = 2 * SandboxWorld.past
}
