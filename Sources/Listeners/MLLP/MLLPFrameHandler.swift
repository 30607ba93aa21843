import NIOCore
import NIOTLS

/// Cuts a connection's bytes into frames, and ends it when a frame takes too long to arrive or it has been idle for too long.
///
/// Only while it is read from: what the server does not take yet costs the sender no time. Nor is it idle while its answer is due.
final class MLLPFrameHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limits: MLLPLimits
    private var decoder: MLLPFrameDecoder
    private var waiting = ByteBuffer()
    /// Told how much is held, once somebody serves the connection.
    private var memory: (HeldMemory, id: Int)?
    /// Bytes of what waits that `memory` knows of.
    private var told = 0
    private var awaitsHandshake: Bool
    private var isServed = false
    /// Frames whose answer is due: passed on, and not written or let go yet.
    private var unanswered = 0
    private var clock: TransferClock
    private var timer: Scheduled<Void>?
    private var timerDue: NIODeadline?
    private var context: ChannelHandlerContext?

    init(limits: MLLPLimits, awaitsHandshake: Bool = false) {
        (self.limits, self.awaitsHandshake) = (limits, awaitsHandshake)
        decoder = MLLPFrameDecoder(limits: limits)
        clock = TransferClock(grace: .seconds(0), now: .now())
        restart()
    }

    /// Somebody serves it: from now on it is counted what it holds, and its time runs. On the event loop.
    func serve(in memory: HeldMemory, id: Int) {
        (self.memory, isServed) = ((memory, id), true)
        clock.go(.now())
        if let context { watch(context) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        restart()
        watch(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        (timer, self.context) = (nil, nil)
    }

    /// A frame was dealt with. Where there is an answer, its writing says so; else whoever serves the connection. On the event loop.
    func settled() {
        guard unanswered > 0, let context else { return }
        unanswered -= 1
        if unanswered == 0, !decoder.isWaiting { restart() }
        watch(context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        settled()
        context.write(data, promise: promise)
    }

    func channelActive(context: ChannelHandlerContext) {
        restart()
        watch(context)
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if awaitsHandshake, case .handshakeCompleted? = event as? TLSUserEvent {
            awaitsHandshake = false
            restart()
            watch(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeBuffer(&bytes) }
        let wasWaiting = decoder.isWaiting
        do throws(MLLPError) {
            var came = false
            while let frame = try decoder.next(&waiting) {
                came = true
                unanswered += 1
                // Held until it is dealt with: whoever serves it says so.
                memory.map { $0.0.change($0.id, by: frame.readableBytes) }
                context.fireChannelRead(wrapInboundOut(frame))
            }
            waiting.discardReadBytes()
            memory.map { $0.0.change($0.id, by: waiting.readableBytes - told) }
            told = waiting.readableBytes
            if came || decoder.isWaiting != wasWaiting {
                restart()
                watch(context)
            }
        } catch { end(context, error) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        clock.pause(.now())
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        clock.go(.now())
        watch(context)
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    // MARK: Time

    /// By when more must have come: the rest of a frame, or anything at all; nil: no matter when.
    private var seconds: Int? {
        if awaitsHandshake { return limits.handshakeSeconds }
        if decoder.isWaiting { return limits.frameSeconds }
        return limits.idleSeconds > 0 && unanswered == 0 ? limits.idleSeconds : nil
    }

    private func restart() {
        clock = TransferClock(grace: .seconds(Int64(seconds ?? 0)), now: .now())
        // What nobody reads yet costs the peer no time.
        if !isServed { clock.pause(.now()) }
    }

    private func watch(_ context: ChannelHandlerContext) {
        guard seconds != nil, let due = clock.due, context.channel.isActive else { return }
        if let timerDue, timer != nil, timerDue <= due { return }
        timer?.cancel()
        timerDue = due
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [self] in
            timer = nil
            guard let seconds, let due = clock.due else { return }
            guard due <= .now() else { return watch(context) }
            end(
                context,
                awaitsHandshake
                    ? .handshakeTooSlow(seconds: seconds)
                    : decoder.isWaiting ? .frameTooSlow(seconds: seconds) : .idle(seconds: seconds))
        }
    }

    private func end(_ context: ChannelHandlerContext, _ error: MLLPError) {
        timer?.cancel()
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }
}
