import Foundation

/// Two places and a link between them that the bench sees through: `slipway attach` in one finds a stand-in for `ssh`, which starts the
/// program in the other.
final class Link {
    let near: Place
    let far: Place
    private let board: LinkBoard
    private var agent: ChildProcess?

    static let host = "far"
    private var path: String { near.folder + "/link" }

    init(program: String) throws {
        near = try Place(program: program)
        far = try Place(program: program)
        board = try LinkBoard(path: near.folder + "/link")
        let files = FileManager.default
        for place in [near, far] {
            try files.createDirectory(atPath: place.folder + "/bin", withIntermediateDirectories: false)
        }
        guard let own = Bundle.main.executablePath else { throw BenchProblem("The bench does not find itself.") }
        try files.createSymbolicLink(atPath: "\(near.folder)/bin/\(LinkRelay.name)", withDestinationPath: own)
        try files.createSymbolicLink(atPath: far.folder + "/bin/slipway", withDestinationPath: program)
    }

    deinit {
        agent?.end()
        board.done()
    }

    /// - Parameters:
    ///   - roundTrip: seconds there and back.
    ///   - rate: bytes a second in each direction; nil sets no limit.
    func set(roundTrip: Double, rate: Double? = nil) {
        board[.roundTrip] = roundTrip
        board[.rate] = rate ?? 0
    }

    /// Bytes that have gone through, in both directions.
    var bytes: Double { board[.sent] + board[.received] }

    /// When the newest connection was there, on `Clock`; nil before.
    var upAt: Double? { board[.upAt] > 0 ? board[.upAt] : nil }

    /// Starts an agent on the other side, and returns when it answers.
    @discardableResult
    func startAgent(_ arguments: [String] = []) throws -> ChildProcess {
        let agent = try ChildProcess(far.launch(["agent"] + arguments))
        self.agent = agent
        let deadline = Clock.now + 30
        while Clock.now < deadline, !agent.hasEnded(within: 0) {
            if let viewer = try? StreamViewer(socket: socket) {
                viewer.end()
                return agent
            }
            Clock.sleep(0.05)
        }
        throw BenchProblem("The agent did not answer in 30 s.")
    }

    /// Where the agent is met.
    var socket: String { far.folder + "/state/slipway/run/agent.sock" }

    /// Opens the screen on this side.
    func attach() throws -> Pty {
        board[.upAt] = 0
        var launch = near.launch(["attach", Self.host])
        launch.environment["PATH"] = "\(near.folder)/bin:" + (launch.environment["PATH"] ?? "")
        launch.environment[LinkRelay.linkKey] = path
        launch.environment[LinkRelay.farKey] = far.folder
        return try Pty(launch, columns: Subject.columns, rows: Subject.rows)
    }
}
