import Ciphers
import EventLog
import LMDB
import Wire

/// How far a view is folded, kept in the view's own environment and written in the transaction that folds.
///
/// u8 format = 1 ‖ u32 projection version ‖ u64 position ‖ SHA-256(0x00 ‖ header) of the record there, which tells a view of
/// another log, or of one restored to an older state.
struct Checkpoint: Hashable, Sendable {
    static let databaseName = "meta"
    static let key = Array("checkpoint".utf8)
    static let formatVersion: UInt8 = 1

    var version: Int
    var position: Position
    var leaf: Digest

    var encoded: [UInt8] {
        var out = ByteWriter(capacity: 45)
        out.u8(Self.formatVersion)
        out.u32(UInt32(version))
        out.u64(position.value)
        out.raw(leaf.bytes)
        return out.bytes
    }

    init(version: Int, position: Position, leaf: Digest) {
        (self.version, self.position, self.leaf) = (version, position, leaf)
    }

    init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes)
        guard try reader.u8() == Self.formatVersion else {
            throw WireError(.invalid, at: 0, what: "checkpoint")
        }
        version = Int(try reader.u32())
        position = Position(try reader.u64())
        leaf = Digest(try reader.raw(Digest.byteCount))!
        try reader.end()
    }

    /// The leaf that a checkpoint at `position` must name; zero before the first record.
    static func leaf(of position: Position, in source: some RecordSource) throws(LogError) -> Digest {
        guard position > .start else { return .zero }
        return SHA256.hash(prefix: 0, try source.header(at: position).encoded())
    }
}
