import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What calls an object within its resource.
public struct KubeName: Hashable, Comparable, Sendable {
    /// Empty for what has no namespace.
    public var namespace: String
    public var name: String

    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    public static func < (left: KubeName, right: KubeName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// What a watch tells.
public enum KubeChange<Object: KubeObject>: Sendable {
    /// New or changed, or told again after a new listing.
    case object(Object)
    case gone(KubeName)
    /// Everything that there is has been told.
    case synced
    /// The server does not tell any more: so many tries in a row have failed. What is known may be old.
    case lost(failures: Int, UpstreamProblem)
    /// It tells again.
    case resumed
}

/// Follows all objects of one resource: lists them, watches for changes, takes the watch up again where it ended, lists anew when the server
/// no longer knows from where. A watch that ends is normal; only tries that fail are told.
public actor KubeWatch<Object: KubeObject> {
    private let api: KubeAPI
    private let resource: KubeResource
    private let namespace: String?
    private let selector: KubeSelector
    private let time: TimeSource
    private let backoff: Backoff
    private let chance: @Sendable () -> Double
    private let tracksGone: Bool

    private var machine = KubeWatchMachine()
    private let decoder = JSONDecoder()
    private var known: Set<KubeName> = []
    /// While everything is being told anew: what has been named so far.
    private var named: Set<KubeName>?
    private var streamsLists: Bool?
    private var hasBookmarks = false
    private var ending: Ending?
    private let nap = Nap()

    private enum Ending { case expired, failed(UpstreamProblem) }

    /// Servers end a watch by themselves after half an hour or more; ours end sooner, so that a way that died in silence is noticed.
    private static var life: ClosedRange<Double> { 240...360 }
    /// Where bookmarks come, they come about once a minute; there so much silence is a sign.
    private static var patience: Double { 150 }
    /// Seconds after its own end that a stream may be silent. Events, and servers without a watch cache, have no bookmarks.
    private static var grace: Double { 30 }
    /// The longest line: etcd keeps no object above 1.5 MB, but those that are put together from several may be larger.
    private static var lineLimit: Int { 16 << 20 }

    /// - Parameters:
    ///   - namespace: nil for all of them.
    ///   - tracksGone: whether objects that have gone are told also when they went unseen. It costs the names of all objects in memory.
    public init(
        _ api: KubeAPI, _ resource: KubeResource, namespace: String? = nil, selector: KubeSelector = .init(),
        tracksGone: Bool = true, time: TimeSource, backoff: Backoff = Backoff(),
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.api = api
        self.resource = resource
        self.namespace = namespace
        self.selector = selector
        self.tracksGone = tracksGone
        self.time = time
        self.backoff = backoff
        self.chance = chance
    }

    /// Tells until the task is cancelled.
    public func run(_ take: @escaping @Sendable (KubeChange<Object>) async -> Void) async {
        while !Task.isCancelled {
            let start = time.uptime()
            let wait: Double
            do throws(UpstreamProblem) {
                switch machine.step {
                case .list: try await list(take)
                case .watch(let version): try await watch(from: version, take)
                }
                switch ending {
                case .expired: wait = machine.expired(backoff, chance: chance())
                case .failed(let problem): wait = await failed(problem, take)
                case nil: wait = machine.ended(after: time.uptime() - start)
                }
            } catch {
                if Task.isCancelled { return }
                if error.reason == .status(410) {
                    wait = machine.expired(backoff, chance: chance())
                } else {
                    wait = await failed(error, take)
                }
            }
            ending = nil
            if wait > 0 { await nap.sleep(wait, time) }
        }
    }

    /// A rest after a failure is broken off: somebody knows that the server answers again, or wants to know.
    public func wake() { nap.breakOff() }

    private func failed(_ problem: UpstreamProblem, _ take: (KubeChange<Object>) async -> Void) async -> Double {
        let wait = machine.failed(backoff, chance: chance())
        await take(.lost(failures: machine.failures, problem))
        return wait
    }

    // MARK: listing

    private func list(_ take: @escaping @Sendable (KubeChange<Object>) async -> Void) async throws(UpstreamProblem) {
        beginNaming()
        if streamsLists == nil { streamsLists = try await api.version().streamsLists }
        if streamsLists == true {
            do throws(UpstreamProblem) {
                // It goes on as a watch when everything has been told.
                try await streamList(take)
                guard named != nil else { return }
            } catch {
                // A server with the feature turned off refuses the parameter.
                guard [.status(400), .status(422)].contains(error.reason) else { throw error }
            }
            streamsLists = false
            beginNaming()
        }
        let version = try await api.list(resource, namespace: namespace, selector: selector) { (objects: [Object]) in
            for object in objects { await tell(object, take) }
        }
        await synced(version, take)
    }

    /// Some servers take the parameter and do not know it: they tell what there is, and never that this was all.
    private func streamList(_ take: @escaping @Sendable (KubeChange<Object>) async -> Void)
        async throws(UpstreamProblem)
    {
        let time = self.time
        let grace = Self.grace
        let result = await withTaskGroup(of: Result<Void, UpstreamProblem>?.self) { group in
            group.addTask {
                do throws(UpstreamProblem) {
                    return .success(
                        try await self.follow(
                            [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")], take))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                var last = -1
                while let count = await self.namedCount, count != last {
                    last = count
                    guard (try? await time.sleep(grace)) != nil else { return nil }
                }
                return await self.namedCount == nil ? nil : .success(())
            }
            defer { group.cancelAll() }
            while let ended = await group.next() { if let ended { return ended } }
            return .success(())
        }
        try result.get()
    }

    /// What was told in a listing that did not come to its end is known all the same.
    private func beginNaming() {
        if tracksGone { known.formUnion(named ?? []) }
        named = []
    }

    /// How many have been named while everything is told anew; nil when all were.
    private var namedCount: Int? { named?.count }

    private func synced(_ version: String, _ take: (KubeChange<Object>) async -> Void) async {
        if tracksGone, let named {
            for name in known.subtracting(named).sorted() { await take(.gone(name)) }
            known = named
        }
        named = nil
        await opened(take)
        machine.advanced(to: version)
        await take(.synced)
    }

    private func opened(_ take: (KubeChange<Object>) async -> Void) async {
        if machine.opened() { await take(.resumed) }
    }

    private func tell(_ object: Object, _ take: (KubeChange<Object>) async -> Void) async {
        if tracksGone {
            let name = KubeName(namespace: object.metadata.namespace, name: object.metadata.name)
            if named == nil { known.insert(name) } else { named?.insert(name) }
        }
        await take(.object(object))
    }

    // MARK: watching

    private func watch(
        from version: String, _ take: @escaping @Sendable (KubeChange<Object>) async -> Void
    ) async throws(UpstreamProblem) { try await follow([("resourceVersion", version)], take) }

    private func follow(
        _ start: [(String, String?)], _ take: @escaping @Sendable (KubeChange<Object>) async -> Void
    ) async throws(UpstreamProblem) {
        let life = Self.life.lowerBound + (Self.life.upperBound - Self.life.lowerBound) * chance()
        let query = KubeResource.query(
            selector.parameters + [("watch", "true"), ("allowWatchBookmarks", "true")] + start
                + [("timeoutSeconds", "\(Int(life))")])
        let question = HTTPQuestion(
            target: resource.path(namespace: namespace) + query, deadline: 30, bodyLimit: Self.lineLimit)
        let reply = try await api.door.follow(
            question, patience: hasBookmarks ? Self.patience : life + Self.grace, opened: { await self.opened(take) }
        ) { await self.hear($0, take) }
        guard (200..<300).contains(reply.status) else { throw .kube(reply, context: api.name) }
    }

    private func hear(_ line: Data, _ take: @Sendable (KubeChange<Object>) async -> Void) async {
        // After an error frame nothing on this stream counts.
        guard ending == nil else { return }
        guard let frame = try? decoder.decode(KubeFrame<Object>.self, from: line) else {
            ending = .failed(
                UpstreamProblem(
                    .unreadable, "\(api.name) sent a line that is not part of a watch.",
                    advice: "It is asked again by itself."))
            return
        }
        switch frame {
        case .object(let object):
            await tell(object, take)
            // Versions of objects told at the beginning come in no order: only the bookmark behind them counts.
            if named == nil { machine.advanced(to: object.metadata.resourceVersion) }
        case .deleted(let metadata):
            let name = KubeName(namespace: metadata.namespace, name: metadata.name)
            known.remove(name)
            named?.remove(name)
            await take(.gone(name))
            if named == nil { machine.advanced(to: metadata.resourceVersion) }
        case .bookmark(let version, let endsInitial):
            if endsInitial, named != nil {
                await synced(version, take)
            } else if named == nil {
                hasBookmarks = true
                machine.advanced(to: version)
            }
        case .error(let status):
            ending =
                status.isExpired
                ? .expired
                : .failed(
                    .kube(
                        status: status.code ?? 500, text: SafeText.line(status.message ?? "", limit: 240),
                        context: api.name))
        case .unknown: break
        }
    }
}
