/// A file of HL7 v2 messages, one or many: as they stand, in batches (`FHS`, `BHS` … `BTS`, `FTS`), or framed as on the wire.
public struct HL7File: Sendable {
    public let bytes: [UInt8]
    /// The messages in order: from an `MSH` to the end of its last segment, without blank lines, framing or the batch's own segments
    /// around it. What stands before the first MSH and is no batch's segment is a message too, for someone to refuse.
    public let messages: [Range<Int>]

    /// Bytes in UTF-16 or UTF-32 are one message.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        messages = HL7Encoding(sniffing: bytes) == .bytes ? Self.cut(bytes) : [0..<bytes.count]
    }

    /// Whether the bytes begin like HL7 v2: with MSH, FHS or BHS, after a byte-order mark, framing and white space.
    public static func isHL7(_ bytes: some Collection<UInt8>) -> Bool {
        let head = Array(bytes.prefix(256))
        // The characters in question are ASCII: of wider units, what is not zero, byte-order marks left out.
        let text = HL7Encoding(sniffing: head) == .bytes ? head : head.filter { $0 != 0 && $0 < 0xFE }
        let start = text.indices.dropFirst(HL7Encoding.byteOrderMark(text)).first { text[$0] > 0x20 }
        return start.map { HL7Bytes.beginsHeader(text.span.bytes, $0) } ?? false
    }

    /// Where the last message, or the last batch's segment, begins, so that what stands before it is whole; nil where there is
    /// none after the first.
    public static func lastBoundary(_ bytes: [UInt8]) -> Int? {
        let raw = bytes.span.bytes
        var i = bytes.count
        while i > 1 {
            i -= 1
            let before = HL7Bytes.byte(raw, i)
            let isLineEnd = before == HL7Bytes.cr || before == HL7Bytes.lf || before == HL7Bytes.startBlock
            if isLineEnd, lineKind(raw, i + 1) != .content { return i + 1 }
        }
        return nil
    }

    /// What makes a message the same however it was carried: its segments with a carriage return between them; no byte-order mark, no
    /// blank lines, nothing of a frame. Bytes in UTF-16 or UTF-32 stay as they are.
    public static func canonical(_ message: [UInt8]) -> [UInt8] {
        guard HL7Encoding(sniffing: message) == .bytes else { return message }
        let raw = message.span.bytes
        var out: [UInt8] = []
        out.reserveCapacity(message.count)
        var line = HL7Encoding.byteOrderMark(message)
        while line < message.count {
            while line < message.count, HL7Bytes.byte(raw, line) == HL7Bytes.startBlock { line += 1 }
            let end = HL7Bytes.lineEnd(raw, line)
            let content = trimmed(raw, line..<end)
            if !content.isEmpty {
                if !out.isEmpty { out.append(HL7Bytes.cr) }
                out += message[content]
            }
            line = end + 1
        }
        return out
    }

    private enum LineKind { case message, envelope, content }

    private static func lineKind(_ raw: RawSpan, _ start: Int) -> LineKind {
        if HL7Bytes.begins("MSH", raw, start) { return .message }
        for name: StaticString in ["FHS", "BHS", "BTS", "FTS"] where HL7Bytes.begins(name, raw, start) {
            return .envelope
        }
        return .content
    }

    private static func cut(_ bytes: [UInt8]) -> [Range<Int>] {
        let raw = bytes.span.bytes
        var out: [Range<Int>] = []
        var open: Range<Int>?
        var line = HL7Encoding.byteOrderMark(bytes)
        while line < bytes.count {
            while line < bytes.count, HL7Bytes.byte(raw, line) == HL7Bytes.startBlock { line += 1 }
            let end = HL7Bytes.lineEnd(raw, line)
            switch lineKind(raw, line) {
            case .message:
                if let open { out.append(open) }
                open = trimmed(raw, line..<end)
            case .envelope:
                if let open { out.append(open) }
                open = nil
            case .content:
                let content = trimmed(raw, line..<end)
                if !content.isEmpty { open = (open?.lowerBound ?? content.lowerBound)..<content.upperBound }
            }
            line = end + 1
        }
        if let open { out.append(open) }
        return out
    }

    /// Without control characters (the end of a frame, most of all) at its end, and empty where it is blank.
    private static func trimmed(_ raw: RawSpan, _ line: Range<Int>) -> Range<Int> {
        var end = line.upperBound
        while end > line.lowerBound, HL7Bytes.byte(raw, end - 1) < 0x20 { end -= 1 }
        let isBlank = (line.lowerBound..<end).allSatisfy { HL7Bytes.byte(raw, $0) <= 0x20 }
        return line.lowerBound..<(isBlank ? line.lowerBound : end)
    }
}
