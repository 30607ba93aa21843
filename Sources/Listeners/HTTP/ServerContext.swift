import Hummingbird
import Logging
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

    /// Names the trace in every line. Made where a line is written: most requests write none.
    var log: Logger {
        var log = logger
        log[metadataKey: "trace"] = "\(traceID)"
        return log
    }

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = Peer.name(source.channel.remoteAddress)
        channel = source.channel
    }
}
