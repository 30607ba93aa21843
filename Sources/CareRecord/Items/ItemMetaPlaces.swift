import Wire

/// Where the parts of an encoded `ItemMeta` lie, as offsets of the bytes they were found in. It holds no reference: a view reads and moves
/// thousands of these a second.
public struct ItemMetaPlaces: Sendable {
    public let operation: ItemMeta.Operation
    public let category: Category
    private let isAsserted: Bool
    private let hasEffective: Bool
    private let hasStatus: Bool
    private let assertedMicroseconds: Int64
    private let whole: Range<UInt32>
    private let typePlace: Range<UInt32>
    private let idPlace: Range<UInt32>
    private let effectivePlace: Range<UInt32>
    private let statusPlace: Range<UInt32>
    private let tailStart: UInt32

    /// - Parameters:
    ///   - range: where the encoded meta lies in `bytes`.
    ///   - shift: added to every offset: where `bytes` begin in the bytes that the places are to be of.
    /// - Throws: `WireError` where the bytes are not the start of an encoded item meta.
    public init(_ bytes: Span<UInt8>, _ range: Range<Int>, shift: Int = 0) throws(WireError) {
        guard shift >= 0, range.upperBound + shift <= Int(UInt32.max) else {
            throw WireError(.invalid, at: 0, what: "place of an item meta")
        }
        var scan = Scan(at: range.lowerBound, end: range.upperBound, shift: shift)
        let version = try scan.u8(bytes)
        guard version == ItemMeta.formatVersion else {
            throw WireError(.invalid, at: 0, what: "item meta of unknown version \(version)")
        }
        guard let operation = ItemMeta.Operation(rawValue: try scan.u8(bytes)) else {
            throw WireError(.invalid, at: scan.at, what: "operation")
        }
        guard let category = Category(rawValue: try scan.u8(bytes)) else {
            throw WireError(.invalid, at: scan.at, what: "category")
        }
        (self.operation, self.category) = (operation, category)
        typePlace = try scan.prefixed(bytes)
        _ = try scan.prefixed(bytes)
        idPlace = try scan.prefixed(bytes)
        isAsserted = try scan.flag(bytes)
        assertedMicroseconds = isAsserted ? try scan.i64(bytes) : 0
        hasEffective = try scan.flag(bytes)
        effectivePlace = hasEffective ? try scan.prefixed(bytes) : 0..<0
        hasStatus = try scan.flag(bytes)
        statusPlace = hasStatus ? try scan.prefixed(bytes) : 0..<0
        tailStart = UInt32(scan.at + shift)
        whole = UInt32(range.lowerBound + shift)..<UInt32(range.upperBound + shift)
    }

    public var asserted: Instant? { isAsserted ? Instant(microseconds: assertedMicroseconds) : nil }
    /// The encoded meta.
    public var all: Range<Int> { Self.range(whole) }
    /// UTF-8 of the FHIR type.
    public var type: Range<Int> { Self.range(typePlace) }
    /// UTF-8 of the id within Daybook.
    public var daybookID: Range<Int> { Self.range(idPlace) }
    /// UTF-8, as sent.
    public var effective: Range<Int>? { hasEffective ? Self.range(effectivePlace) : nil }
    public var status: Range<Int>? { hasStatus ? Self.range(statusPlace) : nil }
    /// What is walked only when asked for: codes, references, splits.
    var tail: Range<Int> { Int(tailStart)..<Int(whole.upperBound) }

    /// Bytes of type, id and effective time together.
    public var shownBytes: Int { typePlace.count + idPlace.count + effectivePlace.count }

    @inline(__always)
    private static func range(_ place: Range<UInt32>) -> Range<Int> {
        Int(place.lowerBound)..<Int(place.upperBound)
    }

    /// Whether that is the FHIR type. Asked of every item shown.
    public func isType(_ name: StaticString, in bytes: Span<UInt8>) -> Bool {
        guard typePlace.count == name.utf8CodeUnitCount else { return false }
        let start = Int(typePlace.lowerBound)
        for i in 0..<typePlace.count where bytes[start + i] != name.utf8Start[i] { return false }
        return true
    }

    /// The source's ODS code: what stands before the first dot of the id (no ODS code has a dot).
    public func source(in bytes: Span<UInt8>) -> Range<Int> {
        let id = daybookID
        for i in id where bytes[i] == UInt8(ascii: ".") { return id.lowerBound..<i }
        return id
    }

    /// Whether that is the source, whose name stands in the same bytes.
    public func isFrom(_ source: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        let id = daybookID
        guard id.count >= source.count else { return false }
        for i in 0..<source.count where bytes[id.lowerBound + i] != bytes[source.lowerBound + i] {
            return false
        }
        let end = id.lowerBound + source.count
        return end == id.upperBound || bytes[end] == UInt8(ascii: ".")
    }

    /// The status's first byte; 0 where there is no status.
    public func statusInitial(in bytes: Span<UInt8>) -> UInt8 {
        statusPlace.isEmpty ? 0 : bytes[Int(statusPlace.lowerBound)]
    }

    /// Items are shown in the byte order of type, then id. Below zero where `a` comes first.
    public static func order(
        _ a: ItemMetaPlaces, _ x: Span<UInt8>, _ b: ItemMetaPlaces, _ y: Span<UInt8>
    ) -> Int {
        let byType = compare(x, a.type, y, b.type)
        return byType != 0 ? byType : compare(x, a.daybookID, y, b.daybookID)
    }

    private static func compare(
        _ x: Span<UInt8>, _ a: Range<Int>, _ y: Span<UInt8>, _ b: Range<Int>
    ) -> Int {
        for i in 0..<min(a.count, b.count) {
            let (m, n) = (x[a.lowerBound + i], y[b.lowerBound + i])
            if m != n { return m < n ? -1 : 1 }
        }
        return a.count - b.count
    }
}

/// `ByteReader` over a span: the same fields with the same checks, and no array to hold on to.
private struct Scan {
    var at: Int
    let end: Int
    let shift: Int

    @inline(__always)
    mutating func u8(_ bytes: Span<UInt8>) throws(WireError) -> UInt8 {
        guard at < end else { throw WireError(.truncated, at: at) }
        defer { at += 1 }
        return bytes[at]
    }

    @inline(__always)
    mutating func flag(_ bytes: Span<UInt8>) throws(WireError) -> Bool {
        switch try u8(bytes) {
        case 0: return false
        case 1: return true
        default: throw WireError(.invalid, at: at, what: "flag")
        }
    }

    mutating func i64(_ bytes: Span<UInt8>) throws(WireError) -> Int64 {
        guard end - at >= 8 else { throw WireError(.truncated, at: at) }
        let value = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
        at += 8
        return Int64(bitPattern: UInt64(bigEndian: value))
    }

    @inline(__always)
    mutating func prefixed(_ bytes: Span<UInt8>) throws(WireError) -> Range<UInt32> {
        let first = try u8(bytes)
        let count = first < 0x80 ? Int(first) : try long(first, bytes)
        guard count <= end - at else { throw WireError(.truncated, at: at) }
        defer { at += count }
        return UInt32(at + shift)..<UInt32(at + count + shift)
    }

    private mutating func long(_ first: UInt8, _ bytes: Span<UInt8>) throws(WireError) -> Int {
        var value = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while true {
            let byte = try u8(bytes)
            if shift == 63, byte > 1 { throw WireError(.varintTooLong, at: at) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
            if shift > 63 { throw WireError(.varintTooLong, at: at) }
        }
        guard value <= UInt64(end - at) else { throw WireError(.truncated, at: at) }
        return Int(value)
    }
}
