import CCrypto

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4): by the processor's instruction, or eight bytes a step from tables.
///
/// Finds flipped bits where the bytes are read; it proves nothing against anyone who means to change them.
public enum CRC32C {
    private static let isInHardware = daybook_has_crc32c() != 0

    /// The checksum of the first `count` bytes.
    public static func checksum(_ bytes: UnsafeRawBufferPointer, count: Int) -> UInt32 {
        precondition(count <= bytes.count)
        if isInHardware { return ~(unsafe daybook_crc32c(~0, bytes.baseAddress, UInt(count))) }
        return unsafe fromTables(UnsafeRawBufferPointer(rebasing: bytes[0..<count]))
    }

    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe checksum($0, count: $0.count) }
    }

    /// The checksum without the processor's help, whatever it can do.
    static func fromTables(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        unsafe tables.withUnsafeBufferPointer { t in
            var crc: UInt32 = ~0
            var i = 0
            while i + 8 <= bytes.count {
                let little = unsafe bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)
                let word = UInt64(littleEndian: little) ^ UInt64(crc)
                crc = 0
                for k in 0..<8 { unsafe crc ^= t[(7 - k) << 8 | Int(word >> UInt64(8 * k) & 0xFF)] }
                i += 8
            }
            while i < bytes.count {
                unsafe crc = crc >> 8 ^ t[Int((crc ^ UInt32(bytes[i])) & 0xFF)]
                i += 1
            }
            return ~crc
        }
    }

    /// Table k, entry b: what byte b does to the checksum when k zero bytes follow it.
    private static let tables: [UInt32] = {
        var t = [UInt32](repeating: 0, count: 8 << 8)
        for b in 0..<256 {
            var crc = UInt32(b)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
            t[b] = crc
        }
        for k in 1..<8 {
            for b in 0..<256 {
                let before = t[(k - 1) << 8 | b]
                t[k << 8 | b] = before >> 8 ^ t[Int(before & 0xFF)]
            }
        }
        return t
    }()
}
