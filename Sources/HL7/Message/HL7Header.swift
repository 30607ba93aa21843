/// What MSH says, read as far as it can be: for an answer, or an entry in quarantine, about a message that cannot be read whole.
public struct HL7Header: Hashable, Sendable {
    public let separators: HL7Separators
    /// MSH as sent, without what ends the line.
    public let bytes: [UInt8]
    /// Byte offsets in `bytes`, as `HL7Index` has them.
    private let marks: [UInt32]

    /// - Returns: nil where no MSH begins the bytes, a byte-order mark set aside, or its separators make no sense.
    public init?(of message: [UInt8]) {
        let limit = Array(message.prefix(Self.maximumBytes))
        guard let text = try? HL7Encoding(sniffing: limit).utf8(limit) else { return nil }
        let start = HL7Encoding.byteOrderMark(text)
        guard HL7Bytes.isName("MSH", text.span.bytes, start),
            let separators = try? HL7Separators(text, at: start)
        else { return nil }
        let end = HL7Bytes.lineEnd(text.span.bytes, start)
        let bytes = Array(text[start..<end])
        self.separators = separators
        self.bytes = bytes
        marks =
            [0] + bytes.indices.filter { bytes[$0] == separators.field }.map { UInt32($0 + 1) } + [
                UInt32(bytes.count + 1)
            ]
    }

    /// Bytes of MSH that are looked at.
    public static let maximumBytes = 16 << 10

    /// A field as sent, by its number in the standard, from 3; empty where it is not there.
    public func field(_ number: Int) -> ArraySlice<UInt8> {
        bytes[Self.field(number, of: bytes, marks: marks, segments: [0, UInt32(marks.count)])]
    }

    /// The bytes of a field of MSH, from 3. Absent: an empty range.
    static func field(_ number: Int, of bytes: [UInt8], marks: [UInt32], segments: [UInt32]) -> Range<Int> {
        let mark = number - 1
        guard mark + 1 < Int(segments[1]) else {
            let end = Int(marks[Int(segments[1]) - 1]) - 1
            return end..<end
        }
        return Int(marks[mark])..<Int(marks[mark + 1]) - 1
    }
}
