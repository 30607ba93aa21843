import Wire

/// An encoded `ItemMeta` read in place: what a view needs of an item, without making Strings of it.
///
/// Codes and references are walked only when asked for; the bytes are checked as they are walked.
public struct ItemMetaView: Sendable {
    public let operation: ItemMeta.Operation
    public let category: Category
    public let asserted: Instant?
    /// The encoded meta.
    public let bytes: ArraySlice<UInt8>
    // Places in `bytes`, not slices of it: a view copies thousands of these a second, and each slice is one more reference to count.
    private let typeRange: Range<Int>
    private let idRange: Range<Int>
    private let effectiveRange: Range<Int>?
    private let statusRange: Range<Int>?
    private let tailStart: Int

    /// - Throws: `WireError` where the bytes are not the start of an encoded item meta.
    public init(_ bytes: ArraySlice<UInt8>) throws(WireError) {
        self.bytes = bytes
        var reader = ByteReader(bytes)
        try reader.version(ItemMeta.formatVersion, of: "item meta")
        guard let operation = ItemMeta.Operation(rawValue: try reader.u8()) else {
            throw WireError(.invalid, at: reader.offset, what: "operation")
        }
        self.operation = operation
        category = try reader.category()
        typeRange = try reader.prefixedPlace()
        _ = try reader.prefixedPlace()
        idRange = try reader.prefixedPlace()
        asserted = try reader.optionalInstant()
        effectiveRange = try reader.flag() ? try reader.prefixedPlace() : nil
        statusRange = try reader.flag() ? try reader.prefixedPlace() : nil
        tailStart = reader.index
    }

    /// UTF-8 of the FHIR type.
    public var type: ArraySlice<UInt8> { bytes[typeRange] }
    /// UTF-8 of the id within Daybook.
    public var daybookID: ArraySlice<UInt8> { bytes[idRange] }
    /// UTF-8, as sent.
    public var effective: ArraySlice<UInt8>? { effectiveRange.map { bytes[$0] } }
    public var status: ArraySlice<UInt8>? { statusRange.map { bytes[$0] } }
    private var tail: ByteReader { ByteReader(bytes[tailStart...]) }

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
