/// A checked JSON document: its bytes and the tape over them. Tape indices name its values; 0 is the root.
///
/// The members taking an index trap on one outside the tape, like an array. `JSONCursor` is the convenient
/// view.
public struct JSONDocument: Sendable {
    public internal(set) var bytes: [UInt8]
    public internal(set) var tokens: [JSONToken]

    init(bytes: [UInt8], tokens: [JSONToken]) { (self.bytes, self.tokens) = (bytes, tokens) }

    /// - Throws: `JSONError` with the first fault in reading order.
    public init(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        var scanner = JSONScanner(limits: limits)
        self = try scanner.scan(bytes)
    }

    public init(_ text: String) throws(JSONError) { try self.init(Array(text.utf8)) }

    public var root: JSONCursor { JSONCursor(self, at: 0) }

    /// The bytes of a value exactly as sent.
    public func raw(_ index: Int) -> ArraySlice<UInt8> { bytes[tokens[index].range] }

    /// UTF-8 of a key or string, escapes resolved.
    public func text(_ index: Int) -> [UInt8] {
        let token = tokens[index]
        return token.isEscaped ? JSONText.unescaped(bytes.span.bytes, token) : Array(bytes[token.inner])
    }

    public func string(_ index: Int) -> String { String(decoding: text(index), as: UTF8.self) }

    /// The tape index of an object's member value.
    public func member(_ name: String, of index: Int) -> Int? {
        guard tokens[index].kind == .object else { return nil }
        let end = Int(tokens[index].next)
        var i = index + 1
        while i < end {
            if isText(i, name) { return i + 1 }
            i = Int(tokens[i + 1].next)
        }
        return nil
    }

    /// Whether a key or string stands for that text.
    public func isText(_ index: Int, _ text: String) -> Bool {
        let token = tokens[index]
        guard token.kind == .key || token.kind == .string else { return false }
        if token.isEscaped { return self.text(index).elementsEqual(text.utf8) }
        return token.inner.count == text.utf8.count && bytes[token.inner].elementsEqual(text.utf8)
    }

    /// Tape indices of an array's elements, or of an object's member names.
    public func children(of index: Int) -> [Int] {
        let token = tokens[index]
        guard token.kind == .object || token.kind == .array else { return [] }
        var out: [Int] = []
        var i = index + 1
        while i < Int(token.next) {
            out.append(i)
            i = Int(tokens[token.kind == .object ? i + 1 : i].next)
        }
        return out
    }

    /// Where a value stands, such as `Bundle.entry[3].resource.id`; the root goes by its resource type, else
    /// `$`.
    public func path(to target: Int) -> String {
        var out = "$"
        if let type = member("resourceType", of: 0), tokens[type].kind == .string { out = string(type) }
        var at = 0
        descent: while at != target {
            for (position, child) in children(of: at).enumerated() {
                let isMember = tokens[at].kind == .object
                let value = isMember ? child + 1 : child
                guard target >= child, target < Int(tokens[value].next) else { continue }
                out += isMember ? "." + Self.name(tokens[child], in: bytes) : "[\(position)]"
                if target == child { break descent }
                at = value
                continue descent
            }
            break
        }
        return out
    }

    /// The line and the column, both from 1, of a byte offset; the column counts bytes.
    public static func location(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes[..<min(max(0, offset), bytes.count)]
        var line = 1
        var lineStart = 0
        for (i, byte) in before.enumerated() where byte == 0x0A {
            line += 1
            lineStart = i + 1
        }
        return (line, before.count - lineStart + 1)
    }

    /// A key or string for messages: cut to a length that a hostile document cannot make a nuisance.
    static func name(_ token: JSONToken, in bytes: [UInt8]) -> String {
        String(String(decoding: JSONText.unescaped(bytes.span.bytes, token), as: UTF8.self).prefix(64))
    }
}
