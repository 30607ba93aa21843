import NIOCore

/// Cuts a connection's bytes into frames, and ends it when a frame takes too long to arrive or it has been idle for too long.
final class MLLPFrameHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let limits: MLLPLimits
    private var decoder: MLLPFrameDecoder
    private var waiting = ByteBuffer()
    private var deadline: Scheduled<Void>?

    init(limits: MLLPLimits) {
        self.limits = limits
        decoder = MLLPFrameDecoder(limits: limits)
    }

    func channelActive(context: ChannelHandlerContext) {
        expect(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeBuffer(&bytes) }
        let wasWaiting = decoder.isWaiting
        do throws(MLLPError) {
            var came = false
            while let frame = try decoder.next(&waiting) {
                came = true
                context.fireChannelRead(wrapInboundOut(frame))
            }
            waiting.discardReadBytes()
            if came || decoder.isWaiting != wasWaiting { expect(context) }
        } catch { end(context, error) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    /// By when more must have come: the rest of a frame, or anything at all.
    private func expect(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        let seconds = decoder.isWaiting ? limits.frameSeconds : limits.idleSeconds
        guard seconds > 0 else { return }
        let isFrame = decoder.isWaiting
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(Int64(seconds))) {
            self.end(context, isFrame ? .frameTooSlow(seconds: seconds) : .idle(seconds: seconds))
        }
    }

    private func end(_ context: ChannelHandlerContext, _ error: MLLPError) {
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }
}
