/// What is wrong with bytes that do not decode. `at` is the offset in the bytes given to the reader.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable { case truncated, varintTooLong, notUTF8, trailingBytes, invalid }
    public var code: Code
    public var at: Int
    public var what: String

    public init(_ code: Code, at: Int, what: String = "") {
        (self.code, self.at, self.what) = (code, at, what)
    }

    public var description: String { "\(code) at byte \(at)\(what.isEmpty ? "" : ": \(what)")" }
}

/// Reads what `ByteWriter` writes. Every read is bounded by the bytes given: hostile input ends in `WireError`.
public struct ByteReader: Sendable {
    public let bytes: ArraySlice<UInt8>
    public private(set) var index: Int

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    public var remaining: Int { bytes.endIndex - index }
    public var isAtEnd: Bool { index == bytes.endIndex }
    /// Bytes read so far.
    public var offset: Int { index - bytes.startIndex }

    @inline(__always) private mutating func take(_ count: Int) throws(WireError) -> Int {
        guard count >= 0, remaining >= count else { throw WireError(.truncated, at: offset) }
        defer { index += count }
        return index
    }

    public mutating func u8() throws(WireError) -> UInt8 { bytes[try take(1)] }
    public mutating func u16() throws(WireError) -> UInt16 { try fixed(UInt16.self) }
    public mutating func u32() throws(WireError) -> UInt32 { try fixed(UInt32.self) }
    public mutating func u64() throws(WireError) -> UInt64 { try fixed(UInt64.self) }
    public mutating func i64() throws(WireError) -> Int64 { try fixed(Int64.self) }

    private mutating func fixed<T: FixedWidthInteger>(_: T.Type) throws(WireError) -> T {
        let start = try take(MemoryLayout<T>.size)
        var value: T = 0
        for i in start..<(start + MemoryLayout<T>.size) {
            value = value << 8 | T(truncatingIfNeeded: bytes[i])
        }
        return value
    }

    public mutating func varint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try u8()
            if shift == 63, byte > 1 { throw WireError(.varintTooLong, at: offset) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { throw WireError(.varintTooLong, at: offset) }
        }
    }

    /// A varint that must fit what is left: a count or a length that cannot make a reader allocate more than
    /// the input could hold.
    public mutating func length() throws(WireError) -> Int {
        let value = try varint()
        guard value <= UInt64(remaining) else { throw WireError(.truncated, at: offset) }
        return Int(value)
    }

    public mutating func raw(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        let start = try take(count)
        return bytes[start..<start + count]
    }

    public mutating func prefixed() throws(WireError) -> ArraySlice<UInt8> { try raw(try length()) }

    /// Skips a varint length and so many bytes.
    /// - Returns: where in `bytes` they are.
    public mutating func prefixedPlace() throws(WireError) -> Range<Int> {
        let count = try length()
        let start = try take(count)
        return start..<start + count
    }

    public mutating func string() throws(WireError) -> String {
        let slice = try prefixed()
        let plain = slice.withUnsafeBytes { bytes -> String? in
            // Nearly all text is ASCII, which is valid as it is.
            var all: UInt8 = 0
            for byte in bytes { all |= byte }
            return all < 0x80 ? String(decoding: bytes, as: UTF8.self) : nil
        }
        if let plain { return plain }
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw WireError(.notUTF8, at: offset)
        }
        return text
    }

    /// - Throws: `trailingBytes` where anything is left.
    public func end() throws(WireError) {
        guard isAtEnd else { throw WireError(.trailingBytes, at: offset) }
    }
}
