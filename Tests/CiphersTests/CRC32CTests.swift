import Testing

@testable import Ciphers

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4.
    @Test func theStandardsExamples() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
        #expect(CRC32C.checksum((0..<32).map { UInt8(31 - $0) }) == 0x113F_DB5C)
        #expect(CRC32C.checksum([]) == 0)
    }

    @Test func tablesAndProcessorAgree() {
        for count in 0..<300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 3) }
            #expect(CRC32C.checksum(bytes) == bytes.withUnsafeBytes { CRC32C.fromTables($0) })
        }
    }
}
