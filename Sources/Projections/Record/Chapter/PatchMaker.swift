import Wire

/// Finds patches (`EntryPatch`): copies that go forward through the base, found by windows of eight bytes.
struct PatchMaker {
    private static let window = 8
    /// Every so many bytes of the base a window is entered.
    private static let step = 4
    /// Windows of the same hash looked at, at most.
    private static let maximumLooks = 16
    private static let maximumBits = 13

    /// By hash, the number of the first window, from 1 on; 0 where there is none.
    private var heads: [Int32] = []
    /// By window of the base: the next one of the same hash, likewise.
    private var next: [Int32] = []

    /// - Returns: nil where the patch would not be smaller than `limit`.
    mutating func patch(
        from base: UnsafeRawBufferPointer, to new: UnsafeRawBufferPointer, limit: Int
    ) -> [UInt8]? {
        var out = ByteWriter(capacity: min(256, max(0, limit)))
        var (from, at) = (0, 0)
        var windows: Windows?
        while true {
            let same = Self.commonBytes(base, from, new, at)
            from += same
            at += same
            out.varint(same)
            if at == new.count {
                out.varint(0)
                break
            }
            let index = windows ?? entered(base, after: from)
            windows = index
            let found = find(index, base, from, new, at)
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

    /// How the windows entered are found.
    private struct Windows {
        var shift: UInt64

        @inline(__always)
        func slot(_ word: UInt64) -> Int {
            Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) &>> shift)
        }
    }

    private mutating func entered(_ base: UnsafeRawBufferPointer, after start: Int) -> Windows {
        // Four slots for each window, or more: most of what is looked up is in none, and an empty slot says so at once.
        let bits = min(Self.maximumBits, max(6, 64 - UInt64(base.count | 1).leadingZeroBitCount))
        let slots = 1 << bits
        if heads.count < slots { heads = Array(repeating: 0, count: slots) }
        let count = base.count / Self.step
        if next.count < count { next = Array(repeating: 0, count: count) }
        let windows = Windows(shift: UInt64(64 - bits))
        heads.withUnsafeMutableBufferPointer { heads in
            next.withUnsafeMutableBufferPointer { next in
                heads[..<slots].update(repeating: 0)
                // From the last to the first, so that a chain goes forward.
                var number = (base.count - Self.window) / Self.step
                guard base.count >= Self.window else { return }
                while number >= 0, number &* Self.step >= start {
                    let slot = windows.slot(Self.word(base, number &* Self.step))
                    next[number] = heads[slot]
                    heads[slot] = Int32(truncatingIfNeeded: number &+ 1)
                    number &-= 1
                }
            }
        }
        return windows
    }

    /// The next place from `at` on whose window the base has at or after `from`.
    private func find(
        _ windows: Windows, _ base: UnsafeRawBufferPointer, _ from: Int, _ new: UnsafeRawBufferPointer,
        _ at: Int
    ) -> (from: Int, at: Int)? {
        heads.withUnsafeBufferPointer { heads in
            next.withUnsafeBufferPointer { next in
                var here = at
                // The hottest loop of folding: most windows of a changed value are nowhere in the base.
                while here &+ Self.window <= new.count {
                    let word = Self.word(new, here)
                    var number = Int(heads[windows.slot(word)])
                    var looks = 0
                    while number > 0, looks < Self.maximumLooks {
                        let there = (number &- 1) &* Self.step
                        if there >= from, Self.word(base, there) == word {
                            return Self.extended(base, (from, there), new, (at, here))
                        }
                        number = Int(next[number &- 1])
                        looks &+= 1
                    }
                    here &+= 1
                }
                return nil
            }
        }
    }

    /// The same match, begun as early as it can.
    private static func extended(
        _ base: UnsafeRawBufferPointer, _ old: (first: Int, at: Int), _ new: UnsafeRawBufferPointer,
        _ fresh: (first: Int, at: Int)
    ) -> (from: Int, at: Int) {
        var (source, place) = (old.at, fresh.at)
        while source > old.first, place > fresh.first, base[source - 1] == new[place - 1] {
            source -= 1
            place -= 1
        }
        return (source, place)
    }

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
