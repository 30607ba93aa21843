/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes a step from tables.
enum CRC32C {
    /// The checksum of the first `count` bytes.
    static func checksum(_ bytes: UnsafeRawBufferPointer, count: Int) -> UInt32 {
        precondition(count <= bytes.count)
        return tables.withUnsafeBufferPointer { t in
            var crc: UInt32 = ~0
            var i = 0
            while i + 8 <= count {
                let word =
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self))
                    ^ UInt64(crc)
                crc =
                    t[7 << 8 | Int(word & 0xFF)] ^ t[6 << 8 | Int(word >> 8 & 0xFF)]
                    ^ t[5 << 8 | Int(word >> 16 & 0xFF)] ^ t[4 << 8 | Int(word >> 24 & 0xFF)]
                    ^ t[3 << 8 | Int(word >> 32 & 0xFF)] ^ t[2 << 8 | Int(word >> 40 & 0xFF)]
                    ^ t[1 << 8 | Int(word >> 48 & 0xFF)] ^ t[Int(word >> 56)]
                i += 8
            }
            while i < count {
                crc = crc >> 8 ^ t[Int((crc ^ UInt32(bytes[i])) & 0xFF)]
                i += 1
            }
            return ~crc
        }
    }

    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0, count: $0.count) }
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
