import Wire

/// One version of an item, as the index keeps it: where it is, and which version is in force as of its position.
///
/// u8 category (bits 0–4), asserted given (bit 5), superseded (bit 6) ‖ varint item index ‖ asserted i64 BE where given ‖ where superseded (a
/// message older than the one in force came late): the same fields of the version in force, after its varint distance back in positions.
struct ItemIndexEntry: Hashable, Sendable {
    /// A version's place and rank.
    struct Version: Hashable, Sendable {
        var position: UInt64
        var itemIndex: UInt32
        var category: UInt8
        /// Microseconds; nil where it is the recorded instant of the position.
        var asserted: Int64?
    }

    var version: Version
    /// Nil where the version itself is in force as of its position.
    var inForce: Version?

    /// The version in force as of this one's position.
    var winner: Version { inForce ?? version }

    private enum Bits {
        static let category: UInt8 = 0x1F
        static let asserted: UInt8 = 0x20
        static let superseded: UInt8 = 0x40
    }

    init(_ version: Version, inForce: Version? = nil) { (self.version, self.inForce) = (version, inForce) }

    func encode(into out: inout ByteWriter) {
        Self.encode(version, superseded: inForce != nil, &out)
        if let inForce {
            out.varint(version.position - inForce.position)
            Self.encode(inForce, superseded: false, &out)
        }
    }

    private static func encode(_ version: Version, superseded: Bool, _ out: inout ByteWriter) {
        let asserted = version.asserted == nil ? 0 : Bits.asserted
        out.u8(version.category & Bits.category | asserted | (superseded ? Bits.superseded : 0))
        out.varint(UInt64(version.itemIndex))
        if let at = version.asserted { out.i64(at) }
    }

    init(decoding bytes: [UInt8], position: UInt64) throws(WireError) {
        var reader = ByteReader(bytes)
        let (version, isSuperseded) = try Self.version(&reader, position: position)
        self.version = version
        if isSuperseded {
            let back = try reader.varint()
            guard back < position else { throw WireError(.invalid, at: reader.offset, what: "position") }
            inForce = try Self.version(&reader, position: position - back).version
        }
        try reader.end()
    }

    private static func version(
        _ reader: inout ByteReader, position: UInt64
    ) throws(WireError) -> (version: Version, isSuperseded: Bool) {
        let first = try reader.u8()
        let index = try reader.varint()
        guard index <= UInt64(UInt32.max) else {
            throw WireError(.invalid, at: reader.offset, what: "item index")
        }
        let asserted = first & Bits.asserted == 0 ? nil : try reader.i64()
        return (
            Version(
                position: position, itemIndex: UInt32(index), category: first & Bits.category,
                asserted: asserted), first & Bits.superseded != 0
        )
    }
}
