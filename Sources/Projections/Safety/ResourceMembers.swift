/// Where the members of a held resource lie: found in one pass over its bytes, which intake checked and minified.
///
/// A view looks into several results a time for a few members of each: a whole document is not built for that.
struct ResourceMembers {
    struct Member {
        /// Between the quotes, as sent.
        var name: Range<Int>
        var value: Range<Int>
        /// Whether the name is written with escapes: what it says is not what its bytes are.
        var isEscaped: Bool
    }

    private(set) var all: [Member] = []

    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")

    /// - Returns: nil where the bytes are not an object written without white space.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.first == Self.openBrace else { return nil }
        all.reserveCapacity(24)
        var at = 1
        if at < bytes.count, bytes[at] == Self.closeBrace, at + 1 == bytes.count { return }
        while at < bytes.count, bytes[at] == Self.quote {
            guard let name = Self.string(bytes, from: at), name.end < bytes.count,
                bytes[name.end] == Self.colon, let end = Self.value(bytes, from: name.end + 1),
                end < bytes.count
            else { return nil }
            all.append(
                Member(
                    name: at + 1..<name.end - 1, value: name.end + 1..<end, isEscaped: name.isEscaped))
            if bytes[end] == Self.closeBrace, end + 1 == bytes.count { return }
            guard bytes[end] == Self.comma else { return nil }
            at = end + 1
        }
        return nil
    }

    /// The end of a value that begins at `start`: behind its last byte.
    private static func value(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        switch bytes[start] {
        case Self.quote: return string(bytes, from: start)?.end
        case Self.openBrace, Self.openBracket: return container(bytes, from: start)
        default:
            var at = start
            while at < bytes.count {
                let byte = bytes[at]
                if byte == Self.comma || byte == Self.closeBrace { break }
                at += 1
            }
            return at > start ? at : nil
        }
    }

    private static func container(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var depth = 0
        var at = start
        while at < bytes.count {
            let byte = bytes[at]
            if byte == Self.quote {
                guard let inside = string(bytes, from: at) else { return nil }
                at = inside.end
                continue
            }
            at &+= 1
            // A bracket and a brace differ in one bit.
            switch byte | 0x20 {
            case Self.openBrace: depth &+= 1
            case Self.closeBrace:
                depth &-= 1
                if depth == 0 { return at }
            default: break
            }
        }
        return nil
    }

    /// The end of a string, behind its closing quote: eight bytes a look.
    @inline(__always)
    private static func string(
        _ bytes: UnsafeRawBufferPointer, from start: Int
    ) -> (end: Int, isEscaped: Bool)? {
        var at = start + 1
        while at + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let found = holds(word, quote) | holds(word, backslash)
            if found == 0 {
                at += 8
                continue
            }
            at += found.trailingZeroBitCount / 8
            if bytes[at] == quote { return (at + 1, false) }
            break
        }
        return slowString(bytes, at)
    }

    /// The rest of a string that has a backslash, or is near the end of the bytes.
    @inline(never)
    private static func slowString(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> (
        end: Int, isEscaped: Bool
    )? {
        var at = start
        var isEscaped = false
        while at < bytes.count {
            while at + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                let found = holds(word, quote) | holds(word, backslash)
                at += found == 0 ? 8 : found.trailingZeroBitCount / 8
                if found != 0 { break }
            }
            guard at < bytes.count else { return nil }
            switch bytes[at] {
            case quote: return (at + 1, isEscaped)
            case backslash:
                isEscaped = true
                at += 2
            default: at += 1
            }
        }
        return nil
    }

    /// Not zero where a byte of the word is `byte`: the lowest bit set is in the first that is.
    @inline(__always)
    static func holds(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let differing = word ^ (0x0101_0101_0101_0101 &* UInt64(byte))
        return (differing &- 0x0101_0101_0101_0101) & ~differing & 0x8080_8080_8080_8080
    }
}
