import Foundation

/// A cluster in the fake AWS, and what can happen to it.
///
/// Its stack has the 50 resources of ParallelCluster 3.16.1 with one queue: 42 up to the head node, the head node's wait
/// condition, which begins when its handle is complete (the 11th), and 7 that wait for it.
struct AWSCluster: Sendable {
    let rig: AWSRig
    let region: String
    let name: String

    /// What the driver knows of it after a command.
    struct State: Decodable, Sendable {
        /// CloudFormation's word.
        let status: String
        let stackId: String
        let total: Int
        let complete: Int
        /// How many resources `step` can still move before something else must happen.
        let left: Int
        let events: Int
        /// Its logical id.
        let waitCondition: String
        let headNode: String?
        /// The ids of the compute nodes.
        let instances: [String]
        let logGroup: String?
    }

    /// Moves the next resources of what is going on (creation, rollback, update, deletion) to their ends, one after the
    /// other in equal shares of the time between `since` and `at`.
    ///
    /// In a creation it stops before the wait condition. The head node's instance comes and goes with its resource.
    /// - Parameter onlyBegin: leaves them in progress.
    @discardableResult
    func step(_ count: Int = 1, onlyBegin: Bool = false, since: Date? = nil, at: Date? = nil) async throws -> State {
        var command = AWSRig.Command("step", self, at: at, since: since)
        command.n = count
        command.begin = onlyBegin
        return try await rig.state(after: command)
    }

    /// Ends the wait condition well: the head node has reported.
    @discardableResult
    func endWaiting(at: Date? = nil) async throws -> State {
        try await rig.state(after: AWSRig.Command("wait", self, at: at))
    }

    /// Ends the wait condition badly, and with it the creation.
    ///
    /// - Parameter reason: what the head node said, such as `Failed to run chef recipe …`; a text that begins with
    ///   `WaitCondition` is taken as it is, such as `WaitCondition timed out. Received 0 conditions when expecting 1`.
    @discardableResult
    func failWaiting(_ reason: String, at: Date? = nil) async throws -> State {
        var command = AWSRig.Command("wait", self, at: at)
        command.reason = reason
        return try await rig.state(after: command)
    }

    /// Lets a resource fail, and with it what is going on. A creation cancels what else is in progress and then rolls
    /// back, unless it was made without rollback; an update rolls back; a deletion or a rollback ends as failed.
    ///
    /// - Parameter resource: its logical id or how that begins; nil: the next one.
    @discardableResult
    func fail(_ resource: String? = nil, _ reason: String, at: Date? = nil) async throws -> State {
        var command = AWSRig.Command("fail", self, at: at)
        command.resource = resource
        command.reason = reason
        return try await rig.state(after: command)
    }

    /// Moves everything that is left, and the stack, to the good end of what is going on: CREATE_COMPLETE,
    /// ROLLBACK_COMPLETE, UPDATE_COMPLETE, UPDATE_ROLLBACK_COMPLETE, or gone.
    ///
    /// In a creation the head node is complete after half of the time, and the wait condition after nine tenths of it.
    /// - Parameter fleet: the fleet's status after a creation.
    @discardableResult
    func finish(fleet: String = "RUNNING", since: Date? = nil, at: Date? = nil) async throws -> State {
        var command = AWSRig.Command("finish", self, at: at, since: since)
        command.fleet = fleet
        return try await rig.state(after: command)
    }

    /// Begins its deletion, as `pcluster delete-cluster` does as well.
    @discardableResult
    func delete(at: Date? = nil) async throws -> State {
        try await rig.state(after: AWSRig.Command("delete", self, at: at))
    }

    /// Begins an update of four resources.
    @discardableResult
    func update(at: Date? = nil) async throws -> State {
        try await rig.state(after: AWSRig.Command("update", self, at: at))
    }

    /// - Parameter state: `pending`, `running`, `stopping`, `stopped`, `shutting-down` or `terminated`. The instance is
    ///   launched if there is none.
    @discardableResult
    func headNode(_ state: String, at: Date? = nil) async throws -> State {
        var command = AWSRig.Command("head-node", self, at: at)
        command.state = state
        return try await rig.state(after: command)
    }

    /// Launches or terminates compute nodes until there are as many.
    @discardableResult
    func compute(_ count: Int, queue: String = "q1", at: Date? = nil) async throws -> State {
        var command = AWSRig.Command("compute", self, at: at)
        command.n = count
        command.queue = queue
        return try await rig.state(after: command)
    }

    /// Writes the fleet's row, as the head node does. It is read only when the stack is complete or being updated.
    @discardableResult
    func fleet(_ status: String, at: Date? = nil) async throws -> State {
        var command = AWSRig.Command("fleet", self, at: at)
        command.status = status
        return try await rig.state(after: command)
    }

    /// Adds lines to a log, spread from `since` to `at`; CloudWatch takes none that are older than 14 days. No lines make
    /// an empty log, on which `pcluster` itself stumbles.
    ///
    /// - Parameters:
    ///   - log: such as `cfn-init` or `chef-client`.
    ///   - instance: a compute node's id; nil: the head node.
    /// - Returns: the stream's name.
    @discardableResult
    func log(_ log: String, _ lines: [String], of instance: String? = nil, since: Date? = nil, at: Date? = nil)
        async throws -> String
    {
        var command = AWSRig.Command("logs", self, at: at, since: since)
        command.log = log
        command.lines = lines
        command.instance = instance
        return try await rig.tell(command).stream ?? ""
    }

    /// What it is like now.
    func look() async throws -> State { try await rig.state(after: AWSRig.Command("look", self)) }
}
