import Fleet
import NIOCore
import NIOPosix
import Upstream

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What `slipway agent` does with a server: lets screens of this machine in, or talks with the one that started it.
public enum AgentDesk {
    /// Seconds in which readers can be told that this is the end.
    private static let grace = 0.3
    /// Seconds in which who started a relay can still take what the agent said before it ended. Who takes nothing, as a laptop that sleeps
    /// or a program that was stopped, is not waited for for ever.
    private static let parting = 5.0

    /// Serves everybody who comes to a socket, until the task is cancelled or the server's fleet ends.
    ///
    /// - Parameter ready: called when others can connect.
    public static func keep(
        _ server: AttachServer, at socket: AgentSocket, time: TimeSource, ready: @escaping @Sendable () -> Void = {}
    ) async throws(UpstreamProblem) {
        let outcome = await withTaskGroup(of: Result<Void, UpstreamProblem>?.self) { group in
            let listener = Task { () -> Result<Void, UpstreamProblem> in
                do throws(UpstreamProblem) {
                    try await socket.listen(ready: ready) { await server.serve($0) }
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask { await listener.value }
            group.addTask {
                await server.run()
                // Cancelled or not, what is told now should still get out.
                if await server.readers > 0 { await Task { try? await time.sleep(grace) }.value }
                listener.cancel()
                return nil
            }
            var outcome: Result<Void, UpstreamProblem> = .success(())
            for await end in group {
                guard let end else { continue }
                outcome = end
                // The other one need not go on.
                group.cancelAll()
            }
            return outcome
        }
        try outcome.get()
    }

    /// Serves the one who started this program, over its input and output, until either ends.
    public static func serveStarter(_ server: AttachServer, time: TimeSource) async throws(UpstreamProblem) {
        try await standard { talk in
            await withTaskGroup(of: Void.self) { group in
                let running = Task { await server.run() }
                group.addTask { await server.serve(talk) }
                await group.waitForAll()
                running.cancel()
                await running.value
            }
        }
    }

    /// Passes everything on between who started this program and the agent at a socket, as it is.
    public static func relayStarter(to socket: AgentSocket, time: TimeSource) async throws(UpstreamProblem) {
        try await standard { starter in
            try await SocketTalk.connect(socket.path, afterEnd: { try? await time.sleep(parting) }) { agent in
                await relay(starter, agent)
            }
        }
    }

    /// Tells who started this program why there is nothing to see.
    public static func excuse(
        _ sentence: String, advice: String, setting: AttachServer.Setting, time: TimeSource
    ) async throws(UpstreamProblem) {
        try await standard { talk in
            let hello = StreamFrame.Hello(program: setting.program, host: setting.host, clock: time.now())
            try await talk.write(
                StreamLines.line(.hello(hello)) + StreamLines.line(.bye(sentence: sentence, advice: advice)))
            // Until it has read that and goes.
            try await talk.read { _ in }
        }
    }

    /// Until one of them ends.
    static func relay(_ one: any Conversation, _ other: any Conversation) async {
        await withTaskGroup(of: Void.self) { group in
            for (from, to) in [(one, other), (other, one)] {
                group.addTask { try? await from.read { try await to.write($0) } }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private static func standard(
        _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws(UpstreamProblem) {
        // Copies: they are closed in the end, and nothing else may take these numbers.
        let (input, output) = (dup(0), dup(1))
        do {
            try await SocketTalk.standard(input: input, output: output, body)
        } catch {
            if Task.isCancelled { return }
            throw UpstreamProblem(
                .misconfigured, "Input and output cannot be talked over: \(SafeText.line("\(error)", limit: 160))",
                advice: "`agent --stdio` is for `slipway attach`, which starts it with pipes.")
        }
    }
}
