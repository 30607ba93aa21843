/// Drops space, tab, line feed and carriage return outside JSON strings; every other byte stays.
///
/// Defined for any bytes, JSON or not: a quote opens and closes a string, and in a string a backslash takes
/// the byte behind it along. Runs piece by piece, so a string may begin in one piece and end in the next.
public struct JSONMinifier: Sendable {
    /// What `run` may scribble over behind the bytes it writes.
    static let slackBytes = 8

    private var inString = false
    private var escaped = false

    public init() {}

    public static func minified(_ source: ArraySlice<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: source.count + slackBytes) { out, count in
            var minifier = JSONMinifier()
            count = source.withUnsafeBytes {
                minifier.run($0, into: UnsafeMutableRawBufferPointer(out), at: 0)
            }
        }
    }

    /// Writes `source` without its whitespace to `out` from `at` on, and returns how many bytes that were.
    ///
    /// `out` must hold `source.count + slackBytes` bytes from `at` on. This is the hottest loop of intake,
    /// hence the pointers: eight bytes at a time inside strings, and runs copied in words.
    mutating func run(
        _ source: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer, at: Int
    ) -> Int {
        precondition(out.count - at >= source.count + Self.slackBytes)
        guard let input = source.baseAddress, let base = out.baseAddress else { return 0 }
        let end = source.count
        var written = at
        var index = 0
        var runStart = 0
        while index < end {
            if inString {
                index = skipString(input, from: index, to: end)
                continue
            }
            let byte = input.load(fromByteOffset: index, as: UInt8.self)
            if byte > 0x22 {
                index += 1
            } else if byte == 0x22 {
                inString = true
                index += 1
            } else if Self.isWhitespace(byte) {
                Self.copy(input, runStart, index, end: end, to: base, &written)
                index = Self.skipWhitespace(input, from: index + 1, to: end)
                runStart = index
            } else {
                index += 1
            }
        }
        Self.copy(input, runStart, end, end: end, to: base, &written)
        return written - at
    }

    /// From inside a string to just behind its closing quote, or to the end.
    @inline(__always)
    private mutating func skipString(_ input: UnsafeRawPointer, from: Int, to end: Int) -> Int {
        var index = from
        if escaped {
            escaped = false
            index += 1
        }
        while index + 8 <= end {
            let word = UInt64(littleEndian: input.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let found = Self.bytes(of: word, equalTo: 0x22) | Self.bytes(of: word, equalTo: 0x5C)
            if found == 0 {
                index += 8
                continue
            }
            // The lowest mark is exact; marks above it may be carries.
            index += found.trailingZeroBitCount >> 3
            if input.load(fromByteOffset: index, as: UInt8.self) == 0x22 {
                inString = false
                return index + 1
            }
            index += 2
        }
        while index < end {
            let byte = input.load(fromByteOffset: index, as: UInt8.self)
            if byte == 0x22 {
                inString = false
                return index + 1
            }
            index += byte == 0x5C ? 2 : 1
        }
        escaped = index > end
        return end
    }

    @inline(__always)
    private static func skipWhitespace(_ input: UnsafeRawPointer, from: Int, to end: Int) -> Int {
        var index = from
        let spaces: UInt64 = 0x2020_2020_2020_2020
        while index + 8 <= end, input.loadUnaligned(fromByteOffset: index, as: UInt64.self) == spaces {
            index += 8
        }
        while index < end, isWhitespace(input.load(fromByteOffset: index, as: UInt8.self)) { index += 1 }
        return index
    }

    /// Copies `input[from..<to]`; `end` bounds what may be read, the slack what may be written.
    @inline(__always)
    private static func copy(
        _ input: UnsafeRawPointer, _ from: Int, _ to: Int, end: Int, to base: UnsafeMutableRawPointer,
        _ written: inout Int
    ) {
        let count = to - from
        if count <= 64, from + count + 8 <= end {
            var offset = 0
            while offset < count {
                base.storeBytes(
                    of: input.loadUnaligned(fromByteOffset: from + offset, as: UInt64.self),
                    toByteOffset: written + offset, as: UInt64.self)
                offset += 8
            }
        } else {
            (base + written).copyMemory(from: input + from, byteCount: count)
        }
        written += count
    }

    @inline(__always) private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// 0x80 in the lowest byte that equals `byte` (and perhaps in bytes above it), zero where there is none.
    @inline(__always) private static func bytes(of word: UInt64, equalTo byte: UInt8) -> UInt64 {
        let low: UInt64 = 0x0101_0101_0101_0101
        let difference = word ^ (low &* UInt64(byte))
        return (difference &- low) & ~difference & (low << 7)
    }
}
