import Wire

/// A version of an item as what differs from an older one. Updates change a few values of a resource: a patch is a fifth of it, and a
/// read that unzips the changes of a chapter, most of them replaced since, unzips little.
///
/// Repeated until meta ‖ content is whole: varint bytes to copy from the base ‖ varint new bytes ‖ the new bytes ‖ (unless now whole)
/// varint bytes of the base to skip.
enum EntryPatch {
    /// Writes `count` bytes to `out`.
    ///
    /// - Throws: `WireError` where the patch reads past the base or itself, or makes more or less than `count` bytes.
    static func apply(
        _ patch: UnsafeRawBufferPointer, to base: UnsafeRawBufferPointer, count: Int,
        out: UnsafeMutableRawPointer
    ) throws(WireError) {
        let span = Span<UInt8>(_unsafeBytes: patch)
        var (at, from, made) = (0, 0, 0)
        while true {
            let copied = try ByteScan.varint(span, &at, span.count)
            guard copied <= UInt64(base.count - from), copied <= UInt64(count - made) else {
                throw WireError(.invalid, at: at, what: "patch copy")
            }
            append(base, from, Int(copied), out + made)
            from += Int(copied)
            made += Int(copied)
            let new = try ByteScan.length(span, &at, span.count)
            guard new <= count - made else { throw WireError(.invalid, at: at, what: "patch bytes") }
            append(patch, at, new, out + made)
            at += new
            made += new
            if made == count { break }
            let skipped = try ByteScan.varint(span, &at, span.count)
            guard skipped <= UInt64(base.count - from) else {
                throw WireError(.invalid, at: at, what: "patch skip")
            }
            from += Int(skipped)
        }
        guard at == span.count else { throw WireError(.trailingBytes, at: at) }
    }

    @inline(__always)
    private static func append(
        _ source: UnsafeRawBufferPointer, _ start: Int, _ count: Int, _ out: UnsafeMutableRawPointer
    ) {
        if count > 0 { out.copyMemory(from: source.baseAddress! + start, byteCount: count) }
    }
}

/// Finds patches: copies that go forward through the base, found by windows of eight bytes.
struct PatchMaker {
    private static let window = 8
    /// Every so many bytes of the base a window is entered.
    private static let step = 4
    /// Windows of the same hash looked at, at most.
    private static let maximumLooks = 16
    private static let maximumBits = 12

    private var heads: [Int32] = []
    /// By window of the base: the next one of the same hash.
    private var next: [Int32] = []
    private var bits = 6

    /// - Returns: nil where the patch would not be smaller than `limit`.
    mutating func patch(
        from base: UnsafeRawBufferPointer, to new: UnsafeRawBufferPointer, limit: Int
    ) -> [UInt8]? {
        var out = ByteWriter(capacity: 256)
        var (from, at) = (0, 0)
        var isIndexed = false
        while true {
            let same = Self.commonBytes(base, from, new, at)
            from += same
            at += same
            out.varint(same)
            if at == new.count {
                out.varint(0)
                break
            }
            if !isIndexed {
                index(base, after: from)
                isIndexed = true
            }
            let found = find(base, from, new, at)
            let end = found?.at ?? new.count
            guard out.count + end - at < limit else { return nil }
            out.varint(end - at)
            out.raw(new[at..<end])
            at = end
            guard let found else { break }
            out.varint(found.from - from)
            from = found.from
        }
        return out.count < limit ? out.bytes : nil
    }

    private mutating func index(_ base: UnsafeRawBufferPointer, after start: Int) {
        bits = min(Self.maximumBits, max(6, 62 - UInt64(base.count | 1).leadingZeroBitCount))
        if heads.count < 1 << bits { heads = Array(repeating: -1, count: 1 << bits) }
        for slot in 0..<1 << bits { heads[slot] = -1 }
        let windows = base.count / Self.step
        if next.count < windows { next = Array(repeating: -1, count: windows) }
        // From the last to the first, so that a chain goes forward.
        var number = (base.count - Self.window) / Self.step
        while base.count >= Self.window, number >= 0, number * Self.step >= start {
            let slot = hash(Self.word(base, number * Self.step))
            next[number] = heads[slot]
            heads[slot] = Int32(number)
            number -= 1
        }
    }

    /// The next place from `at` on whose window the base has at or after `from`.
    private func find(
        _ base: UnsafeRawBufferPointer, _ from: Int, _ new: UnsafeRawBufferPointer, _ at: Int
    ) -> (from: Int, at: Int)? {
        var here = at
        while here + Self.window <= new.count {
            let word = Self.word(new, here)
            var number = heads[hash(word)]
            var looks = 0
            while number >= 0, looks < Self.maximumLooks {
                let there = Int(number) * Self.step
                if there >= from, Self.word(base, there) == word {
                    var (source, place) = (there, here)
                    while source > from, place > at, base[source - 1] == new[place - 1] {
                        source -= 1
                        place -= 1
                    }
                    return (source, place)
                }
                number = next[Int(number)]
                looks += 1
            }
            here += 1
        }
        return nil
    }

    @inline(__always)
    private func hash(_ word: UInt64) -> Int { Int((word &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - bits)) }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
    }

    private static func commonBytes(
        _ a: UnsafeRawBufferPointer, _ i: Int, _ b: UnsafeRawBufferPointer, _ j: Int
    ) -> Int {
        let most = min(a.count - i, b.count - j)
        var count = 0
        while count + 8 <= most {
            let difference = word(a, i + count) ^ word(b, j + count)
            if difference != 0 { return count + difference.littleEndian.trailingZeroBitCount / 8 }
            count += 8
        }
        while count < most, a[i + count] == b[j + count] { count += 1 }
        return count
    }
}
