import Wire

/// What one event changes in one category of one subject: the input of folding, already in the bytes that
/// chapters are made of.
///
/// `entries` is a run of entry bodies, one an item, in the order of type, then id:
/// u8 flags ‖ varint item index ‖ varint meta bytes ‖ varint content bytes ‖ meta ‖ content.
struct Segment: Sendable, Hashable {
    var mark: EventMark
    /// The key slot of the event's part A: what is made of it is sealed under that key.
    var slot: UInt64
    var count: Int
    var entries: [UInt8]

    init(mark: EventMark, slot: UInt64) {
        (self.mark, self.slot) = (mark, slot)
        count = 0
        entries = []
    }

    /// What the closing rule counts.
    var changedBytes: Int { entries.count }

    /// Adds an entry body that is built already.
    mutating func append(_ entry: ArraySlice<UInt8>) {
        entries.append(contentsOf: entry)
        count += 1
    }

    mutating func append(
        itemIndex: Int, isMoved: Bool = false, meta: ArraySlice<UInt8>, content: ArraySlice<UInt8>
    ) {
        var out = ByteWriter()
        swap(&out.bytes, &entries)
        out.u8(isMoved ? EntryFlags.moved : 0)
        out.varint(itemIndex)
        out.varint(meta.count)
        out.varint(content.count)
        out.raw(meta)
        out.raw(content)
        swap(&out.bytes, &entries)
        count += 1
    }
}

/// The first byte of an entry.
enum EntryFlags {
    /// The item has left for another category: from here on it is not in this one.
    static let moved: UInt8 = 1
    static let known: UInt8 = moved
}
