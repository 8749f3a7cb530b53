import Fleet

/// The life of one list that is followed by a watch. Pure: every input returns what is to be done, or changes what is done next.
struct KubeWatchMachine: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        /// Everything there is; the server may stream it or give it page by page.
        case list
        /// What changes after this resourceVersion.
        case watch(from: String)
    }

    /// A stream that ends sooner than this, in seconds, with nothing told is not taken up again at once.
    private static let shortLife: Double = 1

    /// From where changes are known; nil while everything must be listed.
    private(set) var version: String?
    /// How many tries in a row have failed before anything was told.
    private(set) var failures = 0
    /// The last try failed.
    private var isLost = false

    var step: Step { version.map(Step.watch) ?? .list }

    /// The server answers again; that it also tells something is another matter, and only then the next failure is a first one again.
    ///
    /// - Returns: whether this ends a time of failures.
    mutating func opened() -> Bool {
        defer { isLost = false }
        return isLost
    }

    /// Everything was listed, or the server said how far we have come (each frame and each bookmark does).
    mutating func advanced(to version: String) {
        if !version.isEmpty { self.version = version }
        failures = 0
    }

    /// The stream ended as it should: servers end every watch after some minutes.
    ///
    /// - Returns: seconds to wait before it is taken up again.
    mutating func ended(after seconds: Double) -> Double {
        guard seconds >= Self.shortLife else { return Self.shortLife }
        failures = 0
        return 0
    }

    /// What is known has become too old to be continued: list again. When that happens again and again, more slowly.
    mutating func expired(_ backoff: Backoff, chance: Double) -> Double {
        let isFirst = version != nil && failures == 0
        version = nil
        guard !isFirst else { return 0 }
        failures += 1
        return backoff.wait(failures: failures, chance: chance)
    }

    /// - Returns: seconds to wait before the next try.
    mutating func failed(_ backoff: Backoff, chance: Double) -> Double {
        failures += 1
        isLost = true
        return backoff.wait(failures: failures, chance: chance)
    }
}
