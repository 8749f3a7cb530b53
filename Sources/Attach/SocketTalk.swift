import NIOCore
import NIOPosix
import Synchronization
import Upstream

/// Conversations over Unix sockets and over this program's own input and output. A writer waits while the other side does not read; a
/// reader is not given more before it has taken what there is. All end with the task that holds them.
enum SocketTalk {
    typealias Channel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Bytes that may wait on their way out before a writer has to wait.
    private static let writable = ChannelOptions.Types.WriteBufferWaterMark(low: 16 << 10, high: 64 << 10)

    struct Talk: Conversation {
        let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

        func write(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

        func read(_ take: @Sendable ([UInt8]) async throws -> Void) async throws {
            for try await piece in inbound { try await take(Array(piece.readableBytesView)) }
        }
    }

    /// Talks with whoever listens there, until `body` returns.
    ///
    /// - Parameter afterEnd: how long `body` may go on when the other side has closed: one that only passes on to somebody who does not
    ///   read would never learn of it.
    static func connect(
        _ path: String, afterEnd: (@Sendable () async -> Void)? = nil,
        _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.writeBufferWaterMark, value: writable)
            .connect(unixDomainSocketPath: path) { wrapped($0) }
        guard let afterEnd else { return try await talk(channel, body) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await talk(channel, body) }
            group.addTask {
                // Also when `body` has ended: then it is closed here.
                try? await channel.channel.closeFuture.get()
                await afterEnd()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Lets everybody in who connects, until the task is cancelled; then all connections are closed.
    ///
    /// Each connection is taken over where it is made. NIO's own sequence of connections would drop those that it holds when it ends, and a
    /// connection that is dropped unused ends the program.
    ///
    /// - Parameter bound: called when the socket is there.
    static func listen(
        _ path: String, bound: () -> Void, _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws {
        let callers = Callers { channel in try? await talk(channel, body) }
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.writeBufferWaterMark, value: writable)
            .childChannelInitializer { channel in wrapped(channel).map { callers.add($0) } }
            .bind(unixDomainSocketPath: path).get()
        bound()
        await withTaskCancellationHandler {
            try? await listener.closeFuture.get()
        } onCancel: {
            listener.close(promise: nil)
        }
        await callers.end()
    }

    /// Those who have connected.
    private final class Callers: Sendable {
        private struct State {
            var tasks: [Int: Task<Void, Never>] = [:]
            var count = 0
            var isOver = false
        }

        private let state = Mutex(State())
        private let serve: @Sendable (Channel) async -> Void

        init(_ serve: @escaping @Sendable (Channel) async -> Void) { self.serve = serve }

        func add(_ channel: Channel) {
            state.withLock { state in
                state.count += 1
                let id = state.count
                let task = Task {
                    await serve(channel)
                    self.state.withLock { $0.tasks[id] = nil }
                }
                if state.isOver { task.cancel() } else { state.tasks[id] = task }
            }
        }

        /// Returns when all are gone.
        func end() async {
            let tasks = state.withLock { state in
                state.isOver = true
                return Array(state.tasks.values)
            }
            for task in tasks { task.cancel() }
            for task in tasks { await task.value }
        }
    }

    /// Talks with whoever started this program, over copies of the two descriptors.
    static func standard(
        input: CInt, output: CInt, _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws {
        let channel = try await NIOPipeBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.writeBufferWaterMark, value: writable)
            .takingOwnershipOfDescriptors(input: input, output: output) { wrapped($0) }
        try await talk(channel, body)
    }

    private static func talk(
        _ channel: Channel, _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws {
        try await channel.executeThenClose { inbound, outbound in
            try await body(Talk(inbound: inbound, outbound: outbound))
        }
    }

    private static func wrapped(_ channel: any NIOCore.Channel) -> EventLoopFuture<Channel> {
        channel.eventLoop.makeCompletedFuture { try Channel(wrappingChannelSynchronously: channel) }
    }
}
