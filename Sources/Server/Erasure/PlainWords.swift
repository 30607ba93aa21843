import Foundation

/// A text of any sort as it would be read aloud: to find a name in it however it was written.
enum PlainWords {
    /// A JSON or HL7 v2 message's text: escapes resolved, case and accents folded.
    ///
    /// Nobody knows of a message that could not be taken which of the two it is: both kinds of escape are resolved. A JSON string may
    /// hold HL7, whose escapes come to light under its own: what was resolved is read once more, and both readings are given.
    static func of(_ message: [UInt8]) -> [UInt8] {
        // Wider units: what is left without their zeros is ASCII, or nearly.
        let isWide = message.prefix(64).contains(0)
        let once = unescaped(isWide ? message.filter { $0 != 0 } : message)
        let twice = unescaped(once)
        return folded(once == twice ? once : once + [0x0A] + twice)
    }

    static func of(_ text: String) -> [UInt8] { folded(Array(text.utf8)) }

    /// Lower case, without accents. What is no UTF-8 may be Latin-1, or a mixture: it is read both ways.
    private static func folded(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.allSatisfy({ $0 < 0x80 }) {
            return bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        }
        var text = String(decoding: bytes, as: UTF8.self)
        if String(validating: bytes, as: UTF8.self) == nil {
            text += "\n"
            text.unicodeScalars.append(contentsOf: bytes.lazy.map { Unicode.Scalar($0) })
        }
        let plain = text.folding(
            options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
        return Array(plain.utf8)
    }

    private static let backslash = UInt8(ascii: "\\")

    /// The backslash, and what the MSH-2 of any HL7 message in there names instead of it.
    private static func escapes(in bytes: [UInt8]) -> Set<UInt8> {
        var found: Set<UInt8> = [backslash]
        var from = 0
        while let start = bytes[from...].firstIndex(of: UInt8(ascii: "M")), bytes.count - start > 6 {
            from = start + 1
            let separators = bytes[(start + 3)...(start + 6)]
            guard bytes[start...].starts(with: "MSH".utf8),
                separators.allSatisfy({ (0x21...0x7E).contains($0) && !isLetterOrDigit($0) })
            else { continue }
            found.insert(bytes[start + 6])
        }
        return found
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
    }

    private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        let escapes = escapes(in: bytes)
        guard bytes.contains(where: escapes.contains) else { return bytes }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var (at, high) = (0, UInt32(0))
        while at < bytes.count {
            guard escapes.contains(bytes[at]) else {
                out.append(bytes[at])
                at += 1
                continue
            }
            if let (bytesMeant, length) = hl7(bytes[at...]) {
                out += bytesMeant
                at += length
            } else if let unit = jsonUnit(bytes[at...]) {
                at += 6
                // The second half of a pair gives the character; the first alone nothing.
                if (0xD800..<0xDC00).contains(unit) {
                    high = unit
                    continue
                }
                let scalar =
                    (0xDC00..<0xE000).contains(unit) ? 0x10000 + (high & 0x3FF) << 10 + unit & 0x3FF : unit
                if let scalar = Unicode.Scalar(scalar) { out += Array(String(Character(scalar)).utf8) }
            } else {
                // \/ and \" stand for what follows; \n and its like part two words.
                let next = at + 1 < bytes.count ? bytes[at + 1] : backslash
                out.append("bfnrt".utf8.contains(next) ? 0x20 : next)
                at += 2
            }
        }
        return out
    }

    /// `\u` and four hexadecimal digits.
    private static func jsonUnit(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        guard bytes.count >= 6, bytes.dropFirst().first == UInt8(ascii: "u") else { return nil }
        return UInt32(String(decoding: bytes.dropFirst(2).prefix(4), as: UTF8.self), radix: 16)
    }

    /// `\F\`, `\X4A6F\` and their like, between two of the same character.
    ///
    /// - Returns: what they stand for, and their length.
    private static func hl7(_ bytes: ArraySlice<UInt8>) -> ([UInt8], Int)? {
        guard let escape = bytes.first, let end = bytes.dropFirst().prefix(64).firstIndex(of: escape),
            let kind = bytes.dropFirst().first, end > bytes.startIndex + 1
        else { return nil }
        let inside = bytes[(bytes.startIndex + 2)..<end]
        let length = end - bytes.startIndex + 1
        let meant: [UInt8: String] = [
            UInt8(ascii: "F"): "|", UInt8(ascii: "S"): "^", UInt8(ascii: "T"): "&", UInt8(ascii: "R"): "~",
            UInt8(ascii: "E"): "\\", UInt8(ascii: "P"): "#", UInt8(ascii: "H"): "", UInt8(ascii: "N"): "",
        ]
        if inside.isEmpty { return meant[kind].map { (Array($0.utf8), length) } }
        if kind == UInt8(ascii: ".") { return ([0x20], length) }
        guard kind == UInt8(ascii: "X"), inside.count % 2 == 0 else { return nil }
        var out: [UInt8] = []
        for start in stride(from: inside.startIndex, to: inside.endIndex, by: 2) {
            guard let byte = UInt8(String(decoding: inside[start..<start + 2], as: UTF8.self), radix: 16)
            else {
                return nil
            }
            out.append(byte)
        }
        return (out, length)
    }
}
