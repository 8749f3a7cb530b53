#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The most characters (Unicode scalars) that a posted text may have; a longer one is refused.
///
/// `phase` and `status` are as wide as the orchestrator's columns. Texts are stored and answered as they were sent: JSON escapes
/// control characters, whoever shows or logs them makes them harmless.
enum DeploymentLimits {
    static let phase = 100
    static let status = 50
    static let message = 4000
    static let name = 200
}

/// The body of `POST /api/status/phase`: a node says what it is doing.
public struct DeploymentReport: Sendable, Equatable, Codable {
    public var serverIP: DeploymentAddress
    /// Any word; the known ones are in `PhasePlan`.
    public var phase: String
    /// `in_progress`, `success`, `failed`, or any other word.
    public var status: String
    public var message: String
    /// The cloud's word for the state of the machine, when the sender knows it; it becomes a history row of its own.
    public var serverStatus: String?

    private enum CodingKeys: String, CodingKey {
        case serverIP = "server_ip"
        case phase, status, message
        case serverStatus = "server_status"
    }

    public init(
        serverIP: DeploymentAddress, phase: String, status: String, message: String, serverStatus: String? = nil
    ) {
        self.serverIP = serverIP
        self.phase = phase
        self.status = status
        self.message = message
        self.serverStatus = serverStatus
    }

    public init(from decoder: any Decoder) throws {
        let fields = try DeploymentFields(decoder)
        serverIP = try fields.address("server_ip")
        phase = try fields.text("phase", limit: DeploymentLimits.phase)
        status = try fields.text("status", limit: DeploymentLimits.status)
        message = try fields.text("message", limit: DeploymentLimits.message)
        serverStatus = try fields.optionalText("server_status", limit: DeploymentLimits.status)
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(serverIP.text, forKey: .serverIP)
        try box.encode(phase, forKey: .phase)
        try box.encode(status, forKey: .status)
        try box.encode(message, forKey: .message)
        try box.encodeIfPresent(serverStatus, forKey: .serverStatus)
    }

    /// What `nodes.deployment_status` becomes while the deployment is not over: `<phase>_<status>`.
    var word: String { "\(phase)_\(status)" }
}

/// The body of `POST /api/installation/status`, the installer's own channel: a number or a word, and a text.
public struct DeploymentInstallerReport: Sendable, Equatable, Decodable {
    /// How the installer says which node it runs on.
    public enum Node: Sendable, Equatable {
        case id(Int)
        case address(DeploymentAddress)
    }

    public enum Step: Sendable, Equatable {
        case number(Int)
        case word(String)
    }

    public var node: Node
    public var step: Step
    public var message: String

    public init(node: Node, step: Step, message: String) {
        self.node = node
        self.step = step
        self.message = message
    }

    public init(from decoder: any Decoder) throws {
        let fields = try DeploymentFields(decoder)
        guard fields.has("node_id") || fields.has("management_ip"), fields.has("phase"), fields.has("message") else {
            throw DeploymentError.invalid(
                "Missing required fields: either node_id or management_ip, plus phase and message")
        }
        if fields.has("node_id") {
            guard let id = fields.integer("node_id"), id > 0 else {
                throw DeploymentError.invalid("node_id must be a whole number above 0.")
            }
            node = .id(id)
        } else {
            node = .address(try fields.address("management_ip"))
        }
        if let number = fields.integer("phase") {
            step = .number(number)
        } else if let word = try? fields.text("phase", limit: .max) {
            guard word.unicodeScalars.count <= DeploymentLimits.phase else {
                throw DeploymentError.invalid("phase must not be longer than \(DeploymentLimits.phase) characters.")
            }
            step = .word(word)
        } else {
            throw DeploymentError.invalid("phase must be a whole number or a text that is not empty.")
        }
        message = try fields.text("message", limit: DeploymentLimits.message)
    }

    /// The word of the history row: the number's, or the installer's own.
    var phase: String {
        switch step {
        case .number(let number): InstallerChannel.word(for: number)
        case .word(let word): word
        }
    }

    /// The installer gives up: it opens a shell on a serial console and waits there for ever.
    var isError: Bool { step == .word("error") }

    /// What `nodes.deployment_status` becomes while the deployment is not over; nil leaves it: a log line says nothing about where the
    /// node is.
    ///
    /// The orchestrator lets log lines and `error` overwrite it (with `LOG` and `UNKNOWN`), which hides the state of the node.
    var word: String? {
        switch step {
        case .number(-1): nil
        case .number: phase
        case .word: InstallerChannel.word(for: 0)
        }
    }
}
