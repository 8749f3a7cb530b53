import Foundation
import Glibc

/// The stand-in for `ssh`: runs the remote command on this machine, in the folder that plays the other host, and passes bytes through while
/// it counts them, and delays them and holds them up as the bench says. It is this program under another name, first in `PATH`.
struct LinkRelay {
    static let linkKey = "SLIPWAY_BENCH_LINK"
    static let farKey = "SLIPWAY_BENCH_FAR"
    static let name = "ssh"
    /// As ssh says that it has failed itself.
    private static let failed: Int32 = 255

    private let board: LinkBoard
    private let launch: ChildProcess.Launch

    /// - Returns: nil for a bench that was started as itself.
    init?() {
        let environment = ProcessInfo.processInfo.environment
        let words = CommandLine.arguments
        guard words.first?.split(separator: "/").last.map(String.init) == Self.name,
            let link = environment[Self.linkKey], let far = environment[Self.farKey],
            let board = try? LinkBoard(path: link),
            // The host is the first word behind the options; the rest is the command.
            let host = words.firstIndex(of: "--").map({ $0 + 1 }), words.indices.contains(host + 1)
        else { return nil }
        self.board = board
        let command = words[(host + 1)...].joined(separator: " ")
        launch = ChildProcess.Launch(
            program: "/bin/sh", arguments: ["-c", command], environment: Self.environment(far))
    }

    /// What a program over there sees.
    static func environment(_ far: String) -> [String: String] {
        Place.environment(far).merging(["PATH": "\(far)/bin:/usr/local/bin:/usr/bin:/bin"]) { $1 }
    }

    /// - Returns: the exit status.
    func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        let start = Clock.now
        board[.upAt] = start
        guard let input = Self.pipe(), let output = Self.pipe() else { return Self.failed }
        var lanes = [
            LinkLane(from: 0, to: input.writing, counter: .sent),
            LinkLane(from: output.reading, to: 1, counter: .received),
        ]
        var child: ChildProcess?
        while !lanes[1].isEmpty {
            let now = Clock.now
            // The command itself has to get there.
            let begin = start + board[.roundTrip] / 2
            if child == nil, now >= begin {
                child = try? ChildProcess(launch, input: input.reading, output: output.writing, errors: 2)
                guard child != nil else { return Self.failed }
                close(input.reading)
                close(output.writing)
            }
            for lane in lanes.indices {
                lanes[lane].take(board, at: now)
                lanes[lane].give(board, at: now)
            }
            let events = lanes.compactMap { $0.nextDue(after: now) } + (child == nil ? [begin] : [])
            var wishes = lanes.flatMap { $0.wishes(at: now) }
            let pause = (events.min() ?? now + 1) - Clock.now
            poll(&wishes, nfds_t(wishes.count), Int32((max(0, pause) * 1000).rounded(.up)))
        }
        // With its input it loses all that it is there for.
        return child?.hasEnded(within: 5) == true ? 0 : Self.failed
    }

    private static func pipe() -> (reading: Int32, writing: Int32)? {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
