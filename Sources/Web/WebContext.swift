import Hummingbird
import NIOCore

/// What is known of a request beside its bytes: Hummingbird's own, and the connection it came on.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Closes the connection in a moment: time for the answer to be read, but not for an endless upload, which would be read to its end.
    func closeSoon() {
        let channel = channel
        channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }
}
