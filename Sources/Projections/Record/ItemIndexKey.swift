import Ciphers
import EventLog
import Wire

/// The key of an item's version: first 8 bytes of the subject's token ‖ 8 bytes of SHA-256(salt ‖ type ‖ 0x00 ‖ Daybook id), the salt a keyed hash of the token ‖ complement of the
/// position u64 BE. A subject's items lie together, so that a message's keys go into few pages; an item's newest version comes first.
struct ItemIndexKey: Hashable, Comparable, Sendable {
    static let byteCount = 24

    var subject: UInt64
    var item: UInt64
    var position: UInt64

    var bytes: [UInt8] {
        var out = ByteWriter(capacity: Self.byteCount)
        encode(into: &out)
        return out.bytes
    }

    func encode(into out: inout ByteWriter) {
        out.u64(subject)
        out.u64(item)
        out.u64(~position)
    }

    init(subject: UInt64, item: UInt64, position: UInt64) {
        (self.subject, self.item, self.position) = (subject, item, position)
    }

    /// - Returns: nil for bytes that are no such key.
    init?(_ key: UnsafeRawBufferPointer) {
        guard key.count == Self.byteCount else { return nil }
        subject = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        item = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        position = ~UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    }

    /// Whether both are versions of one item.
    func isItem(of other: ItemIndexKey) -> Bool { item == other.item && subject == other.subject }

    static func < (a: ItemIndexKey, b: ItemIndexKey) -> Bool {
        (a.subject, a.item, b.position) < (b.subject, b.item, a.position)
    }

    /// The hash of an item under its subject.
    /// - Parameters:
    ///   - salt: `RecordKeys.itemSalt`: without the store's keys nobody can try ids out.
    ///   - type: the FHIR type, UTF-8.
    ///   - id: the Daybook id, UTF-8.
    static func hash(_ salt: StreamToken, type: ArraySlice<UInt8>, id: ArraySlice<UInt8>) -> UInt64 {
        var hash = SHA256()
        withUnsafeBytes(of: (salt.high.bigEndian, salt.low.bigEndian)) { hash.update($0) }
        hash.update(type)
        hash.update(byte: 0)
        hash.update(id)
        return hash.finish().words.0
    }
}
