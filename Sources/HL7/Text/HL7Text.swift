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
