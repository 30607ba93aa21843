import NIOCore

/// Cuts a stream into MLLP frames: 0x0B, the message, 0x1C 0x0D (HL7 v2, transport specification, appendix C).
///
/// What stands between frames is skipped. A 0x1C that no 0x0D follows belongs to the message.
struct MLLPFrameDecoder {
    static let start: UInt8 = 0x0B
    static let end: UInt8 = 0x1C
    static let carriageReturn: UInt8 = 0x0D

    let limits: MLLPLimits
    /// Bytes behind the start byte that hold no end: not looked at twice, however the stream is cut.
    private var scanned = 0
    private var isInFrame = false
    private var stray = 0

    init(limits: MLLPLimits) { self.limits = limits }

    /// Whether part of a frame has come.
    var isWaiting: Bool { isInFrame }

    /// The next whole frame's content.
    ///
    /// - Throws: `MLLPError` past a limit; the connection cannot go on.
    mutating func next(_ buffer: inout ByteBuffer) throws(MLLPError) -> ByteBuffer? {
        if !isInFrame, try !enterFrame(&buffer) { return nil }
        let found = buffer.withUnsafeReadableBytes { bytes -> Int? in
            var at = scanned
            while at + 1 < bytes.count {
                if bytes[at] == Self.end, bytes[at + 1] == Self.carriageReturn { return at }
                at += 1
            }
            return nil
        }
        guard let length = found else {
            // The last byte may be the first of an end.
            scanned = max(scanned, buffer.readableBytes - 1)
            if buffer.readableBytes > limits.frameBytes + 1 { throw .frameTooLarge(limit: limits.frameBytes) }
            return nil
        }
        if length > limits.frameBytes { throw .frameTooLarge(limit: limits.frameBytes) }
        (isInFrame, scanned) = (false, 0)
        let frame = buffer.readSlice(length: length)
        buffer.moveReaderIndex(forwardBy: 2)
        return frame
    }

    private mutating func enterFrame(_ buffer: inout ByteBuffer) throws(MLLPError) -> Bool {
        let before =
            buffer.readableBytesView.firstIndex(of: Self.start)
            .map { $0 - buffer.readerIndex } ?? buffer.readableBytes
        stray += before
        buffer.moveReaderIndex(forwardBy: before)
        if stray > limits.strayBytes { throw .notMLLP(strayBytes: stray) }
        if buffer.readableBytes == 0 { return false }
        buffer.moveReaderIndex(forwardBy: 1)
        (isInFrame, stray, scanned) = (true, 0, 0)
        return true
    }

    /// A message as one frame.
    static func framed(_ message: [UInt8], into buffer: inout ByteBuffer) {
        buffer.reserveCapacity(minimumWritableBytes: message.count + 3)
        buffer.writeInteger(start)
        buffer.writeBytes(message)
        buffer.writeInteger(end)
        buffer.writeInteger(carriageReturn)
    }
}
