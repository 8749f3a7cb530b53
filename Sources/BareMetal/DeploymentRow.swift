#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One line of a node's `deployment_history`.
public struct DeploymentRow: Sendable, Equatable {
    /// Which of the two reporting channels wrote it.
    public enum Channel: String, Sendable {
        /// `POST /api/status/phase`
        case phase
        /// `POST /api/installation/status`
        case installer
    }

    public var phase: String
    public var status: String
    public var message: String
    public var at: Date
    public var channel: Channel

    public init(phase: String, status: String, message: String, at: Date, channel: Channel = .phase) {
        self.phase = phase
        self.status = status
        self.message = message
        self.at = at
        self.channel = channel
    }
}
