/// Base 64 of RFC 4648, section 4: padded, and with one text for one sequence of bytes.
public enum Base64 {
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in letters.enumerated() { table[Int(letter)] = UInt8(value) }
        return table
    }()

    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var out: [UInt8] = []
        append(Array(bytes).span.bytes, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// Appends the text of bytes.
    public static func append(_ bytes: RawSpan, to out: inout [UInt8]) {
        let (count, start) = (bytes.byteCount, out.count)
        out += [UInt8](repeating: UInt8(ascii: "="), count: (count + 2) / 3 * 4)
        letters.withUnsafeBufferPointer { letters in
            out.withUnsafeMutableBufferPointer { out in
                var (from, to) = (0, start)
                while from < count {
                    var group = UInt32(0)
                    let taken = min(3, count - from)
                    for i in 0..<taken {
                        let byte = bytes.unsafeLoad(fromByteOffset: from + i, as: UInt8.self)
                        group |= UInt32(byte) << UInt32(16 - 8 * i)
                    }
                    for i in 0...taken { out[to + i] = letters[Int(group >> UInt32(18 - 6 * i) & 63)] }
                    (from, to) = (from + 3, to + 4)
                }
            }
        }
    }

    /// - Returns: nil for anything that `encode` does not write: another alphabet, line breaks, missing padding, or
    ///   bits set that no byte takes.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = Array(text)
        guard text.count % 4 == 0 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3)
        for start in stride(from: 0, to: text.count, by: 4) {
            let group = text[start..<start + 4]
            var padding = 0
            while padding < 2, group[start + 3 - padding] == UInt8(ascii: "=") { padding += 1 }
            if padding > 0, start + 4 != text.count { return nil }
            var bits = UInt32(0)
            for letter in group.dropLast(padding) {
                let value = values[Int(letter)]
                if value == 0xFF { return nil }
                bits = bits << 6 | UInt32(value)
            }
            bits <<= UInt32(6 * padding)
            if padding > 0, bits & (padding == 1 ? 0xFF : 0xFFFF) != 0 { return nil }
            out.append(UInt8(bits >> 16 & 0xFF))
            if padding < 2 { out.append(UInt8(bits >> 8 & 0xFF)) }
            if padding < 1 { out.append(UInt8(bits & 0xFF)) }
        }
        return out
    }

    public static func decode(_ text: String) -> [UInt8]? { decode(text.utf8) }
}
