/// One HL7 v2 message, any version: its bytes, and where its segments and fields are in them.
///
/// Nothing is copied and nothing decoded until it is asked for; Z-segments and fields of later versions are kept like any other.
/// An object that never changes, so that values can point into it.
public final class HL7Message: Sendable {
    /// The message's bytes; of one in UTF-16 or UTF-32, the same in UTF-8.
    public let bytes: [UInt8]
    public let separators: HL7Separators
    /// How the bytes beyond ASCII are read.
    public let charset: HL7Charset
    let index: HL7Index

    /// Reads a message. A byte-order mark before it, and blank lines in it, are passed over; CR, LF and CRLF all end a segment.
    ///
    /// - Parameter bytes: from the `MSH` to the end of the last segment, without the framing of MLLP.
    /// - Throws: what is wrong with it, and where.
    public init(_ bytes: [UInt8], limits: HL7Limits = .standard) throws(HL7Error) {
        guard bytes.count <= limits.messageBytes else {
            throw HL7Error(
                .tooLarge, offset: limits.messageBytes,
                "\(bytes.count) bytes: at most \(limits.messageBytes) of one message are taken")
        }
        if bytes.isEmpty { throw HL7Error(.empty, offset: 0, "no bytes at all") }
        let encoding = HL7Encoding(sniffing: bytes)
        let bytes = try encoding.utf8(bytes)
        let start = HL7Encoding.byteOrderMark(bytes)
        let separators = try HL7Separators(bytes, at: start)
        guard HL7Bytes.isName("MSH", bytes.span.bytes, start) else {
            throw HL7Error(
                .notAMessage, offset: start,
                "a batch's header, where a message was expected: it begins with MSH")
        }
        let index = try HL7Index(bytes, from: start, separators: separators, limits: limits)
        (self.bytes, self.separators, self.index) = (bytes, separators, index)
        charset = try Self.charset(bytes, index, separators, encoding)
    }

    /// What MSH-18 says, held against the bytes.
    private static func charset(
        _ bytes: [UInt8], _ index: HL7Index, _ separators: HL7Separators, _ encoding: HL7Encoding
    ) throws(HL7Error) -> HL7Charset {
        let name = HL7Header.field(18, of: bytes, marks: index.marks, segments: index.segments)
        let first = bytes[name].prefix { $0 != separators.repetition && $0 != separators.component }
        let declared = try HL7Charset.declared(Array(first), at: name.lowerBound)
        guard index.hasHighBytes else { return declared == .latin9 ? .latin9 : declared }
        if encoding != .bytes { return .utf8 }
        switch declared {
        case .latin1, .latin9: return declared
        case .utf8:
            if let bad = HL7Charset.firstInvalid(bytes) {
                throw HL7Error(
                    .charset, path: "MSH-18", offset: bad,
                    "byte \(bad) is not of UTF-8, which MSH-18 says the message is in")
            }
            return .utf8
        case .unsaid: return HL7Charset.firstInvalid(bytes) == nil ? .utf8 : .latin1
        }
    }

    /// The number of segments, blank lines left out; at least one.
    public var segmentCount: Int { index.segments.count - 1 }

    /// - Precondition: `number` is in `0..<segmentCount`.
    public func segment(_ number: Int) -> HL7Segment { HL7Segment(message: self, number: number) }

    public var segments: some RandomAccessCollection<HL7Segment> {
        (0..<segmentCount).lazy.map { self.segment($0) }
    }

    /// MSH.
    public var header: HL7Segment { segment(0) }

    /// The first segment of that name.
    public func first(_ name: StaticString) -> HL7Segment? { segments.first { $0.isNamed(name) } }
}
