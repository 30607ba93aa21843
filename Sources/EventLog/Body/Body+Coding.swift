import Wire

/// Payload: u8 version = 1 ‖ salt 32 ‖ varint item count ‖ items. An item: u8 encoding ‖ varint meta length ‖
/// meta, then for encoding 0: varint length ‖ bytes; for encoding 1: varint start ‖ varint length ‖ varint
/// edit count ‖ edits, each varint offset ‖ varint bytes deleted ‖ varint insertion length ‖ insertion.
extension Body {
    public static let formatVersion: UInt8 = 1

    enum Encoding {
        static let literal: UInt8 = 0
        static let derived: UInt8 = 1
    }

    /// - Parameter salt: 32 random bytes, fresh for every body.
    /// - Throws: `tooLarge` past a limit; `invalid` where a splice lies outside item 0's content.
    public static func encode(_ items: [BodyItem], salt: [UInt8]) throws(LogError) -> [UInt8] {
        var out = ByteWriter()
        try encode(items, salt: salt, into: &out)
        return out.bytes
    }

    /// The same in place of what a writer holds, whose storage is used again.
    static func encode(_ items: [BodyItem], salt: [UInt8], into out: inout ByteWriter) throws(LogError) {
        precondition(salt.count == BodyLimits.saltBytes)
        let size = try check(items)
        out.bytes.removeAll(keepingCapacity: true)
        out.bytes.reserveCapacity(size)
        out.u8(formatVersion)
        out.raw(salt)
        out.varint(items.count)
        for index in items.indices {
            switch items[index].content {
            case .literal(let bytes):
                out.u8(Encoding.literal)
                out.prefixed(items[index].meta)
                out.prefixed(bytes)
            case .derived(let splice):
                out.u8(Encoding.derived)
                out.prefixed(items[index].meta)
                out.splice(splice)
            }
        }
        guard out.count <= BodyLimits.payloadBytes else {
            throw .tooLarge(what: "bytes of a body", bytes: out.count, limit: BodyLimits.payloadBytes)
        }
    }

    /// Checks the limits, so that what is written can be read; returns about how many bytes it takes.
    private static func check(_ items: [BodyItem]) throws(LogError) -> Int {
        guard items.count <= BodyLimits.items else {
            throw .tooLarge(what: "items of a body", bytes: items.count, limit: BodyLimits.items)
        }
        var source: Int?
        if case .literal(let bytes) = items.first?.content { source = bytes.count }
        var size = 64
        var contents = 0
        for item in items {
            guard item.meta.count <= BodyLimits.metaBytes else {
                throw .tooLarge(
                    what: "bytes of an item's meta", bytes: item.meta.count, limit: BodyLimits.metaBytes)
            }
            size += item.meta.count + 24
            switch item.content {
            case .literal(let bytes):
                size += bytes.count
                contents += bytes.count
            case .derived(let splice):
                guard let source, let capacity = try? splice.capacity(in: source) else {
                    throw .invalid(what: "an item is derived from bytes that item 0 does not have")
                }
                guard splice.edits.count <= BodyLimits.edits else {
                    throw .tooLarge(
                        what: "edits of an item", bytes: splice.edits.count, limit: BodyLimits.edits)
                }
                for edit in splice.edits { size += edit.insertion.count + 8 }
                contents += capacity
            }
        }
        guard contents <= BodyLimits.contentBytes else {
            throw .tooLarge(what: "bytes of all contents", bytes: contents, limit: BodyLimits.contentBytes)
        }
        return size
    }

    /// Reads a payload, and checks all of it.
    ///
    /// - Throws: `WireError` where it is cut short, goes on, passes a limit, or derives what item 0 does
    ///   not have.
    public static func decode(_ payload: ArraySlice<UInt8>) throws(WireError) -> Body {
        guard payload.count <= BodyLimits.payloadBytes else {
            throw WireError(.invalid, at: 0, what: "a body of \(payload.count) bytes")
        }
        var reader = ByteReader(payload)
        guard try reader.u8() == formatVersion else {
            throw WireError(.invalid, at: 0, what: "unknown body version")
        }
        _ = try reader.raw(BodyLimits.saltBytes)
        let count = try reader.length()
        guard count <= BodyLimits.items else { throw WireError(.invalid, at: 33, what: "\(count) items") }
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        var contents = 0
        for _ in 0..<count {
            let entry = try reader.entry(source: entries.first, contents: &contents)
            guard contents <= BodyLimits.contentBytes else {
                throw WireError(.invalid, at: reader.offset, what: "contents of more bytes than are taken")
            }
            entries.append(entry)
        }
        try reader.end()
        return Body(payload: payload, entries: entries)
    }

    public static func decode(_ payload: [UInt8]) throws(WireError) -> Body { try decode(payload[...]) }
}

extension ByteReader {
    fileprivate mutating func entry(
        source: Body.Entry?, contents: inout Int
    ) throws(WireError) -> Body.Entry {
        let encoding = try u8()
        let meta = try prefixedPlace()
        guard meta.count <= BodyLimits.metaBytes else {
            throw WireError(.invalid, at: offset, what: "an item's meta of \(meta.count) bytes")
        }
        switch encoding {
        case Body.Encoding.literal:
            let bytes = try prefixedPlace()
            contents += bytes.count
            return Body.Entry(meta: meta, content: bytes, isDerived: false, capacity: bytes.count)
        case Body.Encoding.derived:
            guard let source, !source.isDerived else {
                throw WireError(.invalid, at: offset, what: "an item derived from nothing")
            }
            let start = index
            let capacity = try spliceCapacity(in: source.content.count)
            contents += capacity
            return Body.Entry(
                meta: meta, content: start..<index, isDerived: true, capacity: capacity)
        default:
            throw WireError(.invalid, at: offset, what: "unknown item encoding \(encoding)")
        }
    }

    mutating func splice() throws(WireError) -> JSONSplice {
        let head = try spliceHead()
        var edits: [JSONSplice.Edit] = []
        edits.reserveCapacity(head.edits)
        for _ in 0..<head.edits {
            let edit = try spliceEdit()
            edits.append(
                .init(offset: edit.offset, deleted: edit.deleted, insertion: Array(bytes[edit.insertion])))
        }
        return JSONSplice(start: head.start, length: head.length, edits: edits)
    }

    /// Walks an encoded splice, and checks it.
    private mutating func spliceCapacity(in sourceCount: Int) throws(WireError) -> Int {
        let head = try spliceHead()
        var bounds = try SpliceBounds(start: head.start, length: head.length, in: sourceCount)
        for _ in 0..<head.edits {
            let edit = try spliceEdit()
            try bounds.add(offset: edit.offset, deleted: edit.deleted, inserted: edit.insertion.count)
        }
        return bounds.capacity
    }

    mutating func spliceHead() throws(WireError) -> (start: Int, length: Int, edits: Int) {
        let start = try bounded()
        let length = try bounded()
        let count = try self.length()
        guard count <= BodyLimits.edits else { throw WireError(.invalid, at: offset, what: "\(count) edits") }
        return (start, length, count)
    }

    /// - Returns: also where in `bytes` the insertion lies.
    mutating func spliceEdit() throws(WireError) -> (offset: Int, deleted: Int, insertion: Range<Int>) {
        (try bounded(), try bounded(), try prefixedPlace())
    }

    private mutating func bounded() throws(WireError) -> Int {
        let value = try varint()
        guard value <= UInt64(BodyLimits.payloadBytes) else {
            throw WireError(.invalid, at: offset, what: "an offset of \(value)")
        }
        return Int(value)
    }
}

extension ByteWriter {
    mutating func splice(_ splice: JSONSplice) {
        varint(splice.start)
        varint(splice.length)
        varint(splice.edits.count)
        for edit in splice.edits {
            varint(edit.offset)
            varint(edit.deleted)
            prefixed(edit.insertion)
        }
    }
}
