/// The characters that a key or string stands for.
enum JSONText {
    /// UTF-8 of a checked key or string token, escapes resolved.
    static func unescaped(_ raw: RawSpan, _ token: JSONToken) -> [UInt8] {
        var out: [UInt8] = []
        let range = token.inner
        out.reserveCapacity(range.count)
        var i = range.lowerBound
        while i < range.upperBound {
            let c = JSONBytes.byte(raw, i)
            if c != JSONBytes.backslash {
                out.append(c)
                i += 1
                continue
            }
            let kind = JSONBytes.byte(raw, i + 1)
            if kind == 0x75 {
                i = appendUnicode(raw, i, to: &out)
                continue
            }
            out.append(simple(kind))
            i += 2
        }
        return out
    }

    private static func simple(_ kind: UInt8) -> UInt8 {
        switch kind {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: kind
        }
    }

    private static func appendUnicode(_ raw: RawSpan, _ start: Int, to out: inout [UInt8]) -> Int {
        // The scanner has checked digits and pairs; should it not have, the replacement character stands in.
        guard let unit = try? JSONBytes.unicode(raw, start) else {
            out.append(contentsOf: "\u{FFFD}".utf8)
            return start + 2
        }
        if unit & 0xFC00 == 0xD800, let low = try? JSONBytes.unicode(raw, start + 6) {
            let scalar = 0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF)
            append(Unicode.Scalar(scalar) ?? "\u{FFFD}", to: &out)
            return start + 12
        }
        append(Unicode.Scalar(unit) ?? "\u{FFFD}", to: &out)
        return start + 6
    }

    private static func append(_ scalar: Unicode.Scalar, to out: inout [UInt8]) {
        out.append(contentsOf: UTF8.encode(scalar)!)
    }
}
