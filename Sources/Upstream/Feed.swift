import Fleet

/// What a feed tells.
public enum FeedReport: Sendable, Equatable {
    /// All items of the source: what it had besides has gone. The first report of a feed, so that what was kept from an earlier time can go.
    case whole(source: SourceID, items: [Item])
    /// These items are new or may have changed; those have gone. Others are as they were.
    case changed(items: [Item], gone: [ItemID])
    case source(Source)
}

/// One source that reports items: the collector runs it and knows nothing else about the system behind it.
public protocol Feed: Sendable {
    /// The source before anything was asked.
    var source: Source { get }
    /// Reports until the task is cancelled.
    func run(_ report: @escaping @Sendable (FeedReport) async -> Void) async
    /// Asks the source now rather than later.
    func refresh() async
}
