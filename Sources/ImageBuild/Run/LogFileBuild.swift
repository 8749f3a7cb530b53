import Fleet
import Upstream

/// One log file of which nothing else is known, as a place with one build: `slipway ami watch --log FILE`.
public struct LogFileBuild: BuildDoor {
    /// An absolute path; it is the build's id too.
    public let path: String
    private let packages: [String]
    private let time: TimeSource

    /// - Parameter packages: what is asked for, if it is known.
    public init(path: String, packages: [String] = [], time: TimeSource) {
        self.path = path
        self.packages = packages
        self.time = time
    }

    public func builds() async throws(UpstreamProblem) -> [KnownBuild] {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return [
            KnownBuild(
                record: BuildRecord(id: path, name: SafeText.line(name, limit: 80), origin: .log, packages: packages),
                life: .unknown)
        ]
    }

    public func follow(
        _ id: String, from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {
        try await LogFollower(path: path, time: time).follow(from: place, take)
    }
}
