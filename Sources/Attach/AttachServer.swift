import Collector
import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Tells a fleet to any number of readers: one subscription, each change made into a line once, and the same line for all. A reader that is
/// slow holds up nobody (`Outbox`).
public actor AttachServer {
    /// Carries out what a person at the other end asks for.
    public typealias Perform = @Sendable (Action) async -> Action.Outcome

    public struct Setting: Sendable {
        /// Name and version of this program, for people.
        public var program: String
        /// What this host calls itself, for people.
        public var host: String
        /// Tells this run of the server from others.
        public var epoch: String
        /// Seconds during which changes are gathered, once the first after a pause has been told.
        public var gathering: Double = 1
        /// Readers at a time.
        public var readers = 100
        /// Bytes of changes that may wait for one reader.
        public var outbox = Outbox.limit

        public init(program: String, host: String, epoch: String = AttachServer.word()) {
            self.program = program
            self.host = host
            self.epoch = epoch
        }
    }

    private let publisher: any FleetPublisher
    private let setting: Setting
    private let time: TimeSource
    private let perform: Perform?
    private var source: StreamSource?
    private var subscription: Subscription?
    private var viewers: [Int: Viewer] = [:]
    private var count = 0
    private var farewell: (sentence: String, advice: String)?
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Changes that were made into lines: however many read, each is made once.
    private(set) var encoded = 0

    /// - Parameter perform: nil where nothing may be changed.
    public init(_ publisher: any FleetPublisher, setting: Setting, time: TimeSource, perform: Perform? = nil) {
        self.publisher = publisher
        self.setting = setting
        self.time = time
        self.perform = perform
    }

    /// Random text that no other run has.
    public static func word() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

    /// How many read now.
    public var readers: Int { viewers.count }

    /// The most bytes of changes that wait for any reader.
    var mostWaiting: Int { viewers.values.map(\.outbox.waiting).max() ?? 0 }

    /// Follows the fleet until the task is cancelled or the publisher ends; then all readers are told that this is the end.
    public func run() async {
        let (fleet, subscription) = await publisher.subscribe()
        source = StreamSource(fleet, epoch: setting.epoch)
        self.subscription = subscription
        release()
        for await _ in subscription.signals {
            // While nobody reads, changes wait where only the last of each item is kept.
            guard !viewers.isEmpty else { continue }
            advance()
            guard (try? await time.sleep(setting.gathering)) != nil else { break }
        }
        await publisher.unsubscribe(subscription)
        end()
    }

    /// Tells all readers that this is the end; no new ones are let in.
    public func end(sentence: String? = nil, advice: String = "It is connected again by itself.") {
        guard farewell == nil else { return }
        let farewell = (sentence ?? "The slipway on \(setting.host) was ended.", advice)
        self.farewell = farewell
        for viewer in viewers.values {
            viewer.outbox.finish(sentence: farewell.0, advice: farewell.1)
            viewer.signal.yield()
        }
        release()
    }

    private func release() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    /// Takes what has changed, and tells all who follow.
    private func advance() {
        guard let changes = subscription?.take(), !changes.isEmpty, var source else { return }
        // So that the lists in it have one owner, and are changed in place.
        self.source = nil
        let frames = source.advance(changes, at: time.now())
        self.source = source
        for case .change(let step) in frames {
            let line = StreamLines.line(.change(step))
            encoded += 1
            for viewer in viewers.values {
                viewer.outbox.offer(line, seq: step.seq)
                viewer.signal.yield()
            }
        }
    }

    // MARK: one reader

    /// One reader's end; lives in this actor only.
    private final class Viewer {
        var lines = StreamLines()
        var outbox: Outbox
        var pulse: Heartbeat
        var hasGreeted = false
        var underWay = 0
        let signal: AsyncStream<Void>.Continuation

        init(outbox: Outbox, pulse: Heartbeat, signal: AsyncStream<Void>.Continuation) {
            self.outbox = outbox
            self.pulse = pulse
            self.signal = signal
        }
    }

    /// Who may have so many questions open at a time.
    private static let questions = 32

    private enum End: Sendable {
        case closed, told, silent
        /// What came cannot be read; the reader is told before it is let go.
        case fault
    }

    /// Talks with one reader until either side ends. The connection is to be closed then.
    public func serve(_ talk: any Conversation) async {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        count += 1
        let id = count
        let viewer = Viewer(
            outbox: Outbox(limit: setting.outbox), pulse: Heartbeat(at: time.uptime()), signal: signal)
        if let farewell { viewer.outbox.finish(sentence: farewell.sentence, advice: farewell.advice) }
        if viewers.count >= setting.readers {
            viewer.outbox.finish(
                sentence: "\(setting.readers) screens are attached to \(setting.host) already.",
                advice: "Close one of them.")
        }
        viewers[id] = viewer
        signal.yield()
        await withTaskGroup(of: End.self) { group in
            group.addTask { await self.read(talk, id) }
            group.addTask { await self.write(talk, id, signals) }
            group.addTask { await self.watch(id) }
            for await end in group where end != .fault { break }
            group.cancelAll()
        }
        viewers[id] = nil
        signal.finish()
    }

    private nonisolated func read(_ talk: any Conversation, _ id: Int) async -> End {
        do {
            try await talk.read { bytes in try await self.take(bytes, id) }
            return .closed
        } catch {
            return error is StreamFault ? .fault : .closed
        }
    }

    private nonisolated func write(_ talk: any Conversation, _ id: Int, _ signals: AsyncStream<Void>) async -> End {
        do {
            for await _ in signals {
                while let line = await next(id) { try await talk.write(line) }
                if await hasTold(id) { return .told }
            }
        } catch {}
        return .closed
    }

    private func next(_ id: Int) -> [UInt8]? {
        guard let viewer = viewers[id], let line = viewer.outbox.next(source, at: time.now()) else { return nil }
        viewer.pulse.sent(at: time.uptime())
        return line
    }

    private func hasTold(_ id: Int) -> Bool { viewers[id]?.outbox.isOver ?? true }

    private func watch(_ id: Int) async -> End {
        while (try? await time.sleep(Heartbeat.step)) != nil, let viewer = viewers[id] {
            switch viewer.pulse.verdict(at: time.uptime()) {
            case .wait: break
            case .ping: say(.ping(clock: time.now()), to: viewer)
            case .gone: return .silent
            }
        }
        return .closed
    }

    private func say(_ frame: StreamFrame, to viewer: Viewer) {
        viewer.outbox.answer(frame)
        viewer.signal.yield()
    }

    // MARK: what a reader says

    private func take(_ bytes: [UInt8], _ id: Int) async throws {
        guard let viewer = viewers[id] else { throw CancellationError() }
        viewer.pulse.heard(at: time.uptime())
        do throws(StreamFault) {
            viewer.lines.take(bytes)
            while let line = try viewer.lines.next() { try await take(try StreamLines.frame(line), viewer, id) }
        } catch {
            viewer.outbox.finish(sentence: error.sentence, advice: "Is a slipway there?")
            viewer.signal.yield()
            throw error
        }
        // It asks and does not read: there is no use in waiting for it.
        if viewer.outbox.isOverrun { throw CancellationError() }
    }

    private func take(_ frame: StreamFrame, _ viewer: Viewer, _ id: Int) async throws(StreamFault) {
        guard viewer.hasGreeted else {
            guard case .hello(let hello) = frame else { throw .malformed("the first one is no hello") }
            viewer.hasGreeted = true
            return await greet(hello, viewer)
        }
        switch frame {
        case .ping(let clock): say(.pong(clock: clock, own: time.now()), to: viewer)
        case .request(let request):
            if case .fleet(let since) = request.wish {
                advance()
                viewer.outbox.begin(since: since)
                viewer.signal.yield()
                return
            }
            guard viewer.underWay < Self.questions else {
                let answer = StreamFrame.Response.Answer.refused(
                    sentence: "too much is asked at once", advice: "Wait for answers.")
                return say(.response(.init(number: request.number, answer: answer)), to: viewer)
            }
            viewer.underWay += 1
            // Beside everything else, and to its end: who asked may go away, what was begun is carried out all the same.
            Task { await self.answer(request, id) }
        case .hello, .fleet, .change, .pong, .response, .bye, .unknown: break
        }
    }

    private func greet(_ hello: StreamFrame.Hello, _ viewer: Viewer) async {
        if source == nil, farewell == nil { await withCheckedContinuation { waiting.append($0) } }
        advance()
        var able: Set<StreamFrame.Capability> = [.refresh, .runs]
        if perform != nil { able.insert(.actions) }
        say(
            .hello(
                .init(
                    program: setting.program, host: setting.host, position: source?.position, clock: time.now(),
                    capabilities: able)), to: viewer)
        if let (sentence, advice) = StreamVersion.current.mismatch(with: hello.version, on: hello.host) {
            viewer.outbox.finish(sentence: sentence, advice: advice)
        } else {
            viewer.outbox.begin(since: hello.resume)
        }
        viewer.signal.yield()
    }

    // MARK: what it is answered

    private func answer(_ request: StreamFrame.Request, _ id: Int) async {
        let answer = await answer(request.wish)
        guard let viewer = viewers[id] else { return }
        viewer.underWay -= 1
        say(.response(.init(number: request.number, answer: answer)), to: viewer)
    }

    private func answer(_ wish: StreamFrame.Request.Wish) async -> StreamFrame.Response.Answer {
        switch wish {
        case .refresh(let source):
            await publisher.refresh(source)
            return .done
        case .runs(let item, let limit):
            var runs = await publisher.runs(of: item, limit: max(0, min(limit, 200)))
            // They must fit into one line.
            while StreamLines.line(.response(.init(number: 0, answer: .runs(runs)))).count > StreamLines.limit / 2 {
                runs.removeLast((runs.count + 1) / 2)
            }
            return .runs(runs)
        case .action(let action):
            guard let perform else {
                return .refused(
                    sentence: "\(setting.host) lets nothing be changed",
                    advice: "Set `allow-writes: true` in the config there, or start its agent with --allow-writes.")
            }
            return .outcome(await perform(action))
        case .fleet, .unknown:
            return .refused(
                sentence: "\(setting.host) does not know this request", advice: "Install the newer slipway there.")
        }
    }
}
