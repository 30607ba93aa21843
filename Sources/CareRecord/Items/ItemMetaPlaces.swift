import Wire

/// Where the parts of an encoded `ItemMeta` lie, as offsets of the bytes they were found in. It holds no reference: a view reads and moves
/// thousands of these a second.
public struct ItemMetaPlaces: Sendable {
    public let operation: ItemMeta.Operation
    public let category: Category
    private let isAsserted: Bool
    @usableFromInline let hasEffective: Bool
    private let hasStatus: Bool
    private let assertedMicroseconds: Int64
    private let whole: Range<UInt32>
    @usableFromInline let typePlace: Range<UInt32>
    @usableFromInline let idPlace: Range<UInt32>
    @usableFromInline let effectivePlace: Range<UInt32>
    @usableFromInline let statusPlace: Range<UInt32>
    private let tailStart: UInt32

    /// - Parameters:
    ///   - range: where the encoded meta lies in `bytes`.
    ///   - shift: added to every offset: where `bytes` begin in the bytes that the places are to be of.
    /// - Throws: `WireError` where the bytes are not the start of an encoded item meta.
    public init(_ bytes: Span<UInt8>, _ range: Range<Int>, shift: Int = 0) throws(WireError) {
        // What is scanned lies within both: no byte of it is asked for again.
        guard shift >= 0, range.lowerBound >= 0, range.upperBound <= bytes.count,
            range.upperBound + shift <= Int(UInt32.max)
        else { throw WireError(.invalid, at: 0, what: "place of an item meta") }
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
        tailStart = UInt32(truncatingIfNeeded: scan.at &+ shift)
        whole = scan.place(range.lowerBound, range.count)
    }

    public var asserted: Instant? { isAsserted ? Instant(microseconds: assertedMicroseconds) : nil }
    /// The encoded meta.
    public var all: Range<Int> { Self.range(whole) }
    /// UTF-8 of the FHIR type.
    @inlinable public var type: Range<Int> { Self.range(typePlace) }
    /// UTF-8 of the id within Daybook.
    @inlinable public var daybookID: Range<Int> { Self.range(idPlace) }
    /// UTF-8, as sent.
    @inlinable public var effective: Range<Int>? { hasEffective ? Self.range(effectivePlace) : nil }
    public var status: Range<Int>? { hasStatus ? Self.range(statusPlace) : nil }
    /// What is walked only when asked for: codes, references, splits.
    var tail: Range<Int> { Int(tailStart)..<Int(whole.upperBound) }

    /// Bytes of type, id and effective time together.
    @inlinable public var shownBytes: Int {
        Self.range(typePlace).count &+ Self.range(idPlace).count &+ Self.range(effectivePlace).count
    }

    @inlinable @inline(__always)
    static func range(_ place: Range<UInt32>) -> Range<Int> {
        Range(uncheckedBounds: (Int(place.lowerBound), Int(place.upperBound)))
    }

    /// Whether that is the FHIR type. Asked of every item shown.
    @inlinable @inline(__always)
    public func isType(_ name: StaticString, in bytes: Span<UInt8>) -> Bool {
        let type = Self.range(typePlace)
        guard type.count == name.utf8CodeUnitCount else { return false }
        for i in 0..<type.count where bytes[type.lowerBound &+ i] != name.utf8Start[i] { return false }
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
        let end = id.lowerBound &+ source.count
        precondition(id.upperBound <= bytes.count && source.upperBound <= bytes.count)
        guard end == id.upperBound || bytes[unchecked: end] == UInt8(ascii: ".") else { return false }
        var i = 0
        while i < source.count {
            if bytes[unchecked: id.lowerBound &+ i] != bytes[unchecked: source.lowerBound &+ i] {
                return false
            }
            i &+= 1
        }
        return true
    }

    /// The status's first byte; 0 where there is no status.
    @inlinable @inline(__always)
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
///
/// `end` is within the bytes: what lies before it is not checked against them again.
private struct Scan {
    var at: Int
    let end: Int
    let shift: Int

    /// A place as an offset of what the bytes are part of. What lies before `end` fits 32 bits.
    @inline(__always)
    func place(_ start: Int, _ count: Int) -> Range<UInt32> {
        let first = UInt32(truncatingIfNeeded: start &+ shift)
        return Range(uncheckedBounds: (first, first &+ UInt32(truncatingIfNeeded: count)))
    }

    @inline(__always)
    mutating func u8(_ bytes: Span<UInt8>) throws(WireError) -> UInt8 {
        guard at < end else { throw truncated }
        let byte = bytes[unchecked: at]
        at &+= 1
        return byte
    }

    @inline(never) private var truncated: WireError { WireError(.truncated, at: at) }

    @inline(__always)
    mutating func flag(_ bytes: Span<UInt8>) throws(WireError) -> Bool {
        let byte = try u8(bytes)
        guard byte < 2 else { throw WireError(.invalid, at: at, what: "flag") }
        return byte == 1
    }

    @inline(__always)
    mutating func i64(_ bytes: Span<UInt8>) throws(WireError) -> Int64 {
        guard end &- at >= 8 else { throw truncated }
        let value = bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self)
        at &+= 8
        return Int64(bitPattern: UInt64(bigEndian: value))
    }

    @inline(__always)
    mutating func prefixed(_ bytes: Span<UInt8>) throws(WireError) -> Range<UInt32> {
        let first = try u8(bytes)
        let count = first < 0x80 ? Int(first) : try long(first, bytes)
        guard count <= end &- at else { throw truncated }
        let found = place(at, count)
        at &+= count
        return found
    }

    @inline(never)
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
        guard value <= UInt64(end - at) else { throw truncated }
        return Int(value)
    }
}
