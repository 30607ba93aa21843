/// A cheap hash of a name's bytes. Equal names have equal fingerprints; whoever finds two equal compares the
/// bytes.
enum JSONFingerprint {
    @inline(__always) static func of(_ raw: RawSpan, _ start: Int, count: Int) -> UInt64 {
        let first = JSONBytes.word(raw, start, count: count)
        let last = count > 8 ? JSONBytes.word(raw, start + count - 8, count: 8) : 0
        var hash = (first ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ (hash >> 29) ^ last) &* 0xBF58_476D_1CE4_E5B9
        return hash ^ (hash >> 32)
    }

    static func of(_ bytes: [UInt8]) -> UInt64 { of(bytes.span.bytes, 0, count: bytes.count) }

    @inline(__always)
    static func equal(_ a: RawSpan, _ aStart: Int, _ b: RawSpan, _ bStart: Int, count: Int) -> Bool {
        var k = 0
        while k < count {
            let step = min(8, count - k)
            if JSONBytes.word(a, aStart + k, count: step) != JSONBytes.word(b, bStart + k, count: step) {
                return false
            }
            k += step
        }
        return true
    }
}
