import CareRecord
import Wire

/// The items of a chapter while it is being closed: the keyframe's in their order, then those that came later.
struct ChapterState {
    private struct Item {
        var mark: EventMark
        /// A whole entry.
        var entry: EntryBody
        /// Whether it lies in `bytes`, not in the keyframe's.
        var isLate: Bool
        /// Index into `past` of the version before it; nil for the first that the chapter has.
        var before: Int?
    }

    let keyframe: Keyframe
    /// Entries that came after the keyframe, whole.
    private var bytes: [UInt8] = []
    /// In force. The keyframe's items first, by ordinal; then the added, in the order of their coming.
    private var items: [Item]
    /// Versions that were in force.
    private var past: [Item] = []
    /// Whether an item left its category: one that is new to a category may be an old one.
    private var hasMoved = false
    /// Indices into `items` of those added, in the order of items, with the number of keyframe items before each.
    private var added: [(before: Int, item: Int)] = []

    /// - Parameter room: bytes that the entries to come will take, as far as is known: an array that grows copies itself.
    init(keyframe: Keyframe, room: Int = 0) {
        self.keyframe = keyframe
        bytes.reserveCapacity(room)
        items = keyframe.entries.map { Item(mark: $0.event, entry: $0.entry, isLate: false, before: nil) }
    }

    mutating func apply(_ segment: Segment) throws(WireError) {
        for entry in try EntryWalk.bodies(segment.entries, count: segment.count) {
            if entry.isMoved { hasMoved = true }
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
            let item = Item(
                mark: segment.mark, entry: try EntryBody(bytes.span, &at, bytes.count), isLate: true,
                before: nil)
            if entry.isPatch {
                replace(entry.ordinal, by: item)
            } else {
                try put(item)
            }
        }
    }

    private mutating func put(_ item: Item) throws(WireError) {
        switch try place(of: item.entry) {
        case .held(let index): replace(index, by: item)
        case .new(let place, let before):
            added.insert((before, items.count), at: place)
            items.append(item)
        }
    }

    private enum Place {
        case held(Int)
        /// Where in `added`, and how many of the keyframe's come before it.
        case new(Int, before: Int)
    }

    /// Where the item of an entry in `bytes` stands, or would.
    private func place(of entry: EntryBody) throws(WireError) -> Place {
        let span = bytes.span
        let place = try keyframe.place(of: entry, in: span)
        if place.isHeld { return .held(place.index) }
        var (low, high) = (0, added.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try EntryBody.order(span, entry, span, items[added[middle].item].entry)
            if order == 0 { return .held(added[middle].item) }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return .new(low, before: place.index)
    }

    private mutating func replace(_ index: Int, by item: Item) {
        past.append(items[index])
        items[index] = item
        items[index].before = past.count - 1
    }

    private func data(_ item: Item) -> ArraySlice<UInt8> {
        (item.isLate ? bytes : keyframe.bytes)[item.entry.data]
    }

    private func isTombstone(_ item: Item) -> Bool {
        let data = data(item)
        return data[data.startIndex + 1] != ItemMeta.Operation.upsert.rawValue
    }

    /// Of a result.
    private func isCancelled(_ item: Item) throws(ProjectionError) -> Bool {
        let owner = item.isLate ? bytes : keyframe.bytes
        do throws(WireError) {
            return ResultStatus(try ItemMetaPlaces(owner.span, item.entry.meta), in: owner.span) == .cancelled
        } catch { throw .damaged(what: "the meta of a replaced entry: \(error)") }
    }

    /// What the item replaced, where it is a result that says it was corrected: the newest version before it that says something else, or
    /// nothing any more.
    ///
    /// - Returns: nil for other items, and where only the log can tell.
    private func replaced(by index: Int) throws(WireError) -> Replaced? {
        let item = items[index]
        let own = item.isLate ? bytes : keyframe.bytes
        let meta = try ItemMetaPlaces(own.span, item.entry.meta)
        guard meta.operation == .upsert, case .corrected? = ResultStatus(meta, in: own.span) else {
            return nil
        }
        // What it says itself is looked for when there is something to compare it with.
        var said: ResultValue?
        var next = item.before
        while let at = next {
            let old = past[at]
            // It was elsewhere in between.
            if old.entry.isMoved { return nil }
            var data = data(old)
            var isSame = false
            do throws(ProjectionError) {
                if !isTombstone(old) {
                    if said == nil {
                        said = try ResultValue(self.data(item).dropFirst(item.entry.metaBytes))
                    }
                    let value = try ResultValue(data.dropFirst(old.entry.metaBytes))
                    if let said { isSame = try value.saysSame(as: said) }
                    if !isSame {
                        let isCancelled = try isCancelled(old)
                        data = data.prefix(old.entry.metaBytes) + value.alone(isCancelled: isCancelled)
                    }
                }
            } catch { throw WireError(.invalid, at: old.entry.dataStart, what: "\(error)") }
            if !isSame {
                return .entry(
                    ReplacedEntry(
                        mark: old.mark, category: old.entry.category, itemIndex: old.entry.itemIndex,
                        metaBytes: old.entry.metaBytes, data: data))
            }
            next = old.before
        }
        // It says what the keyframe's own version says, which may know what it replaced.
        if index < keyframe.entries.count { return try keyframe.replaced(by: index) }
        // The keyframe has all that was there, each in one category: an item that it has in none, this chapter began.
        return hasMoved ? nil : .nothing
    }

    /// The keyframe of what is in force: items that moved away are not in it.
    func nextKeyframe() throws(WireError) -> [UInt8] {
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
        var replaced: [Int: Replaced] = [:]
        var old: [EventMark] = []
        // What was replaced is a few bytes as a patch, and may be whole.
        var room = order.reduce(0) { $0 + items[$1].entry.body.count + 2 }
        for index in order {
            guard let found = try self.replaced(by: index) else { continue }
            replaced[index] = found
            room += 24
            if case .entry(let entry) = found {
                old.append(entry.mark)
                room += entry.data.count
            }
        }
        let marks = Set(order.map { items[$0].mark }).union(old)
            .sorted { $0.position < $1.position }
        var writer = FrameWriter(capacity: room)
        for mark in marks { _ = writer.add(mark) }
        var patches = PatchMaker()
        for (ordinal, index) in order.enumerated() {
            let item = items[index]
            let event = Self.number(of: item.mark, in: marks)
            writer.append(event: event, entry: item.entry.body, of: item.isLate ? bytes : keyframe.bytes)
            guard case .entry(let old)? = replaced[index] else {
                if replaced[index] != nil { writer.appendNothing(event: event) }
                continue
            }
            let patch = data(item).withUnsafeBytes { base in
                // A patch adds an ordinal and its own length: it must save more than those.
                old.data.withUnsafeBytes { patches.patch(from: base, to: $0, limit: old.data.count - 8) }
            }
            writer.append(
                event: Self.number(of: old.mark, in: marks), replaced: old, patch: patch, of: ordinal)
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
