import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A Kubernetes API server in memory: it keeps objects of any registered type and answers as the real one (1.36) does, so that
/// `kubectl` and client libraries are content with it. It knows no kinds: what lives in it is brought by others.
///
/// It is its own door for the user `admin`; `door(user:)` is the way in for others.
public actor SandboxKubernetes: HTTPStreamDoor {
    let time: TimeSource
    var store: KubeStore
    private var users: [String: KubeUser]
    private var fault: KubeFault?
    /// Seconds before each question is looked at.
    private var delay: Double = 0
    private var watchers: [Int: Watching] = [:]
    private var lastWatcher = 0
    private let longestWatch: Double
    var residents = KubeResidents()

    private struct Watching {
        var watcher: KubeWatcher
        let wake: AsyncStream<Void>.Continuation
        var end: KubeWatcher.Step?
    }

    /// - Parameters:
    ///   - time: the clock of creation times, bookmarks, time-outs and the lives of events.
    ///   - seed: decides uids and generated names.
    ///   - resources: the types it begins with.
    ///   - users: who may ask; anybody else is answered 401.
    ///   - memory: how many changes per type can be asked for again; older ones are answered with 410.
    ///   - longestWatch: seconds after which a watch is ended that did not say for how long; the real server takes 30 to 60 minutes.
    public init(
        time: TimeSource, seed: UInt64 = 1, resources: [KubeType] = KubeType.standard,
        users: [KubeUser] = [.admin, .ops, .poolManager], memory: Int = 2000, longestWatch: Double = 2400
    ) {
        self.time = time
        self.longestWatch = longestWatch
        self.users = Dictionary(users.map { ($0.name, $0) }) { _, last in last }
        var store = KubeStore(resources, seed: seed, memory: memory)
        if let namespaces = store.shelves["namespaces"]?.resource {
            for name in ["default", "kube-system"] {
                _ = try? store.create(["metadata": ["name": .text(name)]], of: namespaces, in: "", at: time.now())
            }
        }
        self.store = store
    }

    // MARK: doors

    /// The way in for a user. One that the server does not know is answered 401.
    public nonisolated func door(user: String) -> any HTTPStreamDoor { UserDoor(server: self, user: user) }

    public func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply {
        try await answer(question, user: KubeUser.admin.name)
    }

    public nonisolated func follow(
        _ question: HTTPQuestion, patience: Double, opened: @escaping @Sendable () async -> Void,
        _ take: @escaping @Sendable (Data) async -> Void
    ) async throws(UpstreamProblem) -> HTTPReply {
        try await stream(question, user: KubeUser.admin.name, patience: patience, opened: opened, take)
    }

    nonisolated func stream(
        _ question: HTTPQuestion, user: String, patience: Double, opened: @escaping @Sendable () async -> Void,
        _ take: @escaping @Sendable (Data) async -> Void
    ) async throws(UpstreamProblem) -> HTTPReply {
        guard KubeQuestion(question).flag("watch") else {
            let reply = try await answer(question, user: user)
            guard (200..<300).contains(reply.status) else { return reply }
            for line in reply.body.split(separator: UInt8(ascii: "\n")) { await take(Data(line)) }
            return HTTPReply(status: reply.status, headers: reply.headers)
        }
        if let reply = try await meet(question) { return reply }
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id: Int
        switch await open(question, user: user, patience: patience, wake: wake) {
        case .success(let opened): id = opened
        case .failure(let refusal): return Self.reply(refusal)
        }
        await opened()
        let outcome = await tell(id, wakes, wake, limit: question.bodyLimit, take)
        await close(id)
        switch outcome {
        case .success: return HTTPReply(status: 200, headers: ["content-type": "application/json"])
        case .failure(let problem): throw problem
        }
    }

    // MARK: faults and rights, set from outside

    /// Sets what is wrong from now on; nil heals it.
    public func set(fault: KubeFault?) {
        self.fault = fault
        wakeAll()
    }

    /// Seconds of its clock before each question is looked at.
    public func set(delay seconds: Double) { delay = max(0, seconds) }

    /// Adds a user, or gives him other rights.
    public func set(user: KubeUser) { users[user.name] = user }

    /// Ends all streams as a server does that is stopped gently.
    public func endStreams() { endAll(.end) }

    /// Breaks all streams off in the middle of a line.
    public func cutStreams() { endAll(.cut) }

    /// Forgets all changes, as a compaction does: no list and no stream can go on from before. Streams that are open do.
    public func forgetChanges() {
        settle()
        store.forgetChanges()
    }

    /// Adds a type, without objects. One that is there already stays as it is.
    public func register(_ resource: KubeType) { store.register(resource) }

    /// Takes a type away with all its objects, as the removal of its definition does: 404 from now on, and its streams end.
    ///
    /// - Parameter name: qualified by the group: `clusterdeployments.k0rdent.mirantis.com`.
    public func removeResource(_ name: String) {
        store.removeResource(name)
        wakeAll()
    }

    /// How many streams are open.
    public var streams: Int { watchers.count }

    // MARK: answers

    func answer(_ question: HTTPQuestion, user: String) async throws(UpstreamProblem) -> HTTPReply {
        if KubeQuestion(question).flag("watch") { return try await collected(question, user: user) }
        if let reply = try await meet(question) { return reply }
        settle()
        let before = store.revision
        store.sweep(at: time.now())
        let reply: HTTPReply
        do {
            reply = try respond(to: question, user: known(user))
        } catch {
            reply = Self.reply(error)
        }
        tellControllers()
        if store.revision != before { wakeAll() }
        guard reply.body.count <= question.bodyLimit else { throw Self.tooLarge(question.bodyLimit) }
        return reply
    }

    /// A stream that is read to its end, for who asks instead of following.
    private nonisolated func collected(
        _ question: HTTPQuestion, user: String
    ) async throws(UpstreamProblem) -> HTTPReply {
        let body = LineCollector(limit: question.bodyLimit)
        let time = self.time
        let result = await withTaskGroup(of: Result<HTTPReply, UpstreamProblem>.self) { group in
            group.addTask {
                do throws(UpstreamProblem) {
                    let patience = Double.infinity
                    return .success(
                        try await self.stream(question, user: user, patience: patience, opened: {}) { body.add($0) })
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await time.sleep(question.deadline)
                return .failure(Self.timedOut)
            }
            let first = await group.next() ?? .failure(Self.givenUp)
            group.cancelAll()
            return first
        }
        var reply = try result.get()
        guard let lines = body.data else { throw Self.tooLarge(question.bodyLimit) }
        reply.body += lines
        return reply
    }

    func known(_ name: String) throws(KubeRefusal) -> KubeUser {
        guard let user = users[name] else { throw .unauthorized }
        return user
    }

    /// The delay and the fault of the moment: what is answered instead, if anything.
    private func meet(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply? {
        if delay > 0 { try await pause(delay) }
        switch fault {
        case nil, .silentStreams: return nil
        case .refused:
            throw UpstreamProblem(
                .unreachable, "The API server refuses connections.", advice: "Check that it runs.")
        case .text(let status, let text):
            return HTTPReply(
                status: status, headers: ["content-type": "text/plain; charset=utf-8"], body: Data(text.utf8))
        case .unauthorized: return Self.reply(.unauthorized)
        case .throttled(let seconds):
            var reply = Self.reply(
                KubeRefusal(
                    code: 429, reason: "TooManyRequests",
                    message: "Too many requests, please try again later.",
                    details: ["retryAfterSeconds": .whole(seconds)]))
            reply.headers["retry-after"] = String(seconds)
            return reply
        case .hanging:
            try await pause(question.deadline)
            throw Self.timedOut
        }
    }

    private func pause(_ seconds: Double) async throws(UpstreamProblem) {
        do { try await time.sleep(seconds) } catch { throw Self.givenUp }
    }

    static func reply(_ refusal: KubeRefusal) -> HTTPReply { reply(refusal.status, status: refusal.code) }

    static func reply(_ value: JSONValue, status: Int = 200) -> HTTPReply {
        reply(value.data + Data("\n".utf8), status: status)
    }

    static func reply(_ body: Data, status: Int = 200) -> HTTPReply {
        HTTPReply(status: status, headers: ["content-type": "application/json"], body: body)
    }

    static func text(_ text: String, status: Int = 200) -> HTTPReply {
        HTTPReply(status: status, headers: ["content-type": "text/plain; charset=utf-8"], body: Data(text.utf8))
    }

    private static func tooLarge(_ limit: Int) -> UpstreamProblem {
        UpstreamProblem(
            .tooLarge(limit), "The API server sent more than \(limit) bytes.", advice: "Ask for less at once.")
    }

    private static let timedOut = UpstreamProblem(
        .timedOut, "The API server does not answer.", advice: "It hangs; it is asked again.")
    private static let cut = UpstreamProblem(
        .cut, "The API server broke off in the middle of an answer.", advice: "It is asked again.")
    private static let givenUp = UpstreamProblem(
        .cut, "The question was given up.", advice: "Nothing is to be done.")

    // MARK: streams

    private func open(
        _ question: HTTPQuestion, user: String, patience: Double, wake: AsyncStream<Void>.Continuation
    ) -> Result<Int, KubeRefusal> {
        settle()
        store.sweep(at: time.now())
        do throws(KubeRefusal) {
            let watcher = try watcher(
                for: KubeQuestion(question), user: known(user), longest: longestWatch, patience: patience)
            lastWatcher += 1
            watchers[lastWatcher] = Watching(watcher: watcher, wake: wake)
            return .success(lastWatcher)
        } catch {
            return .failure(error)
        }
    }

    private func close(_ id: Int) { watchers[id] = nil }

    /// Hands lines over until the stream ends. Nothing is read ahead of the reader.
    private nonisolated func tell(
        _ id: Int, _ wakes: AsyncStream<Void>, _ wake: AsyncStream<Void>.Continuation, limit: Int,
        _ take: @Sendable (Data) async -> Void
    ) async -> Result<Void, UpstreamProblem> {
        while !Task.isCancelled {
            switch await step(id) {
            case .lines(let lines):
                for line in lines {
                    guard line.count <= limit else { return .failure(Self.tooLarge(limit)) }
                    await take(line)
                }
            case .wait(let uptime):
                await withTaskGroup(of: Void.self) { group in
                    let time = self.time
                    group.addTask {
                        do {
                            let rest = uptime - time.uptime()
                            if rest > 0 { try await time.sleep(rest) }
                            wake.yield()
                        } catch {
                            // Something happened first.
                        }
                    }
                    for await _ in wakes { break }
                    group.cancelAll()
                }
            case .end: return .success(())
            case .cut: return .failure(Self.cut)
            case .hung: return .failure(Self.timedOut)
            }
        }
        return .failure(Self.givenUp)
    }

    private func step(_ id: Int) -> KubeWatcher.Step {
        settle()
        let before = store.revision
        store.sweep(at: time.now())
        if store.revision != before { wakeAll() }
        guard var watching = watchers[id] else { return .end }
        if let end = watching.end { return end }
        let step = watching.watcher.step(
            shelf: store.shelves[watching.watcher.resource.name], current: store.revision, uptime: time.uptime(),
            isSilent: fault == .hanging || fault == .silentStreams)
        watchers[id] = watching
        return step
    }

    func wakeAll() { for watching in watchers.values { watching.wake.yield() } }

    private func endAll(_ end: KubeWatcher.Step) {
        for id in watchers.keys { watchers[id]?.end = end }
        wakeAll()
    }
}

extension SandboxKubernetes {
    private struct UserDoor: HTTPStreamDoor {
        let server: SandboxKubernetes
        let user: String

        func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply {
            try await server.answer(question, user: user)
        }

        func follow(
            _ question: HTTPQuestion, patience: Double, opened: @escaping @Sendable () async -> Void,
            _ take: @escaping @Sendable (Data) async -> Void
        ) async throws(UpstreamProblem) -> HTTPReply {
            try await server.stream(question, user: user, patience: patience, opened: opened, take)
        }
    }
}
