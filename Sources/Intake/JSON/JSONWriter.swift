import Wire

/// Writes JSON bytes: it puts the commas, escapes strings and checks that what opens is closed. No white
/// space.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8]
    /// Containers open.
    private var depth = 0
    /// The innermost: whether it is an object, and whether it has nothing in it yet.
    private var isObject = false
    private var isEmpty = true
    /// The same of those around it.
    private var outer: [(isObject: Bool, isEmpty: Bool)] = []
    private var afterKey = false

    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// The finished document. Traps where a container is still open.
    public consuming func finish() -> [UInt8] {
        precondition(depth == 0 && !bytes.isEmpty, "unfinished JSON")
        return bytes
    }

    public mutating func beginObject() { begin(isObject: true, JSONBytes.openBrace) }
    public mutating func endObject() { end(isObject: true, JSONBytes.closeBrace) }
    public mutating func beginArray() { begin(isObject: false, JSONBytes.openBracket) }
    public mutating func endArray() { end(isObject: false, JSONBytes.closeBracket) }

    public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        beginObject()
        try body(&self)
        endObject()
    }

    public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        beginArray()
        try body(&self)
        endArray()
    }

    /// A member's name; its value must follow. The caller sees to it that no name comes twice.
    public mutating func key(_ name: String) {
        precondition(depth > 0 && isObject && !afterKey, "a key outside an object")
        comma()
        appendQuoted(name.utf8)
        bytes.append(JSONBytes.colon)
        afterKey = true
    }

    public mutating func string(_ value: String) {
        beforeValue()
        appendQuoted(value.utf8)
    }

    /// A string from UTF-8 that is known to be valid.
    public mutating func string(utf8 value: some Sequence<UInt8>) {
        beforeValue()
        appendQuoted(value)
    }

    public mutating func int(_ value: some BinaryInteger) {
        beforeValue()
        if let value = UInt64(exactly: value) {
            bytes.append(room: 20) { $0.append(decimal: value) }
        } else {
            bytes.append(contentsOf: String(value).utf8)
        }
    }

    public mutating func bool(_ value: Bool) {
        beforeValue()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    public mutating func null() {
        beforeValue()
        bytes.append(contentsOf: "null".utf8)
    }

    /// A value that is JSON already, byte for byte.
    public mutating func raw(_ value: some Collection<UInt8>) {
        beforeValue()
        bytes.append(contentsOf: value)
    }

    /// A value that `body` appends, as JSON, to what has been written.
    public mutating func raw(_ body: (inout [UInt8]) -> Void) {
        beforeValue()
        body(&bytes)
    }

    public mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    public mutating func member(_ name: String, _ value: some BinaryInteger) {
        key(name)
        int(value)
    }

    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// Nothing at all where the value is nil.
    public mutating func member(_ name: String, ifPresent value: String?) {
        if let value { member(name, value) }
    }

    public mutating func member(_ name: String, raw value: some Collection<UInt8>) {
        key(name)
        raw(value)
    }

    private mutating func begin(isObject: Bool, _ byte: UInt8) {
        beforeValue()
        bytes.append(byte)
        if depth > 0 { outer.append((self.isObject, isEmpty)) }
        depth += 1
        (self.isObject, isEmpty) = (isObject, true)
    }

    private mutating func end(isObject: Bool, _ byte: UInt8) {
        precondition(depth > 0 && self.isObject == isObject && !afterKey, "closing what is not open")
        depth -= 1
        if depth > 0 { (self.isObject, isEmpty) = outer.removeLast() }
        bytes.append(byte)
    }

    private mutating func comma() {
        if isEmpty {
            isEmpty = false
        } else {
            bytes.append(JSONBytes.comma)
        }
    }

    /// Before every value: the comma between elements, and the check that a member has its name.
    private mutating func beforeValue() {
        if afterKey {
            afterKey = false
        } else if depth > 0 {
            precondition(!isObject, "a member without a name")
            comma()
        } else {
            precondition(bytes.isEmpty, "two documents in one")
        }
    }

    private mutating func appendQuoted(_ text: some Sequence<UInt8>) {
        Self.appendQuoted(text, to: &bytes)
    }

    /// A JSON string of valid UTF-8: quotes, backslashes and control characters escaped, the rest as it is.
    public static func appendQuoted(_ text: some Sequence<UInt8>, to out: inout [UInt8]) {
        // Nearly all text has nothing to escape, and is copied whole.
        var isCopied = false
        let isBegun: Void? = text.withContiguousStorageIfAvailable { bytes in
            out.append(room: bytes.count + 2) { room in
                room.append(JSONBytes.quote)
                isCopied = room.append(UnsafeRawBufferPointer(bytes), ifUnmarked: JSONBytes.escapes)
                if isCopied { room.append(JSONBytes.quote) }
            }
        }
        if isCopied { return }
        if isBegun == nil { out.append(JSONBytes.quote) }
        appendEscaped(text, to: &out)
        out.append(JSONBytes.quote)
    }

    /// The inside of a JSON string of valid UTF-8, in room for six times its bytes.
    public static func append(inside text: UnsafeRawBufferPointer, to room: inout ByteRoom) {
        if room.append(text, ifUnmarked: JSONBytes.escapes) { return }
        var escaped: [UInt8] = []
        appendEscaped(text, to: &escaped)
        escaped.withUnsafeBytes { room.append($0) }
    }

    private static func appendEscaped(_ text: some Sequence<UInt8>, to out: inout [UInt8]) {
        for byte in text {
            switch byte {
            case 0x22, 0x5C:
                out.append(JSONBytes.backslash)
                out.append(byte)
            case 0x0A: out.append(contentsOf: "\\n".utf8)
            case 0x0D: out.append(contentsOf: "\\r".utf8)
            case 0x09: out.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                out.append(contentsOf: "\\u00".utf8)
                out.append(digits[Int(byte >> 4)])
                out.append(digits[Int(byte & 15)])
            default: out.append(byte)
            }
        }
    }
}
