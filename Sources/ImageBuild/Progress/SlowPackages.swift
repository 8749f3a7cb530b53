/// What is to come and takes long, told before it starts.
public enum SlowPackages {
    /// Packages that take at least so long are announced. Seconds.
    public static let threshold: Double = 900

    public struct Announcement: Sendable, Equatable {
        public var spec: String
        public var usual: UsualTime

        /// `gcc@11.3.0 builds from source: 60-90 minutes`, with the number of builds it was measured in.
        public var text: String {
            "\(spec) builds from source: \(usual.text)" + (usual.count > 0 ? " (\(usual.count) builds here)" : "")
        }
    }

    /// Of a template that is to be built, in its order.
    ///
    /// - Parameters:
    ///   - hasBinary: whether a package is known to come as a binary.
    ///   - history: what was measured here; nil where nothing was.
    public static func announcements(
        _ specs: [String], hasBinary: (_ spec: String) -> Bool = { _ in false }, history: (_ spec: String) -> UsualTime?
    ) -> [Announcement] {
        specs.compactMap { spec in
            guard !hasBinary(spec) else { return nil }
            let usual = history(spec) ?? TypicalDurations.usual(spec)
            return usual.high >= threshold ? Announcement(spec: spec, usual: usual) : nil
        }
    }

    /// Of a build that runs: packages that were announced or are asked for, have not ended and are not known to come as a binary.
    public static func coming(_ log: BuildLog, history: (_ spec: String) -> UsualTime?) -> [Announcement] {
        announcements(
            log.packages.filter { ($0.state == .waiting || $0.state == .running) && $0.origin != .binary }.map(\.spec),
            history: history)
    }
}
