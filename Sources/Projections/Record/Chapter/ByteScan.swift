import Wire

/// Reads varints out of the flat buffers of chapters. Chapters are walked on every read, entry by entry: this is
/// `ByteReader` without the array slices, over a span, with the same checks.
enum ByteScan {
    @inline(__always)
    static func varint(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(WireError) -> UInt64 {
        guard at < end else { throw WireError(.truncated, at: at) }
        let first = bytes[at]
        at += 1
        if first < 0x80 { return UInt64(first) }
        return try rest(UInt64(first & 0x7F), bytes, &at, end)
    }

    private static func rest(
        _ first: UInt64, _ bytes: Span<UInt8>, _ at: inout Int, _ end: Int
    ) throws(WireError) -> UInt64 {
        var value = first
        var shift: UInt64 = 7
        while at < end {
            let byte = bytes[at]
            at += 1
            if shift == 63, byte > 1 { throw WireError(.varintTooLong, at: at) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { throw WireError(.varintTooLong, at: at) }
        }
        throw WireError(.truncated, at: at)
    }

    /// A length of what lies in the same bytes.
    @inline(__always)
    static func length(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(WireError) -> Int {
        let value = try varint(bytes, &at, end)
        guard value <= UInt64(end - at) else { throw WireError(.truncated, at: at) }
        return Int(value)
    }

    /// A count or an index that fits 32 bits.
    @inline(__always)
    static func small(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(WireError) -> UInt32 {
        let value = try varint(bytes, &at, end)
        guard value <= UInt64(UInt32.max) else { throw WireError(.invalid, at: at, what: "over 32 bits") }
        return UInt32(value)
    }
}

/// Signed numbers as varints: small ones of either sign stay short.
enum ZigZag {
    static func encode(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }
    static func decode(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
