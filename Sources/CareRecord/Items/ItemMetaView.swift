import Wire

/// An encoded `ItemMeta` read in place: what a view needs of an item, without making Strings of it.
///
/// Codes and references are walked only when asked for; the bytes are checked as they are walked.
public struct ItemMetaView: Sendable {
    public let operation: ItemMeta.Operation
    public let category: Category
    /// UTF-8 of the FHIR type.
    public let type: ArraySlice<UInt8>
    /// UTF-8 of the id within Daybook.
    public let daybookID: ArraySlice<UInt8>
    public let asserted: Instant?
    /// UTF-8, as sent.
    public let effective: ArraySlice<UInt8>?
    public let status: ArraySlice<UInt8>?
    private let tail: ByteReader

    /// - Throws: `WireError` where the bytes are not the start of an encoded item meta.
    public init(_ bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        try reader.version(ItemMeta.formatVersion, of: "item meta")
        guard let operation = ItemMeta.Operation(rawValue: try reader.u8()) else {
            throw WireError(.invalid, at: reader.offset, what: "operation")
        }
        self.operation = operation
        category = try reader.category()
        type = try reader.prefixed()
        _ = try reader.prefixed()
        daybookID = try reader.prefixed()
        asserted = try reader.optionalInstant()
        effective = try reader.flag() ? try reader.prefixed() : nil
        status = try reader.flag() ? try reader.prefixed() : nil
        tail = reader
    }

    /// The source's ODS code: what stands before the first dot of the id (no ODS code has a dot).
    public var source: ArraySlice<UInt8> { daybookID.prefix { $0 != UInt8(ascii: ".") } }

    public func codes() throws(WireError) -> [Coding] {
        var reader = tail
        return try reader.codings()
    }

    /// What the item cites: UTF-8 of `Type/id`.
    public func references() throws(WireError) -> [ArraySlice<UInt8>] {
        var reader = tail
        try reader.skipCodings()
        var out: [ArraySlice<UInt8>] = []
        for _ in 0..<(try reader.length()) { out.append(try reader.prefixed()) }
        return out
    }

    public func splits() throws(WireError) -> [ItemSplit] {
        var reader = tail
        try reader.skipCodings()
        for _ in 0..<(try reader.length()) { _ = try reader.prefixed() }
        return try reader.splits()
    }
}

extension ByteReader {
    fileprivate mutating func skipCodings() throws(WireError) {
        for _ in 0..<(try length()) {
            _ = try prefixed()
            _ = try prefixed()
        }
    }
}
