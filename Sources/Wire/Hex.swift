/// Lower-case hexadecimal.
public enum Hex {
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.underestimatedCount * 2)
        for byte in bytes {
            out.append(digit(of: byte >> 4))
            out.append(digit(of: byte & 15))
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func digit(of value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    /// - Returns: nil for an odd count of digits or anything that is not one (either case is read).
    public static func decode(_ text: String) -> [UInt8]? {
        let source = Array(text.utf8)
        guard source.count.isMultiple(of: 2) else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(source.count / 2)
        for i in stride(from: 0, to: source.count, by: 2) {
            guard let high = digit(source[i]), let low = digit(source[i + 1]) else { return nil }
            out.append(high << 4 | low)
        }
        return out
    }

    private static func digit(_ c: UInt8) -> UInt8? {
        switch c {
        case 0x30...0x39: c - 0x30
        case 0x61...0x66: c - 0x61 + 10
        case 0x41...0x46: c - 0x41 + 10
        default: nil
        }
    }
}
