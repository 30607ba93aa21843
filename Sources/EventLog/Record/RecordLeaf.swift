import Ciphers
import Wire

/// The leaf hash of a stored record: SHA-256(0x00 ‖ header).
enum RecordLeaf {
    @inline(__always)
    static func hash(_ record: UnsafeRawBufferPointer) -> Digest {
        SHA256.hash(prefix: 0, UnsafeRawBufferPointer(rebasing: record[0..<RecordHeader.byteCount]))
    }
}

extension RecordHeader {
    /// The record's leaf in the Merkle tree, and its own hash: SHA-256(0x00 ‖ header) (RFC 6962, section 2.1).
    public var leafHash: Digest { SHA256.hash(prefix: 0, encoded()) }
}
