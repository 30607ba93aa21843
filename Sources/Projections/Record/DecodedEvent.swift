import CareRecord
import EventLog
import Wire

/// A source update opened and cut into entries: what of folding needs no tables.
struct DecodedEvent: Sendable {
    struct Item: Sendable {
        /// `ItemIndexKey.hash`.
        var hash: UInt64
        var category: UInt8
        var itemIndex: UInt32
        /// A deletion does not say what it deletes: it belongs where that was.
        var isDeletion: Bool
        /// Nil where it is the recorded instant, or claims to be later.
        var asserted: Int64?
        /// The entry body, whole.
        var entry: Range<Int>
        /// The encoded meta.
        var meta: Range<Int>
    }

    let mark: EventMark
    let token: StreamToken
    let slot: UInt64
    /// One version for each item of the event, in the order of category, type, id.
    private(set) var items: [Item] = []
    private(set) var bytes: [UInt8] = []

    /// - Parameters:
    ///   - salt: `RecordKeys.itemSalt` of the subject.
    ///   - room: any bytes, to be used again for the next event.
    /// - Throws: `WireError` where an item's meta does not decode.
    init(_ header: RecordHeader, _ body: Body, salt: StreamToken, room: inout [UInt8]) throws(WireError) {
        mark = EventMark(position: header.position.value, recordedAt: header.recordedAt.microseconds)
        token = header.stream
        slot = header.slotA.value
        // About what its items take: derived contents are mostly pieces of the message.
        var out = ByteWriter(capacity: body.payload.count)
        var found: [Item] = []
        found.reserveCapacity(body.count)
        for index in 0..<body.count where index > 0 {
            found.append(try Self.append(index, of: body, salt, mark, &out, &room))
        }
        bytes = out.bytes
        items = try Self.ordered(found, bytes, mark)
    }

    private static func append(
        _ index: Int, of body: Body, _ salt: StreamToken, _ mark: EventMark, _ out: inout ByteWriter,
        _ content: inout [UInt8]
    ) throws(WireError) -> Item {
        let meta = body.meta(of: index)
        let head = try ItemHead(meta.span, 0..<meta.count)
        let isTombstone = head.operation != .upsert
        content.removeAll(keepingCapacity: true)
        if !isTombstone { body.appendContent(of: index, to: &content) }
        let start = out.count
        out.u8(head.category & EntryFlags.category)
        out.varint(index)
        out.varint(meta.count)
        out.varint(content.count)
        let metaStart = out.count
        out.raw(meta)
        out.raw(content)
        let base = meta.startIndex
        let hash = ItemIndexKey.hash(
            salt, type: meta[base + head.type.lowerBound..<base + head.type.upperBound],
            id: meta[base + head.id.lowerBound..<base + head.id.upperBound])
        let asserted = head.asserted.flatMap { $0 < mark.recordedAt ? $0 : nil }
        return Item(
            hash: hash, category: head.category, itemIndex: UInt32(index),
            isDeletion: head.operation == .delete, asserted: asserted, entry: start..<out.count,
            meta: metaStart..<metaStart + meta.count)
    }

    /// The place of each item in the order of type, then id, whatever its category.
    var ranks: [Int] {
        let span = bytes.span
        let order = items.indices.sorted {
            // Metas were read when the event was decoded.
            ((try? ItemHead.order(span, items[$0].meta, span, items[$1].meta)) ?? 0) < 0
        }
        var out = Array(repeating: 0, count: items.count)
        for (rank, index) in order.enumerated() { out[index] = rank }
        return out
    }

    /// One version for each item, the one in force after the event, in the order of entries.
    private static func ordered(
        _ items: [Item], _ bytes: [UInt8], _ mark: EventMark
    ) throws(WireError) -> [Item] {
        if items.count < 2 { return items }
        var best: [UInt64: Item] = [:]
        best.reserveCapacity(items.count)
        for item in items {
            if let other = best[item.hash],
                (other.asserted ?? mark.recordedAt) > (item.asserted ?? mark.recordedAt)
            {
                continue
            }
            best[item.hash] = item
        }
        let span = bytes.span
        var failure: WireError?
        let sorted = best.values.sorted { a, b in
            if a.category != b.category { return a.category < b.category }
            do throws(WireError) {
                return try ItemHead.order(span, a.meta, span, b.meta) < 0
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        return sorted
    }
}
