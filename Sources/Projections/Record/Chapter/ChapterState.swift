import Wire

/// The items of an open chapter while it is being closed: all entries in one buffer, the keyframe's in their order, then
/// the items that came later.
struct ChapterState {
    struct Item {
        var mark: EventMark
        var entry: EntryBody
    }

    /// One change, by the ordinal it has in the closed chapter.
    struct Change {
        var mark: EventMark
        var item: Int
        var entry: EntryBody
    }

    private(set) var bytes: [UInt8]
    /// In force. The keyframe's items first, in order; then the added, in the order of their coming.
    private(set) var items: [Item] = []
    private let keyframeItems: Int
    /// Indices into `items` of those added, in the order of type, then id, with the number of keyframe items before each.
    private(set) var added: [(before: Int, item: Int)] = []
    private(set) var changes: [Change] = []

    init(keyframe: [UInt8]) throws(WireError) {
        bytes = keyframe
        let span = keyframe.span
        var frame = try FrameReader(span, 0..<span.count, hasOrdinals: false)
        items.reserveCapacity(frame.remaining)
        while let next = try frame.next(span) { items.append(Item(mark: next.event, entry: next.entry)) }
        keyframeItems = items.count
    }

    /// A state with nothing in it.
    init() {
        bytes = []
        keyframeItems = 0
    }

    mutating func apply(_ segment: Segment) throws(WireError) {
        let base = bytes.count
        bytes.append(contentsOf: segment.entries)
        let all = bytes
        let span = all.span
        var at = base
        for _ in 0..<segment.count {
            let entry = try EntryBody(span, &at, span.count)
            let index = try place(of: entry, in: span)
            changes.append(Change(mark: segment.mark, item: index.item, entry: entry))
            let item = Item(mark: segment.mark, entry: entry)
            if index.isNew {
                items.append(item)
                added.insert((index.before, index.item), at: index.rank)
            } else {
                items[index.item] = item
            }
        }
        guard at == span.count else { throw WireError(.trailingBytes, at: at) }
    }

    private func place(
        of entry: EntryBody, in span: Span<UInt8>
    ) throws(WireError) -> (item: Int, isNew: Bool, before: Int, rank: Int) {
        var (low, high) = (0, keyframeItems)
        while low < high {
            let middle = (low + high) / 2
            let order = try ItemHead.order(span, entry.meta, span, items[middle].entry.meta)
            if order == 0 { return (middle, false, 0, 0) }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        let before = low
        (low, high) = (0, added.count)
        while low < high {
            let middle = (low + high) / 2
            let item = added[middle].item
            let order = try ItemHead.order(span, entry.meta, span, items[item].entry.meta)
            if order == 0 { return (item, false, 0, 0) }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return (items.count, true, before, low)
    }

    /// The keyframe of what is in force: items that moved away are not in it.
    func keyframe() -> [UInt8] {
        var order: [Int] = []
        order.reserveCapacity(items.count)
        var late = added[...]
        for index in 0...keyframeItems {
            while let next = late.first, next.before <= index {
                order.append(next.item)
                late.removeFirst()
            }
            if index < keyframeItems { order.append(index) }
        }
        order.removeAll { items[$0].entry.isMoved }
        let marks = Set(order.map { items[$0].mark }).sorted { $0.position < $1.position }
        var writer = FrameWriter(capacity: order.reduce(0) { $0 + items[$1].entry.body.count + 2 })
        for mark in marks { _ = writer.add(mark) }
        for index in order {
            let item = items[index]
            let event = Self.number(of: item.mark, in: marks)
            writer.append(event: event, entry: item.entry.body, of: bytes)
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

    /// The changes so far as the frames of a closed chapter.
    func changeFrames() -> [FoldedFrame] {
        var ordinals = [Int](0..<items.count)
        for (rank, next) in added.enumerated() { ordinals[next.item] = keyframeItems + rank }
        var frames: [FoldedFrame] = []
        var writer = FrameWriter()
        var first: UInt64 = 0
        for (index, change) in changes.enumerated() {
            let startsEvent = index == 0 || changes[index - 1].mark != change.mark
            if startsEvent, writer.bodyBytes >= ClosingRule.frameBytes {
                frames.append(FoldedFrame(first: first, bytes: writer.bytes, packed: nil))
                writer = FrameWriter()
            }
            if writer.isEmpty { first = change.mark.position }
            let event = writer.add(change.mark)
            writer.append(
                event: event, ordinal: ordinals[change.item], entry: change.entry.body, of: bytes)
        }
        if !writer.isEmpty { frames.append(FoldedFrame(first: first, bytes: writer.bytes, packed: nil)) }
        return frames
    }
}
