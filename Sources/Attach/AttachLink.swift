import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a link tells.
public enum LinkReport: Sendable, Equatable {
    case state(LinkState)
    /// What differs from before, in the names and by the clock of the host there.
    case changes([Change])
    /// Seconds by which the clock there is ahead of ours, and of the round trip that this rests on; nil for a rough guess.
    case clock(offset: Double, roundTrip: Double?)
}

/// The link to one host: connects, follows what is told, and connects again when it is cut.
public actor AttachLink {
    /// What became of a request.
    public enum Reply: Sendable, Equatable {
        case answer(StreamFrame.Response.Answer)
        /// There is no link, or it was cut before the answer came.
        case lost(wasAsked: Bool)
        /// No answer within the time.
        case late
    }

    /// Seconds in which a host must greet. The fleet that follows may take long over a slow link.
    private static let greeting: Double = 30
    /// What may come before a greeting, in lines and bytes: start files like to talk.
    private static let chatter = (lines: 200, bytes: 64 << 10)
    /// Bytes that ssh may say among the frames.
    private static let aside = 4 << 10
    /// Seconds that a screen needs to open.
    private static let opening = 0.03
    /// Requests that may wait for an answer.
    private static let questions = 24

    /// What a person calls the host.
    public nonisolated let host: String
    private var way: any AttachWay
    private let program: String
    private let ownHost: String
    private let time: TimeSource
    private let chance: @Sendable () -> Double
    private let nap = Nap()

    private var machine: LinkMachine
    private var mirror: StreamMirror
    private var clock = StreamClock()
    private var report: (@Sendable (LinkReport) async -> Void)?

    // Of the present connection.
    private var connection: Task<UpstreamProblem?, Never>?
    private var output: AsyncStream<[UInt8]>.Continuation?
    private var lines = StreamLines()
    private var said: [String] = []
    private var chatted = 0
    private var pulse = Heartbeat(at: 0)
    private var openedAt: Double = 0
    private var hello: StreamFrame.Hello?
    private var ending: UpstreamProblem?
    /// The fleet of this connection is complete.
    private var isWhole = false
    private var isHurried = false

    private var number = 0
    private var waiting: [Int: (continuation: CheckedContinuation<Reply, Never>, timer: Task<Void, Never>)] = [:]
    /// What became of the first try, as far as it is known.
    private var first: Outcome?
    private var firstWaiting: [(isWhole: Bool, continuation: CheckedContinuation<Void, Never>)] = []

    private struct Outcome {
        var problem: UpstreamProblem?
        /// Nothing of the fleet is missing, or nothing of it will come.
        var isWhole: Bool
    }

    /// - Parameters:
    ///   - host: what a person calls it.
    ///   - program: name and version of this program, for people.
    ///   - ownHost: what this host calls itself, for people.
    public init(
        host: String, way: any AttachWay, program: String, ownHost: String, time: TimeSource,
        backoff: Backoff = Backoff(), chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.host = host
        self.way = way
        self.program = program
        self.ownHost = ownHost
        self.time = time
        self.chance = chance
        machine = LinkMachine(backoff: backoff)
        mirror = StreamMirror(at: time.now())
    }

    // MARK: from outside

    /// The fleet there as it was last heard, in its own names and by its own clock.
    public var snapshot: Snapshot { mirror.snapshot }

    /// What the host can be asked for; empty while it is not there.
    public var capabilities: Set<StreamFrame.Capability> { hello?.capabilities ?? [] }

    /// Keeps the link until the task is cancelled; nothing of it is left then.
    public func run(_ report: @escaping @Sendable (LinkReport) async -> Void) async {
        self.report = report
        while !Task.isCancelled {
            await perform(machine.start(at: moment))
            let problem = await connect()
            release()
            guard !Task.isCancelled else { break }
            let steps = machine.ended(problem, at: moment, chance: chance())
            settleFirst(problem)
            await perform(steps)
        }
        settleFirst(lost)
        self.report = nil
    }

    /// Waits until the first try has shown items or has failed.
    ///
    /// - Parameter isWhole: waits for all of the fleet; over a slow link that takes a while.
    /// - Returns: why it failed; nil when all is well.
    public func firstOutcome(isWhole: Bool = false) async -> UpstreamProblem? {
        if first.map({ isWhole && !$0.isWhole }) ?? true {
            await withCheckedContinuation { firstWaiting.append((isWhole, $0)) }
        }
        return first?.problem
    }

    /// A link that waits is tried now, and `firstOutcome` tells of that try.
    ///
    /// - Parameter way: another one from now on; nil keeps the present one.
    public func retry(by way: (any AttachWay)? = nil) {
        self.way = way ?? self.way
        first = nil
        hurry()
    }

    /// A link that waits is tried now.
    public func hurry() {
        // It may be about to wait.
        if !nap.breakOff(), !machine.isLive { isHurried = true }
    }

    /// Asks the host.
    ///
    /// - Parameter deadline: seconds after which the answer is not waited for any longer.
    public func ask(_ wish: StreamFrame.Request.Wish, deadline: Double = 10) async -> Reply {
        guard hello != nil, output != nil, waiting.count < Self.questions else { return .lost(wasAsked: false) }
        number += 1
        let mine = number
        let time = self.time
        return await withCheckedContinuation { continuation in
            let timer = Task {
                guard (try? await time.sleep(deadline)) != nil else { return }
                self.answer(mine, .late)
            }
            waiting[mine] = (continuation, timer)
            send(.request(.init(number: mine, wish: wish)))
        }
    }

    private func answer(_ number: Int, _ reply: Reply) {
        guard let (continuation, timer) = waiting.removeValue(forKey: number) else { return }
        timer.cancel()
        continuation.resume(returning: reply)
    }

    // MARK: a connection

    private var moment: LinkMachine.Moment { .init(date: time.now(), uptime: time.uptime()) }

    private var lost: UpstreamProblem {
        UpstreamProblem(.cut, "The connection to \(host) was lost.", advice: "It is connected again by itself.")
    }

    private func perform(_ steps: [LinkMachine.Step]) async {
        for step in steps {
            switch step {
            case .tell(let state): await report?(.state(state))
            case .open: break
            case .wait(let seconds): if !isHurried { await nap.sleep(seconds, time) }
            }
        }
    }

    /// - Returns: why it ended.
    private func connect() async -> UpstreamProblem {
        let (input, output) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingOldest(256))
        (lines, said, chatted, hello, ending) = (StreamLines(), [], 0, nil, nil)
        (isWhole, isHurried) = (false, false)
        clock = StreamClock()
        openedAt = time.uptime()
        pulse = Heartbeat(at: openedAt)
        self.output = output
        send(
            .hello(.init(program: program, host: ownHost, clock: time.now(), resume: mirror.position)))
        let way = self.way
        let connection = Task { () -> UpstreamProblem? in
            do throws(UpstreamProblem) {
                try await way.open { talk in await self.converse(talk, input) }
                return nil
            } catch {
                return error
            }
        }
        self.connection = connection
        // While it is being connected, too, time passes.
        let watch = Task { await self.watch() }
        let problem = await withTaskCancellationHandler {
            await connection.value
        } onCancel: {
            connection.cancel()
        }
        watch.cancel()
        output.finish()
        if let ending { return ending }
        if hello != nil { return lost }
        return problem ?? way.problem(said: said)
    }

    private func release() {
        output = nil
        connection = nil
        for number in waiting.keys { answer(number, .lost(wasAsked: true)) }
    }

    /// Ends the connection; whatever of it is stuck is ended with it.
    private func end(_ problem: UpstreamProblem) {
        ending = ending ?? problem
        connection?.cancel()
    }

    private nonisolated func converse(_ talk: any Conversation, _ input: AsyncStream<[UInt8]>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await talk.read { try await self.take($0) } }
            group.addTask { for await line in input { guard (try? await talk.write(line)) != nil else { return } } }
            await group.next()
            group.cancelAll()
        }
    }

    private func watch() async {
        while (try? await time.sleep(Heartbeat.step)) != nil {
            guard hello != nil else {
                if time.uptime() - openedAt > Self.greeting { return end(silent(within: Self.greeting)) }
                continue
            }
            switch pulse.verdict(at: time.uptime()) {
            case .wait: break
            case .ping: send(.ping(clock: time.now()))
            case .gone: return end(silent(within: Heartbeat.patience))
            }
        }
    }

    private func silent(within seconds: Double) -> UpstreamProblem {
        UpstreamProblem(
            .timedOut, "\(host) has said nothing for \(DurationText.short(seconds)).",
            advice: "It is connected again by itself.")
    }

    private func send(_ frame: StreamFrame) { output?.yield(StreamLines.line(frame)) }

    // MARK: what is told

    private func take(_ bytes: [UInt8]) async throws {
        guard ending == nil else { throw CancellationError() }
        pulse.heard(at: time.uptime())
        machine.heard(at: moment)
        var isReady = false
        do throws(StreamFault) {
            lines.take(bytes)
            while let line = try lines.next() {
                guard hello != nil else {
                    await listen(line)
                    if ending != nil { break }
                    continue
                }
                // ssh says goodbye in between when its connection breaks.
                guard line.first == UInt8(ascii: "{") else {
                    chatted += line.count
                    guard chatted <= Self.aside else { throw .notJSON }
                    continue
                }
                if try await take(try StreamLines.frame(line)) { isReady = true }
            }
        } catch {
            refuse(error)
        }
        if ending != nil { throw CancellationError() }
        if isReady { await settle() }
    }

    private func refuse(_ fault: StreamFault) {
        end(
            UpstreamProblem(
                .unreadable, "\(host) cannot be understood: \(fault.sentence).",
                advice: "It is connected again by itself; if that does not help, look what answers there."))
    }

    /// Before the greeting: what start files and ssh say is kept, for it may tell what is wrong.
    private func listen(_ line: [UInt8]) async {
        if let frame = try? StreamLines.frame(line), case .hello(let hello) = frame {
            if let (sentence, advice) = StreamVersion.current.mismatch(with: hello.version, on: host) {
                return end(UpstreamProblem(.misconfigured, sentence + ".", advice: advice + "."))
            }
            self.hello = hello
            (said, chatted) = ([], 0)
            clock.greeted(far: hello.clock, at: time.now())
            await report?(.clock(offset: clock.offset, roundTrip: nil))
            return send(.ping(clock: time.now()))
        }
        chatted += line.count
        // ssh ends its lines as terminals want them.
        let bytes = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        let text = SafeText.line(String(decoding: bytes.prefix(2000), as: UTF8.self), limit: 400)
        if !text.allSatisfy(\.isWhitespace) { said.append(text) }
        if said.count > Self.chatter.lines || chatted > Self.chatter.bytes {
            end(
                UpstreamProblem(
                    .unreadable, "\(host) talks without end, and is no slipway.",
                    advice: "Look what its start files print."))
        }
    }

    /// - Returns: whether there is something to settle.
    private func take(_ frame: StreamFrame) async throws(StreamFault) -> Bool {
        switch frame {
        case .ping(let clock): send(.pong(clock: clock, own: time.now()))
        case .pong(let sent, let far):
            clock.took(sent: sent, far: far, received: time.now())
            guard let roundTrip = clock.roundTrip else { break }
            await report?(.clock(offset: clock.offset, roundTrip: roundTrip))
            if let steady = clock.steadyRoundTrip { await perform(machine.measured(steady)) }
        case .response(let response): answer(response.number, .answer(response.answer))
        case .bye(let sentence, let advice):
            end(UpstreamProblem(machine.isLive ? .cut : .misconfigured, sentence, advice: advice))
        case .hello, .fleet, .change, .request, .unknown: break
        }
        switch mirror.take(frame) {
        case .ready:
            // Nothing may differ: then it is complete all the same.
            if case .fleet(let part) = frame, part.isLast, mirror.position == part.position { isWhole = true }
            return true
        case .waiting: return false
        case .needsFleet(let fault):
            number += 1
            var since: StreamPosition?
            if case .gap = fault { since = mirror.position }
            send(.request(.init(number: number, wish: .fleet(since: since))))
            return false
        case .refused(let fault): throw fault
        }
    }

    private func settle() async {
        let settled = mirror.settle()
        if !settled.changes.isEmpty { await report?(.changes(settled.changes)) }
        guard isWhole else {
            await perform(machine.arriving(mirror.arrived, of: mirror.expected))
            guard mirror.arrived > 0, first == nil else { return }
            settleFirst(nil, isWhole: false)
            // A screen is opened now; what follows would only take the processor from it.
            try? await time.sleep(Self.opening)
            return
        }
        let isNews = !machine.isLive
        await perform(machine.settled(reread: settled.reread ?? 0, at: moment))
        // How quick the link is can be measured now that nothing large is on its way.
        if isNews { send(.ping(clock: time.now())) }
        settleFirst(nil)
    }

    private func settleFirst(_ problem: UpstreamProblem?, isWhole: Bool = true) {
        guard first.map({ isWhole && !$0.isWhole }) ?? true else { return }
        first = Outcome(problem: problem, isWhole: isWhole)
        let due = firstWaiting.filter { isWhole || !$0.isWhole }
        firstWaiting.removeAll { isWhole || !$0.isWhole }
        for waiting in due { waiting.continuation.resume() }
    }
}
