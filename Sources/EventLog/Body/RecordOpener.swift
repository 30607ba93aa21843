import Ciphers
import Wire

/// Opens the sealed parts of records that were read from the log.
///
/// A part opens only if it is the one its header names, byte for byte: the header's hash is checked first,
/// then the seal. Safe to share between threads.
public struct RecordOpener: Sendable {
    private let keys: KeyStore

    public init(keys: KeyStore) { self.keys = keys }

    /// - Parameters:
    ///   - sealed: the part's bytes, as the header's lengths cut them; they may lie in the log's map.
    ///   - hashChecked: whether the caller compared them with the header's hash already.
    /// - Returns: nil where the record has no such part.
    /// - Throws: `destroyed` after an erasure; `corrupt` where the bytes are not those that were written;
    ///   `key`, `lmdb`.
    public func open(
        _ part: RecordPart, of header: RecordHeader, sealed: RawSpan, hashChecked: Bool = false
    ) throws(LogError) -> Body? {
        let slot = part == .a ? header.slotA : header.slotB
        if slot == .none { return nil }
        let position = header.position
        // The hash comes before the key: a flipped byte is told as damage even after an erasure.
        guard hashChecked || SHA256.hash(sealed) == (part == .a ? header.hashA : header.hashB) else {
            throw .corrupt(position: position, what: "sealed part \(part) is not what its header names")
        }
        let key = try keys.key(slot)
        let context = SealedPart.context(header.recordClass, part, slot)
        let plaintext: [UInt8]
        do {
            plaintext = try AESGCM.open(sealed, key: key, authenticating: context.span.bytes)
        } catch {
            throw .corrupt(position: position, what: "sealed part \(part) does not open: \(error)")
        }
        let payload: ArraySlice<UInt8>
        do { payload = try SealedPart.unpack(plaintext) } catch {
            throw .corrupt(position: position, what: "sealed part \(part) \(error.what)")
        }
        do { return try Body.decode(payload) } catch {
            throw .corrupt(position: position, what: "the body of part \(part) does not decode: \(error)")
        }
    }

    public func open(
        _ part: RecordPart, of header: RecordHeader, sealed: ArraySlice<UInt8>
    ) throws(LogError) -> Body? {
        try open(part, of: header, sealed: sealed.span.bytes)
    }

    /// Opens a record that is not in the log yet: to test, or to look at what is about to be appended.
    public func open(_ part: RecordPart, of record: SealedRecord) throws(LogError) -> Body? {
        try open(part, of: record.header, sealed: part == .a ? record.partA : record.partB)
    }
}
