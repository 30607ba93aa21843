import Wire

/// Layout: u8 version = 1 ‖ u8 operation ‖ u8 category ‖ type ‖ source id ‖ Daybook id ‖ optional asserted
/// (i64) ‖ optional effective ‖ optional status ‖ codes ‖ references ‖ splits (u8 category, varint start,
/// varint length). Strings and counts are varint-prefixed; an optional is a u8 0 or 1, then the value.
extension ItemMeta {
    public static let formatVersion: UInt8 = 1
    /// Bytes of one encoded meta.
    public static let maximumBytes = 4 << 20

    public var encoded: [UInt8] {
        var out = ByteWriter(capacity: 192)
        encode(into: &out)
        return out.bytes
    }

    public func encode(into out: inout ByteWriter) {
        out.u8(Self.formatVersion)
        out.u8(operation.rawValue)
        out.u8(category.rawValue)
        out.string(type)
        out.string(sourceID)
        out.string(daybookID)
        out.optional(asserted)
        out.optional(effective)
        out.optional(status)
        out.varint(codes.count)
        for coding in codes {
            out.string(coding.system)
            out.string(coding.code)
        }
        out.strings(references)
        out.varint(splits.count)
        for split in splits {
            out.u8(split.category.rawValue)
            out.varint(split.start)
            out.varint(split.end - split.start)
        }
    }

    /// Decodes the whole of the bytes.
    public init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        guard bytes.count <= Self.maximumBytes else {
            throw WireError(.invalid, at: 0, what: "item meta of \(bytes.count) bytes")
        }
        var reader = ByteReader(bytes)
        try reader.version(Self.formatVersion, of: "item meta")
        guard let operation = Operation(rawValue: try reader.u8()) else {
            throw WireError(.invalid, at: reader.offset, what: "operation")
        }
        let category = try reader.category()
        self.init(
            operation: operation, type: try reader.string(), sourceID: try reader.string(),
            daybookID: try reader.string(), category: category, asserted: try reader.optionalInstant(),
            effective: try reader.optionalString(), status: try reader.optionalString(),
            codes: try reader.codings(), references: try reader.strings(), splits: try reader.splits())
        try reader.end()
    }

    public init(decoding bytes: [UInt8]) throws(WireError) { try self.init(decoding: bytes[...]) }
}

extension ByteReader {
    mutating func codings() throws(WireError) -> [Coding] {
        let count = try length()
        var out: [Coding] = []
        for _ in 0..<count { out.append(Coding(system: try string(), code: try string())) }
        return out
    }

    mutating func splits() throws(WireError) -> [ItemSplit] {
        let count = try length()
        var out: [ItemSplit] = []
        var previousEnd = 0
        for _ in 0..<count {
            let category = try category()
            let start = try varint()
            let length = try varint()
            guard start <= UInt64(Int32.max), length <= UInt64(Int32.max), Int(start) >= previousEnd else {
                throw WireError(.invalid, at: offset, what: "split")
            }
            previousEnd = Int(start) + Int(length)
            out.append(ItemSplit(category: category, start: Int(start), end: previousEnd))
        }
        return out
    }
}
