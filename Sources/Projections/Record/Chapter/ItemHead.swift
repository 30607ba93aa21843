import CareRecord
import Wire

/// What folding must know of an item, read from the front of its encoded `ItemMeta` without decoding the rest:
/// operation, category, type, id and assertion time.
struct ItemHead: Hashable, Sendable {
    var operation: ItemMeta.Operation
    var category: UInt8
    /// Offsets in the bytes given.
    var type: Range<Int>
    var id: Range<Int>
    /// Microseconds; nil means the time of arrival.
    var asserted: Int64?

    /// - Parameter range: where the encoded meta lies in `bytes`.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireError) {
        guard range.count > 3, bytes[range.lowerBound] == ItemMeta.formatVersion,
            let operation = ItemMeta.Operation(rawValue: bytes[range.lowerBound + 1])
        else { throw WireError(.invalid, at: range.lowerBound, what: "item meta") }
        self.operation = operation
        category = bytes[range.lowerBound + 2]
        (type, id) = try Self.key(bytes, range)
        var at = id.upperBound
        guard at < range.upperBound else { throw WireError(.truncated, at: at) }
        if bytes[at] != 0 {
            at += 1
            guard range.upperBound - at >= 8 else { throw WireError(.truncated, at: at) }
            let value = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            asserted = Int64(bitPattern: UInt64(bigEndian: value))
        }
    }

    /// Where the type and the Daybook id lie.
    @inline(__always)
    static func key(
        _ bytes: Span<UInt8>, _ meta: Range<Int>
    ) throws(WireError) -> (type: Range<Int>, id: Range<Int>) {
        var at = meta.lowerBound + 3
        let typeBytes = try ByteScan.length(bytes, &at, meta.upperBound)
        let type = at..<at + typeBytes
        at = type.upperBound
        let sourceBytes = try ByteScan.length(bytes, &at, meta.upperBound)
        at += sourceBytes
        let idBytes = try ByteScan.length(bytes, &at, meta.upperBound)
        return (type, at..<at + idBytes)
    }

    /// Items are kept in the byte order of type, then id.
    static func order(
        _ a: Span<UInt8>, _ metaA: Range<Int>, _ b: Span<UInt8>, _ metaB: Range<Int>
    ) throws(WireError) -> Int {
        let (typeA, idA) = try key(a, metaA)
        let (typeB, idB) = try key(b, metaB)
        let byType = compare(a, typeA, b, typeB)
        return byType != 0 ? byType : compare(a, idA, b, idB)
    }

    private static func compare(
        _ a: Span<UInt8>, _ ra: Range<Int>, _ b: Span<UInt8>, _ rb: Range<Int>
    ) -> Int {
        let common = min(ra.count, rb.count)
        for i in 0..<common {
            let (x, y) = (a[ra.lowerBound + i], b[rb.lowerBound + i])
            if x != y { return x < y ? -1 : 1 }
        }
        return ra.count - rb.count
    }
}
