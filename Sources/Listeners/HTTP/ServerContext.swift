import Hummingbird
import NIOCore
import Server

/// What a request carries along: Hummingbird's own, and the trace it belongs to.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The W3C trace id, from the request or made here: 32 hexadecimal digits.
    var traceID = ""
    /// Who asks, where a token was needed and good.
    var caller: Caller?
    /// The address that the request came from, as connections are counted by.
    let peer: String
    /// The connection.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = Peer.name(source.channel.remoteAddress)
        channel = source.channel
    }
}
