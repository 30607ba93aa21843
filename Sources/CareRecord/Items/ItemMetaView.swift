import Wire

/// An encoded `ItemMeta` read in place: what a view needs of an item, without making Strings of it.
///
/// Codes and references are walked only when asked for; the bytes are checked as they are walked.
public struct ItemMetaView: Sendable {
    /// The encoded meta.
    public let bytes: ArraySlice<UInt8>
    public let places: ItemMetaPlaces

    /// - Throws: `WireError` where the bytes are not the start of an encoded item meta.
    public init(_ bytes: ArraySlice<UInt8>) throws(WireError) {
        self.bytes = bytes
        places = try ItemMetaPlaces(bytes.span, 0..<bytes.count, shift: bytes.startIndex)
    }

    /// - Parameter places: of `all`.
    public init(_ places: ItemMetaPlaces, of all: [UInt8]) {
        (self.bytes, self.places) = (all[places.all], places)
    }

    public var operation: ItemMeta.Operation { places.operation }
    public var category: Category { places.category }
    /// UTF-8 of the FHIR type.
    public var type: ArraySlice<UInt8> { bytes[places.type] }
    /// UTF-8 of the id within Daybook.
    public var daybookID: ArraySlice<UInt8> { bytes[places.daybookID] }
    public var status: ArraySlice<UInt8>? { places.status.map { bytes[$0] } }
    private var tail: ByteReader { ByteReader(bytes[places.tail]) }

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
