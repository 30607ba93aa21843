/// Characters out of a message's bytes: escapes resolved, decoded to UTF-8.
extension HL7Value {
    /// UTF-8 of the value: escapes resolved, control characters other than line feed and tab dropped, blanks at the end dropped.
    ///
    /// Separators inside it that nobody asked to be taken apart stay as they are: a free text that forgot to escape its `&` keeps it.
    /// A null has no text.
    public var text: [UInt8] {
        let slice = bytes
        if isNull { return [] }
        if let escape = message.separators.escape, slice.contains(escape) {
            return Self.decoded(HL7Escapes(message.separators).resolved(slice, escape), message.charset)
        }
        return Self.decoded(slice, message.charset)
    }

    /// The value without blanks on either side, where it stands as it was sent: nothing in it but printed characters of ASCII, none of
    /// them escaped. Empty where it is absent or null.
    public var plain: String? {
        if range.isEmpty { return "" }
        let bytes = message.bytes
        let raw = bytes.span.bytes
        // What no character of ASCII is.
        let escape = message.separators.escape ?? 0xFF
        for i in range {
            let byte = HL7Bytes.byte(raw, i)
            guard byte >= 0x20, byte < 0x7F, byte != escape else { return nil }
        }
        var (start, end) = (range.lowerBound, range.upperBound)
        if end - start == 2, HL7Bytes.byte(raw, start) == 0x22, HL7Bytes.byte(raw, start + 1) == 0x22 {
            return ""
        }
        while start < end, HL7Bytes.byte(raw, start) == 0x20 { start += 1 }
        while start < end, HL7Bytes.byte(raw, end - 1) == 0x20 { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The same as a String; for what is not read by the thousand.
    public var string: String { String(decoding: text, as: UTF8.self) }

    private static func decoded(_ bytes: some BidirectionalCollection<UInt8>, _ charset: HL7Charset)
        -> [UInt8]
    {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var isASCII = true
        var afterReturn = false
        for byte in bytes {
            switch byte {
            case 0x20..<0x7F, 0x09: out.append(byte)
            case 0x0D: out.append(0x0A)
            case 0x0A: if !afterReturn { out.append(0x0A) }
            case 0x80...:
                isASCII = false
                if charset == .latin1 || charset == .latin9 {
                    out.append(contentsOf: UTF8.encode(charset.scalar(byte))!)
                } else {
                    out.append(byte)
                }
            default: break
            }
            afterReturn = byte == 0x0D
        }
        while let last = out.last, last == 0x20 || last == 0x09 { out.removeLast() }
        // Escaped bytes may make what the message's own do not.
        if !isASCII, charset != .latin1, charset != .latin9, HL7Charset.firstInvalid(out) != nil {
            return Array(String(decoding: out, as: UTF8.self).utf8)
        }
        return out
    }
}
