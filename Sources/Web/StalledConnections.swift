import NIOCore

/// Closes a connection on which nothing was read and nothing could be written for a while: a reader who stopped reading would otherwise
/// hold its answer in memory for ever. Stands behind NIO's `IdleStateHandler`, which says so.
final class StalledConnections: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
