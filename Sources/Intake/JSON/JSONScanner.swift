/// Reads a whole JSON document in one pass onto a flat tape of tokens, strictly after RFC 8259.
///
/// Checked: UTF-8 everywhere, escapes and surrogate pairs, number syntax, duplicate member names (compared
/// after unescaping), depth, nothing after the end. A UTF-8 byte order mark at the start is passed over. No
/// token allocates. A value may be kept and used again: its storage is then reused.
public struct JSONScanner: Sendable {
    public var limits: JSONLimits
    var tokens: [JSONToken] = []
    var frames: [Frame] = []
    var names = JSONMemberNames()

    /// An open object or array.
    struct Frame {
        var token: Int
        var isObject: Bool
        /// Members or elements begun so far.
        var count: Int
        /// The token of the member name in force.
        var key: Int
    }

    enum State { case value, firstElement, key, firstKey, after }

    public init(limits: JSONLimits = .standard) { self.limits = limits }

    /// Scans the bytes into a document that shares them.
    ///
    /// - Throws: `JSONError` with the first fault in reading order.
    public mutating func scan(_ bytes: [UInt8]) throws(JSONError) -> JSONDocument {
        var document = JSONDocument(bytes: bytes, tokens: [])
        try scan(bytes, into: &document)
        return document
    }

    /// The same, reusing the storage of a document that is no longer needed.
    public mutating func scan(_ bytes: [UInt8], into document: inout JSONDocument) throws(JSONError) {
        swap(&tokens, &document.tokens)
        tokens.removeAll(keepingCapacity: true)
        frames.removeAll(keepingCapacity: true)
        names.removeAll()
        tokens.reserveCapacity(min(bytes.count, 1 << 22) / 20 + 8)
        do throws(JSONFault) {
            guard bytes.count <= limits.bytes else { throw JSONFault(code: .tooLarge, at: limits.bytes) }
            try run(bytes.span.bytes)
        } catch {
            let report = report(error, in: bytes)
            tokens.removeAll(keepingCapacity: true)
            swap(&tokens, &document.tokens)
            document.bytes = []
            throw report
        }
        swap(&tokens, &document.tokens)
        document.bytes = bytes
    }

    private mutating func run(_ raw: RawSpan) throws(JSONFault) {
        var i = try Self.start(of: raw)
        var state = State.value
        while true {
            i = try JSONBytes.skipSpace(raw, i)
            guard i < raw.byteCount else {
                throw JSONFault(code: tokens.isEmpty ? .empty : .truncated, at: i)
            }
            let byte = JSONBytes.byte(raw, i)
            switch state {
            case .firstElement where byte == JSONBytes.closeBracket:
                i = close(at: i)
                state = .after
            case .value, .firstElement:
                if !frames.isEmpty, !frames[frames.count - 1].isObject { frames[frames.count - 1].count += 1 }
                i = try value(raw, i, byte, &state)
            case .firstKey where byte == JSONBytes.closeBrace:
                i = close(at: i)
                state = .after
            case .key, .firstKey:
                guard byte == JSONBytes.quote else { throw JSONFault(code: .unexpected, at: i) }
                i = try key(raw, i)
                state = .value
            case .after:
                i = try separator(i, byte, &state)
            }
            if state == .after, frames.isEmpty { return try end(raw, i) }
        }
    }

    /// A value begins at `i`. Containers stay open.
    @inline(__always)
    private mutating func value(
        _ raw: RawSpan, _ i: Int, _ byte: UInt8, _ state: inout State
    ) throws(JSONFault) -> Int {
        let index = tokens.count
        switch byte {
        case JSONBytes.quote:
            let (end, isEscaped) = try JSONBytes.string(raw, i + 1)
            tokens.append(JSONToken(.string, start: i, end: end, next: index + 1, isEscaped: isEscaped))
            state = .after
            return end
        case JSONBytes.openBrace:
            try open(at: i, isObject: true)
            state = .firstKey
            return i + 1
        case JSONBytes.openBracket:
            try open(at: i, isObject: false)
            state = .firstElement
            return i + 1
        default:
            let (end, kind) = try JSONBytes.scalar(raw, i, byte)
            tokens.append(JSONToken(kind, start: i, end: end, next: index + 1))
            state = .after
            return end
        }
    }

    /// A member name and its colon.
    @inline(__always)
    private mutating func key(_ raw: RawSpan, _ start: Int) throws(JSONFault) -> Int {
        let (end, isEscaped) = try JSONBytes.string(raw, start + 1)
        let index = tokens.count
        let token = JSONToken(.key, start: start, end: end, next: index + 1, isEscaped: isEscaped)
        tokens.append(token)
        frames[frames.count - 1].key = index
        frames[frames.count - 1].count += 1
        try names.add(raw, index, tokens)
        var i = end
        if i < raw.byteCount, JSONBytes.byte(raw, i) != JSONBytes.colon {
            i = try JSONBytes.skipSpace(raw, i)
        }
        guard i < raw.byteCount else { throw JSONFault(code: .truncated, at: i) }
        guard JSONBytes.byte(raw, i) == JSONBytes.colon else { throw JSONFault(code: .unexpected, at: i) }
        return i + 1
    }

    @inline(__always)
    private mutating func separator(_ i: Int, _ byte: UInt8, _ state: inout State) throws(JSONFault) -> Int {
        let isObject = frames[frames.count - 1].isObject
        switch byte {
        case JSONBytes.comma:
            state = isObject ? .key : .value
            return i + 1
        case JSONBytes.closeBrace where isObject, JSONBytes.closeBracket where !isObject:
            return close(at: i)
        default: throw JSONFault(code: .unexpected, at: i)
        }
    }

    private mutating func open(at i: Int, isObject: Bool) throws(JSONFault) {
        guard frames.count < limits.depth else { throw JSONFault(code: .tooDeep, at: i) }
        frames.append(Frame(token: tokens.count, isObject: isObject, count: 0, key: -1))
        if isObject { names.open() }
        tokens.append(JSONToken(isObject ? .object : .array, start: i, end: i, next: 0))
    }

    private mutating func close(at i: Int) -> Int {
        let frame = frames.removeLast()
        if frame.isObject { names.close() }
        tokens[frame.token].end = UInt32(truncatingIfNeeded: i + 1)
        tokens[frame.token].next = UInt32(truncatingIfNeeded: tokens.count)
        return i + 1
    }

    private func end(_ raw: RawSpan, _ i: Int) throws(JSONFault) {
        let rest = try JSONBytes.skipSpace(raw, i)
        guard rest == raw.byteCount else { throw JSONFault(code: .trailingBytes, at: rest) }
    }

    /// Passes over a UTF-8 byte order mark, and names other encodings by their first bytes (RFC 4627 section
    /// 3).
    private static func start(of raw: RawSpan) throws(JSONFault) -> Int {
        let count = raw.byteCount
        func at(_ i: Int) -> UInt8 { i < count ? JSONBytes.byte(raw, i) : 0xAA }
        if at(0) == 0xEF, at(1) == 0xBB, at(2) == 0xBF { return 3 }
        if (at(0) == 0xFE && at(1) == 0xFF) || (at(0) == 0xFF && at(1) == 0xFE) || at(0) == 0 || at(1) == 0 {
            throw JSONFault(code: .charset, at: 0)
        }
        return 0
    }
}
