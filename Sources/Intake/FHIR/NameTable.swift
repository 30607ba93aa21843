/// Known names looked up by their bytes, without making a String: a small open-addressed table.
struct NameTable: Sendable {
    private let bytes: [UInt8]
    private let starts: [Int]
    private let slots: [Int16]
    private let mask: Int

    init(_ names: [String]) {
        var bytes: [UInt8] = []
        var starts: [Int] = []
        var size = 64
        while size < names.count * 4 { size *= 2 }
        var slots = [Int16](repeating: -1, count: size)
        for (i, name) in names.enumerated() {
            starts.append(bytes.count)
            bytes.append(contentsOf: name.utf8)
            var slot = Int(truncatingIfNeeded: JSONFingerprint.of(Array(name.utf8))) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int16(i)
        }
        starts.append(bytes.count)
        (self.bytes, self.starts, self.slots, mask) = (bytes, starts, slots, size - 1)
    }

    /// The position of the name in the list the table was made of, or nil.
    @inline(__always) func find(_ raw: RawSpan, _ start: Int, count: Int) -> Int? {
        var slot = Int(truncatingIfNeeded: JSONFingerprint.of(raw, start, count: count)) & mask
        while true {
            let index = Int(slots[slot])
            if index < 0 { return nil }
            let from = starts[index]
            if starts[index + 1] - from == count,
                JSONFingerprint.equal(raw, start, bytes.span.bytes, from, count: count)
            {
                return index
            }
            slot = (slot + 1) & mask
        }
    }

    /// Whether those bytes are the name at that position of the list.
    @inline(__always) func isName(_ index: Int, _ raw: RawSpan, _ start: Int, count: Int) -> Bool {
        let from = starts[index]
        return starts[index + 1] - from == count
            && JSONFingerprint.equal(raw, start, bytes.span.bytes, from, count: count)
    }

    func find(_ name: [UInt8]) -> Int? { find(name.span.bytes, 0, count: name.count) }
}
