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
    /// Its first byte; 0 where there is no status.
    public var statusInitial: UInt8 {
        guard let statusRange, !statusRange.isEmpty else { return 0 }
        return bytes[statusRange.lowerBound]
    }
    private var tail: ByteReader { ByteReader(bytes[tailStart...]) }

    /// The source's ODS code: what stands before the first dot of the id (no ODS code has a dot).
    public var source: ArraySlice<UInt8> { daybookID.prefix { $0 != UInt8(ascii: ".") } }

    /// Whether that is the FHIR type. Asked of every item shown: no slice is made for it.
    public func isType(_ name: StaticString) -> Bool {
        guard typeRange.count == name.utf8CodeUnitCount else { return false }
        for i in 0..<typeRange.count where bytes[typeRange.lowerBound + i] != name.utf8Start[i] {
            return false
        }
        return true
    }

    /// Whether that is the source.
    public func isFrom(_ source: [UInt8]) -> Bool {
        guard idRange.count >= source.count else { return false }
        for i in 0..<source.count where bytes[idRange.lowerBound + i] != source[i] { return false }
        let end = idRange.lowerBound + source.count
        return end == idRange.upperBound || bytes[end] == UInt8(ascii: ".")
    }

    /// Items are shown in the byte order of type, then id. Below zero where `a` comes first.
    public static func order(_ a: ItemMetaView, _ b: ItemMetaView) -> Int {
        a.bytes.withUnsafeBytes { x in
            b.bytes.withUnsafeBytes { y in
                let byType = compare(x, a.place(a.typeRange), y, b.place(b.typeRange))
                return byType != 0 ? byType : compare(x, a.place(a.idRange), y, b.place(b.idRange))
            }
        }
    }

    /// A range of `bytes` as offsets from their start.
    private func place(_ range: Range<Int>) -> Range<Int> {
        range.lowerBound - bytes.startIndex..<range.upperBound - bytes.startIndex
    }

    private static func compare(
        _ x: UnsafeRawBufferPointer, _ a: Range<Int>, _ y: UnsafeRawBufferPointer, _ b: Range<Int>
    ) -> Int {
        for i in 0..<min(a.count, b.count) {
            let (m, n) = (x[a.lowerBound + i], y[b.lowerBound + i])
            if m != n { return m < n ? -1 : 1 }
        }
        return a.count - b.count
    }

    /// Bytes of type, id and effective time together.
    public var shownBytes: Int { typeRange.count + idRange.count + (effectiveRange?.count ?? 0) }

    /// The parts that an answer shows, in place: type, id within Daybook, and when it was clinically true (empty where not said).
    public func withParts<R>(
        _ body: (
            _ type: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer, _ effective: UnsafeRawBufferPointer?
        )
            -> R
    ) -> R {
        bytes.withUnsafeBytes { all in
            body(
                UnsafeRawBufferPointer(rebasing: all[place(typeRange)]),
                UnsafeRawBufferPointer(rebasing: all[place(idRange)]),
                effectiveRange.map { UnsafeRawBufferPointer(rebasing: all[place($0)]) })
        }
    }

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
