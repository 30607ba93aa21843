import Ciphers
import EventLog
import Wire

/// What the key store keeps of an erasure from before its order until after its keys are destroyed: the order's id 16 ‖ the log's head
/// then, u64 ‖ CRC-32C of both, u32. Notes of before had no checksum.
struct ErasureNote: Equatable {
    var id: [UInt8]
    var since: Position

    private static let contentBytes = 24

    init(id: [UInt8], since: Position) { (self.id, self.since) = (id, since) }

    private var content: [UInt8] {
        var out = ByteWriter(capacity: Self.contentBytes + 4)
        out.raw(id)
        out.u64(since.value)
        return out.bytes
    }

    var bytes: [UInt8] {
        var out = ByteWriter(capacity: Self.contentBytes + 4)
        out.raw(content)
        out.u32(CRC32C.checksum(content))
        return out.bytes
    }

    /// - Returns: nil for what is no note, or one that was damaged.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.contentBytes || bytes.count == Self.contentBytes + 4 else { return nil }
        id = Array(bytes[..<16])
        since = Position(bytes[16..<24].reduce(0) { $0 << 8 | UInt64($1) })
        if bytes.count > Self.contentBytes, bytes != self.bytes { return nil }
    }
}
