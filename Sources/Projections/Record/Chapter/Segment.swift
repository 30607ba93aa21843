import Wire

/// What one event changes in one subject's record: the input of folding, already in the bytes that chapters are made of.
///
/// `entries` is a run of entry bodies, one an item, in the order of category, type, id.
struct Segment: Sendable, Hashable {
    var mark: EventMark
    /// The key slot of the event's part A: what is made of it is sealed under that key.
    var slot: UInt64
    var count: Int
    var entries: [UInt8]
    /// What the closing rule counts: the entries' bytes, patches as what they stand for.
    var changedBytes: Int

    init(mark: EventMark, slot: UInt64) {
        (self.mark, self.slot) = (mark, slot)
        count = 0
        entries = []
        changedBytes = 0
    }

    /// One whole entry body, without a copy.
    init(mark: EventMark, slot: UInt64, entry: [UInt8]) {
        (self.mark, self.slot) = (mark, slot)
        (count, entries, changedBytes) = (1, entry, entry.count)
    }

    /// Adds a whole entry body that is built already.
    mutating func append(_ entry: ArraySlice<UInt8>) {
        entries.append(contentsOf: entry)
        count += 1
        changedBytes += entry.count
    }

    /// Adds an entry body read from a row.
    mutating func append(_ entry: EntryBody, of bytes: [UInt8]) {
        entries.append(contentsOf: bytes[entry.body])
        count += 1
        changedBytes += entry.changedBytes
    }

    mutating func append(
        category: UInt8, itemIndex: Int, isMoved: Bool = false, meta: ArraySlice<UInt8>,
        content: ArraySlice<UInt8>
    ) {
        var out = ByteWriter(capacity: meta.count + content.count + 16)
        out.u8(category | (isMoved ? EntryFlags.moved : 0))
        out.varint(itemIndex)
        out.varint(meta.count)
        out.varint(content.count)
        out.raw(meta)
        out.raw(content)
        append(out.bytes[...])
    }
}
