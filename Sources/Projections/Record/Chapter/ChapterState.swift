import Wire

/// The items of a chapter while it is being closed: the keyframe's in their order, then those that came later.
struct ChapterState {
    private struct Item {
        var mark: EventMark
        /// A whole entry.
        var entry: EntryBody
        /// Whether it lies in `bytes`, not in the keyframe's.
        var isLate: Bool
    }

    let keyframe: Keyframe
    /// Entries that came after the keyframe, whole.
    private var bytes: [UInt8] = []
    /// In force. The keyframe's items first, by ordinal; then the added, in the order of their coming.
    private var items: [Item]
    /// Indices into `items` of those added, in the order of items, with the number of keyframe items before each.
    private var added: [(before: Int, item: Int)] = []

    init(keyframe: Keyframe) {
        self.keyframe = keyframe
        items = keyframe.entries.map { Item(mark: $0.event, entry: $0.entry, isLate: false) }
    }

    mutating func apply(_ segment: Segment) throws(WireError) {
        for entry in try EntryWalk.bodies(segment.entries, count: segment.count) {
            var at = bytes.count
            if entry.isPatch {
                let whole = try keyframe.whole(entry, of: segment.entries)
                var out = ByteWriter(capacity: whole.count + 16)
                out.u8(entry.flags & ~EntryFlags.patch)
                out.varint(Int(entry.itemIndex))
                out.varint(entry.metaBytes)
                out.varint(entry.contentBytes)
                bytes += out.bytes
                bytes += whole
            } else {
                bytes += segment.entries[entry.body]
            }
            let own = bytes
            let item = Item(
                mark: segment.mark, entry: try EntryBody(own.span, &at, own.count), isLate: true)
            if entry.isPatch {
                items[entry.ordinal] = item
            } else {
                try put(item)
            }
        }
    }

    private mutating func put(_ item: Item) throws(WireError) {
        let own = bytes
        let span = own.span
        let place = try keyframe.place(of: item.entry, in: span)
        if place.isHeld {
            items[place.index] = item
            return
        }
        var (low, high) = (0, added.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try EntryBody.order(span, item.entry, span, items[added[middle].item].entry)
            if order == 0 {
                items[added[middle].item] = item
                return
            }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        added.insert((place.index, items.count), at: low)
        items.append(item)
    }

    /// The keyframe of what is in force: items that moved away are not in it.
    func nextKeyframe() -> [UInt8] {
        var order: [Int] = []
        order.reserveCapacity(items.count)
        var late = added[...]
        for index in 0...keyframe.entries.count {
            while let next = late.first, next.before <= index {
                order.append(next.item)
                late.removeFirst()
            }
            if index < keyframe.entries.count { order.append(index) }
        }
        order.removeAll { items[$0].entry.isMoved }
        let marks = Set(order.map { items[$0].mark }).sorted { $0.position < $1.position }
        var writer = FrameWriter(capacity: order.reduce(0) { $0 + items[$1].entry.body.count + 2 })
        for mark in marks { _ = writer.add(mark) }
        for index in order {
            let item = items[index]
            writer.append(
                event: Self.number(of: item.mark, in: marks), entry: item.entry.body,
                of: item.isLate ? bytes : keyframe.bytes)
        }
        return writer.bytes
    }

    private static func number(of mark: EventMark, in marks: [EventMark]) -> Int {
        var (low, high) = (0, marks.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].position < mark.position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
