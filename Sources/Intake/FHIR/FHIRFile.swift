/// A file of FHIR JSON cut into messages: one document, or one message a line (NDJSON). Told by content, not
/// by name.
public struct FHIRFile: Sendable {
    public enum Kind: Hashable, Sendable {
        /// One JSON document, however many lines it takes.
        case document
        /// A message on each line that is not blank.
        case lines
    }

    public let bytes: [UInt8]
    public let kind: Kind

    /// Sniffs the bytes: lines if the first line that is not blank is a whole JSON value and another follows,
    /// or if both of them begin like objects.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        kind = Self.sniff(bytes)
    }

    /// Lines by decree: a piece of a file whose whole was told to be lines.
    public init(lines bytes: [UInt8]) {
        self.bytes = bytes
        kind = .lines
    }

    /// One message of the file.
    public struct Message: Hashable, Sendable {
        /// Its bytes in the file.
        public var range: Range<Int>
        /// Its line, from 1; nil where the file is one document.
        public var line: Int?
    }

    /// The messages in order, without blank lines. A line's bytes leave out its line feed and a carriage
    /// return before it. A document is always one message, even an empty one.
    public var messages: [Message] {
        guard kind == .lines else { return [Message(range: 0..<bytes.count, line: nil)] }
        var out: [Message] = []
        var number = 1
        var start = 0
        while start < bytes.count {
            let end = Self.lineEnd(bytes, start)
            let range = Self.trimmed(bytes, start..<end)
            if !range.isEmpty { out.append(Message(range: range, line: number)) }
            number += 1
            start = end + 1
        }
        return out
    }

    private static func sniff(_ bytes: [UInt8]) -> Kind {
        var found: [Range<Int>] = []
        var start = 0
        while start < bytes.count, found.count < 2 {
            let end = lineEnd(bytes, start)
            let range = trimmed(bytes, start..<end)
            if !range.isEmpty { found.append(range) }
            start = end + 1
        }
        guard found.count == 2 else { return .document }
        if isWhole(Array(bytes[found[0]])) { return .lines }
        // The first line is broken, or a document goes over lines: it breaks off where a value or a member is
        // due, or its second line is no object.
        let isOpen = Array(":,[{".utf8).contains(bytes[found[0].upperBound - 1])
        return !isOpen && begins(bytes, found[0]) && begins(bytes, found[1]) ? .lines : .document
    }

    private static func isWhole(_ line: [UInt8]) -> Bool { (try? JSONDocument(line)) != nil }

    /// Whether a line begins with an object and its first member name.
    private static func begins(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let significant = bytes[range].lazy.filter { $0 > 0x20 }.prefix(2)
        return significant.elementsEqual([JSONBytes.openBrace, JSONBytes.quote])
    }

    /// The offset of the line feed that ends the line from `start`, or the end.
    private static func lineEnd(_ bytes: [UInt8], _ start: Int) -> Int {
        let raw = bytes.span.bytes
        var i = start
        while i + 8 <= bytes.count {
            let difference = JSONBytes.word(raw, i) ^ (0x0A &* JSONBytes.ones)
            let hits = (difference &- JSONBytes.ones) & ~difference & JSONBytes.highs
            if hits != 0 { return i + (hits.trailingZeroBitCount >> 3) }
            i += 8
        }
        while i < bytes.count, bytes[i] != 0x0A { i += 1 }
        return i
    }

    /// Without white space on either side.
    private static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        func isSpace(_ c: UInt8) -> Bool { c == 0x20 || c == 0x09 || c == 0x0D }
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }
}
