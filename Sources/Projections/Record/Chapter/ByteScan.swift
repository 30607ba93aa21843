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
        // Lengths of two bytes are the most of what is left.
        if at < end, bytes[at] < 0x80 {
            at += 1
            return UInt64(first & 0x7F) | UInt64(bytes[at - 1]) << 7
        }
        return try rest(UInt64(first & 0x7F), bytes, &at, end)
    }

    private static func rest(
        _ first: UInt64, _ bytes: Span<UInt8>, _ at: inout Int, _ end: Int
    ) throws(WireError) -> UInt64 {
        if end &- at >= 8 {
            // Bytes with their high bits set, then one without: found in one look, and put together in three steps.
            let word = UInt64(
                littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            let ends = ~word & 0x8080_8080_8080_8080
            if ends != 0 {
                var groups = word & (ends ^ (ends &- 1)) & 0x7F7F_7F7F_7F7F_7F7F
                groups = (groups & 0x007F_007F_007F_007F) | (groups & 0x7F00_7F00_7F00_7F00) >> 1
                groups = (groups & 0x0000_3FFF_0000_3FFF) | (groups & 0x3FFF_0000_3FFF_0000) >> 2
                groups = (groups & 0x0FFF_FFFF) | (groups & 0x0FFF_FFFF_0000_0000) >> 4
                at &+= ends.trailingZeroBitCount >> 3 &+ 1
                // Eight groups and the first are 63 bits: all fit.
                return first | groups << 7
            }
        }
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
