/// Builds the project's binary encodings: big-endian integers, LEB128 varints, length-prefixed bytes.
public struct ByteWriter: Sendable {
    public var bytes: [UInt8]

    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public var count: Int { bytes.count }

    @inlinable public mutating func u8(_ value: UInt8) { bytes.append(value) }
    @inlinable public mutating func u16(_ value: UInt16) { fixed(value) }
    @inlinable public mutating func u32(_ value: UInt32) { fixed(value) }
    @inlinable public mutating func u64(_ value: UInt64) { fixed(value) }
    @inlinable public mutating func i64(_ value: Int64) { fixed(value) }

    @inlinable mutating func fixed<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Unsigned LEB128: seven bits a byte, least significant first, at most ten bytes.
    @inlinable public mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    @inlinable public mutating func varint(_ value: Int) { varint(UInt64(value)) }

    /// Bytes as they are, without a length.
    @inlinable public mutating func raw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

    /// A varint length, then the bytes.
    @inlinable public mutating func prefixed(_ value: some Collection<UInt8>) {
        varint(value.count)
        bytes.append(contentsOf: value)
    }

    /// A varint length, then UTF-8.
    @inlinable public mutating func string(_ value: String) { prefixed(value.utf8) }
}
