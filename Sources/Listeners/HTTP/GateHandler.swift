import HTTPTypes
import Metrics
import NIOCore
import NIOHTTPTypes

/// Lets a request in or turns it away before any task is made of it: a refusal costs the connection's event loop some microseconds, so
/// that those let in are answered soon whatever comes.
///
/// Whoever is turned away is told so after a pause, since a client that asks again at once would keep the processors busy with refusals.
/// Nothing of the request was looked at but its address: no token, no receipt. What a watcher asks (health, metrics) always comes in.
///
/// A place is taken when the request is there whole: whoever drips a body holds none. A larger body takes one as it comes, of those that
/// large ones may have.
final class GateHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    static let pushedBack = Counter(label: "daybook_http_pushed_back")

    private let limit: AdaptiveLimit
    private let pace: RefusalPace
    /// A request's body that is waited for here, at most.
    static let smallBody = 16 << 10

    /// The place of the request under way, once it has one.
    private var place: AdaptiveLimit.Place?
    /// Whether the request under way is not answered.
    private var isAnswering = false
    /// What came of one that has no place yet.
    private var gathered: (parts: [HTTPRequestPart], bytes: Int)?
    /// When the request under way was here whole.
    private var whole: NIODeadline?
    /// Whether its answer keeps to a beat, which is no lateness.
    private var keepsBeat = false
    /// The rest of a request that was turned away is passed over.
    private var isPassingOver = false
    /// While one waits to be told, or is answered, nothing behind it is looked at.
    private var isHolding = false
    private var wantsRead = false
    private var held: [HTTPRequestPart] = []
    private var isOpen = true

    init(limit: AdaptiveLimit, pace: RefusalPace) { (self.limit, self.pace) = (limit, pace) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isHolding { held.append(part) } else { take(part, context) }
    }

    func read(context: ChannelHandlerContext) {
        if isHolding { wantsRead = true } else { context.read() }
    }

    private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let request):
            if isAnswering {
                isHolding = true
                return held.append(part)
            }
            isAnswering = true
            if Self.isGated(request) {
                gathered = ([part], 0)
                return
            }
        case .body(let bytes):
            if isPassingOver { return }
            if gathered != nil {
                gathered?.parts.append(part)
                gathered?.bytes += bytes.readableBytes
                if let all = gathered, all.bytes > Self.smallBody, !letIn(isLarge: true, context) {
                    isPassingOver = true
                }
                return
            }
        case .end:
            if isPassingOver {
                isPassingOver = false
                return turnAway(context)
            }
            if gathered != nil, !letIn(isLarge: false, context) { return turnAway(context) }
            whole = .now()
        }
        context.fireChannelRead(wrapInboundOut(part))
    }

    /// Passes on what came, where there is a place.
    private func letIn(isLarge: Bool, _ context: ChannelHandlerContext) -> Bool {
        let parts = gathered?.parts ?? []
        gathered = nil
        guard let place = limit.enter(isLarge: isLarge) else { return false }
        self.place = place
        for part in parts { context.fireChannelRead(wrapInboundOut(part)) }
        return true
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): keepsBeat = [403, 404, 410].contains(head.status.code)
        case .body: break
        case .end: answered(context)
        }
        context.write(data, promise: promise)
    }

    private func answered(_ context: ChannelHandlerContext) {
        isAnswering = false
        if let place {
            limit.leave(
                place, took: whole.map { .now() - $0 },
                beat: keepsBeat ? TimeAmount(FHIRErrorMiddleware.usualBeat) : .zero)
        }
        (place, whole) = (nil, nil)
        guard isHolding else { return }
        // Not from within the writing of the answer before.
        context.eventLoop.assumeIsolated().execute { [self] in if isOpen { goOn(context) } }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOpen = false
        if let place { limit.leave(place, took: nil) }
        place = nil
        context.fireChannelInactive()
    }

    private func turnAway(_ context: ChannelHandlerContext) {
        Self.pushedBack.increment()
        isHolding = true
        let due = pace.next(now: context.eventLoop.now)
        context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [self] in
            guard isOpen else { return }
            isAnswering = false
            context.write(wrapOutboundOut(.head(Self.refusal)), promise: nil)
            context.write(wrapOutboundOut(.body(Self.outcome)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            goOn(context)
        }
    }

    private func goOn(_ context: ChannelHandlerContext) {
        isHolding = false
        var waiting = held[...]
        held = []
        while let part = waiting.popFirst() {
            if isHolding { held.append(part) } else { take(part, context) }
        }
        // What was passed on is looked at only then.
        context.fireChannelReadComplete()
        if !isHolding, wantsRead {
            wantsRead = false
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
