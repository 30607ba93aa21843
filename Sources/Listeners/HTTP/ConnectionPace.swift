import HTTPTypes
import Metrics
import NIOCore
import NIOHTTPTypes

/// Holds a connection to a pace, so that a peer that is slow or silent costs its own connection and for so long only: a head is there in
/// time, a body comes and an answer is taken at some bytes a second at least, an answer begins in time. What the server does not read
/// yet, by its own choice, does not count against the peer.
///
/// After HTTP's parts are told apart: a head that drips in is nothing until it is whole.
final class ConnectionPace: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    enum Fault: String {
        case peer = "too-many-of-one-address"
        case head = "head-too-slow"
        case body = "body-too-slow"
        case tooLarge = "body-too-large"
        case answer = "answer-too-late"
        case reader = "answer-not-taken"
        case memory = "too-much-held"
    }

    private let limits: HTTPLimits
    private let peers: PeerConnections
    private let memory: HeldMemory
    /// Counted with, while it is.
    private var peer: String?
    private var memoryID = 0
    /// Bytes of the body that came, as `memory` knows of them: until its request is answered.
    private var heldBody = 0
    /// Of the head, or of the body, whichever is due.
    private var reading: TransferClock
    private var isInBody = false
    /// Bytes written and not taken yet, in so many parts, and when the last part before them was taken.
    private var unwritten = (parts: 0, bytes: 0)
    private var takenAt = NIODeadline.now()
    /// Requests whose answer has not ended.
    private var unanswered = 0
    private var hasBegunAnswer = false
    /// Since when the first of them is there whole.
    private var wholeAt: NIODeadline?
    private var timer: Scheduled<Void>?
    private var timerDue: NIODeadline?
    private var hasEnded = false

    /// Parts smaller than that are not worth counting.
    private static let countedBytes = 4 << 10

    init(_ limits: HTTPLimits, peers: PeerConnections, memory: HeldMemory) {
        (self.limits, self.peers, self.memory) = (limits, peers, memory)
        reading = TransferClock(grace: .seconds(Int64(limits.idleSeconds)), now: .now())
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard peer == nil, !hasEnded else { return }
        let name = Peer.name(context.remoteAddress)
        guard peers.enter(name) else { return end(context, .peer) }
        peer = name
        let channel = context.channel
        memoryID = memory.enter(name) {
            Self.ended(.memory)
            channel.close(promise: nil)
        }
        expectHead(context)
        watch(context)
    }

    private func stop() {
        timer?.cancel()
        (timer, timerDue) = (nil, nil)
        if let peer {
            peers.leave(peer)
            memory.leave(memoryID)
        }
        (peer, hasEnded) = (nil, true)
    }

    // MARK: Parts

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            isInBody = true
            reading = TransferClock(
                grace: .seconds(Int64(limits.transferSeconds)), bytesASecond: limits.bytesASecond,
                now: context.eventLoop.now)
        case .body(let bytes):
            reading.moved(bytes.readableBytes)
            if bytes.readableBytes >= Self.countedBytes || heldBody > 0 {
                heldBody += bytes.readableBytes
                memory.change(memoryID, by: bytes.readableBytes)
            }
            // A body that says no length, or that no route reads, has the same bound. What is just over it is the route's to refuse.
            if reading.bytes > limits.bodyBytes + (1 << 20) { return end(context, .tooLarge) }
        case .end:
            isInBody = false
            if wholeAt == nil { wholeAt = context.eventLoop.now }
            expectHead(context)
        }
        context.fireChannelRead(data)
        watch(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        reading.pause(context.eventLoop.now)
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        reading.go(context.eventLoop.now)
        watch(context)
        context.read()
    }

    private func expectHead(_ context: ChannelHandlerContext) {
        reading = TransferClock(
            grace: .seconds(Int64(limits.idleSeconds)), now: context.eventLoop.now)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var count = 64
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if head.status.kind != .informational { hasBegunAnswer = true }
        case .body(let bytes): count = bytes.readableBytes
        case .end:
            (unanswered, hasBegunAnswer) = (max(0, unanswered - 1), false)
            if unanswered == 0, !isInBody {
                memory.change(memoryID, by: -heldBody)
                heldBody = 0
            }
            wholeAt = unanswered > 0 && !isInBody ? context.eventLoop.now : nil
            if unanswered == 0, !isInBody { expectHead(context) }
        }
        if unwritten.parts == 0 { takenAt = context.eventLoop.now }
        unwritten = (unwritten.parts + 1, unwritten.bytes + count)
        let isCounted = count >= Self.countedBytes
        if isCounted { memory.change(memoryID, by: count) }
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            unwritten = (unwritten.parts - 1, unwritten.bytes - count)
            if isCounted { memory.change(memoryID, by: -count) }
            takenAt = context.eventLoop.now
        }
        context.write(data, promise: written)
        watch(context)
    }

    // MARK: Time

    /// What is due first, and what it is.
    private var due: (at: NIODeadline, fault: Fault)? {
        var all: [(NIODeadline, Fault)] = []
        // Whoever waits for an answer owes nothing.
        if isInBody {
            if let due = reading.due { all.append((due, .body)) }
        } else if unanswered == 0,
            let due = reading.due
        {
            all.append((due, .head))
        }
        if unwritten.parts > 0 {
            let pace = TimeAmount.milliseconds(Int64(unwritten.bytes) * 1000 / Int64(limits.bytesASecond))
            all.append((takenAt + .seconds(Int64(limits.transferSeconds)) + pace, .reader))
        }
        if let wholeAt, !hasBegunAnswer {
            all.append((wholeAt + .seconds(Int64(limits.requestSeconds)), .answer))
        }
        return all.min { $0.0 < $1.0 }.map { ($0.0, $0.1) }
    }

    /// Looks again when the next thing is due. One timer: what was done in time moves nothing until it goes off.
    private func watch(_ context: ChannelHandlerContext) {
        guard !hasEnded, let next = due else { return }
        if let timerDue, timerDue <= next.at { return }
        timer?.cancel()
        timerDue = next.at
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: next.at) { [self] in
            (timer, timerDue) = (nil, nil)
            guard !hasEnded, let now = due else { return }
            if now.at <= context.eventLoop.now { end(context, now.fault) } else { watch(context) }
        }
    }

    private func end(_ context: ChannelHandlerContext, _ fault: Fault) {
        guard !hasEnded else { return }
        Self.ended(fault)
        if fault == .answer { refuse(context) }
        stop()
        context.close(promise: nil)
    }

    private static func ended(_ fault: Fault) {
        Counter(label: "daybook_http_connections_ended", dimensions: [("why", fault.rawValue)]).increment()
    }

    /// Nothing of an answer has gone: say that none comes.
    private func refuse(_ context: ChannelHandlerContext) {
        let text =
            #"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"timeout","details":{"text":"no answer was "#
            + #"ready in time; what was sent may have been taken: sending the same again is safe"}}]}"#
        let head = HTTPResponse(
            status: .serviceUnavailable,
            headerFields: [
                .contentType: "application/fhir+json; charset=utf-8", .contentLength: "\(text.utf8.count)",
                .retryAfter: "5", .connection: "close",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(context.channel.allocator.buffer(string: text))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
