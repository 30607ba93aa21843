import HTTPTypes
import Metrics
import NIOCore
import NIOHTTPTypes

/// Lets a request in or turns it away before any task is made of it: a refusal costs the connection's event loop some microseconds, so
/// that those let in are answered soon whatever comes.
///
/// Whoever is turned away is told so after a pause, since a client that asks again at once would keep the processors busy with refusals.
/// Nothing of the request was looked at but its address: no token, no receipt. What a watcher asks (health, metrics) always comes in.
final class GateHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    static let pushedBack = Counter(label: "daybook_http_pushed_back")

    private let limit: AdaptiveLimit
    private let pace: RefusalPace
    /// Requests let in and not answered: several where a client sends the next before it has the last one's answer.
    private var admitted = 0
    /// Requests of which the answer is not written, let in or not.
    private var answering = 0
    /// When the request under way was here whole.
    private var whole: NIODeadline?
    /// The rest of a request that was turned away is passed over.
    private var isPassingOver = false
    /// While one waits to be told, nothing behind it is looked at.
    private var isPausing = false
    private var wantsRead = false
    private var held: [HTTPRequestPart] = []
    private var isOpen = true

    init(limit: AdaptiveLimit, pace: RefusalPace) { (self.limit, self.pace) = (limit, pace) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isPausing { held.append(part) } else { take(part, context) }
    }

    func read(context: ChannelHandlerContext) {
        if isPausing { wantsRead = true } else { context.read() }
    }

    private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let request):
            answering += 1
            // Answers go in the order of requests: behind one that is under way nobody is turned away.
            if Self.isGated(request), answering == 1 {
                guard limit.enter() else {
                    isPassingOver = true
                    return
                }
                admitted += 1
            }
        case .body: if isPassingOver { return }
        case .end:
            if isPassingOver {
                isPassingOver = false
                return turnAway(context)
            }
            if admitted > 0 { whole = .now() }
        }
        context.fireChannelRead(wrapInboundOut(part))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            answering -= 1
            if admitted > 0 {
                admitted -= 1
                limit.leave(took: whole.map { .now() - $0 })
                whole = nil
            }
        }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOpen = false
        for _ in 0..<admitted { limit.leave(took: nil) }
        admitted = 0
        context.fireChannelInactive()
    }

    private func turnAway(_ context: ChannelHandlerContext) {
        Self.pushedBack.increment()
        isPausing = true
        let due = pace.next(now: context.eventLoop.now)
        context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [self] in
            guard isOpen else { return }
            answering -= 1
            context.write(wrapOutboundOut(.head(Self.refusal)), promise: nil)
            context.write(wrapOutboundOut(.body(Self.outcome)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            goOn(context)
        }
    }

    private func goOn(_ context: ChannelHandlerContext) {
        isPausing = false
        var waiting = held[...]
        held = []
        while let part = waiting.popFirst() {
            if isPausing { held.append(part) } else { take(part, context) }
        }
        if !isPausing, wantsRead {
            wantsRead = false
            context.fireChannelReadComplete()
            context.read()
        }
    }

    /// By exclusion: an address spelt otherwise is gated.
    private static func isGated(_ request: HTTPRequest) -> Bool {
        let path = (request.path ?? "").prefix { $0 != "?" }
        return !ungated.contains(String(path)) && !path.hasPrefix("/health/")
    }

    /// Answered from memory, or long answers with bounds of their own.
    private static let ungated: Set<String> = [
        "/metrics", "/openapi.json", "/fhir/metadata", "/.well-known/smart-configuration", "/feed",
    ]

    private static let outcome = ByteBuffer(
        string: #"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"throttled","#
            + #""diagnostics":"too many requests at once; nothing was done; come again"}]}"#)
    private static let refusal = HTTPResponse(
        status: .serviceUnavailable,
        headerFields: [
            .contentType: FHIRAnswer.contentType, .contentLength: String(outcome.readableBytes),
            .retryAfter: "1", .server: "daybook", .cacheControl: "no-store",
        ])
}
