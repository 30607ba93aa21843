import Ciphers
import LMDB
import Wire

/// `checkpoints`: u64 size → SHA-256 of what follows ‖ the signed note as it is published. Under size 0, which no checkpoint
/// has, likewise the key that signs them. The hash is for what no key at hand vouches for: witnesses' lines. A log of before there were checkpoints lacks the database until a writer opens it.
extension LogEnvironment {
    func checkpoint(size: UInt64, in t: borrowing ReadTransaction) throws(LogError) -> SignedNote? {
        guard let checkpoints, size > 0 else { return nil }
        return try t.get(checkpoints, size) { (v) throws(LogError) in try Self.note(v, size: size) }
    }

    func newestCheckpoint(in t: borrowing ReadTransaction) throws(LogError) -> SignedNote? {
        guard let checkpoints else { return nil }
        return try t.withCursor(checkpoints) { (cursor: inout Cursor) throws(LogError) in
            let any: Bool
            do throws(LMDBError) { any = try cursor.last() } catch { throw LogError(error) }
            guard any else { return nil }
            guard cursor.key.count == 8 else { throw .damaged(what: "a checkpoint's key is of another size") }
            let size = cursor.key.big(0, as: UInt64.self)
            return size == 0 ? nil : try Self.note(cursor.value, size: size)
        }
    }

    func checkpointSizes(in t: borrowing ReadTransaction) throws(LogError) -> [UInt64] {
        guard let checkpoints else { return [] }
        return try t.withCursor(checkpoints) { (cursor: inout Cursor) throws(LogError) in
            var out: [UInt64] = []
            while try cursor.next(LogError.self) {
                guard cursor.key.count == 8 else {
                    throw .damaged(what: "a checkpoint's key is of another size")
                }
                let size = cursor.key.big(0, as: UInt64.self)
                if size > 0 { out.append(size) }
            }
            return out
        }
    }

    func checkpointKey(in t: borrowing ReadTransaction) throws(LogError) -> NoteKey? {
        guard let checkpoints else { return nil }
        return try t.get(checkpoints, 0 as UInt64) { (v) throws(LogError) in try Self.key(v) }
    }

    /// - Throws: `corrupt`, naming the size, where it is no note of a checkpoint of that size.
    static func note(_ v: UnsafeRawBufferPointer, size: UInt64) throws(LogError) -> SignedNote {
        do throws(EvidenceError) {
            let note = try SignedNote(parsing: try content(v))
            let found = try TreeCheckpoint(parsing: note.text).size
            if found != size { throw EvidenceError("it is of \(found) records") }
            return note
        } catch {
            throw .corrupt(position: Position(size), what: "the checkpoint of \(size) records: \(error)")
        }
    }

    /// Checks an entry by its own hash and form alone.
    ///
    /// - Returns: how many records it is of; 0 for the key's.
    static func checkCheckpoint(_ key: [UInt8], _ value: [UInt8]) throws(LogError) -> UInt64 {
        guard key.count == 8 else { throw .damaged(what: "a checkpoint's key is of another size") }
        let size = key.reduce(0) { $0 << 8 | UInt64($1) }
        let parsed = value.withUnsafeBytes { raw in
            Result { () throws(LogError) in
                if size == 0 { _ = try Self.key(raw) } else { _ = try Self.note(raw, size: size) }
            }
        }
        try parsed.get()
        return size
    }

    private static func key(_ v: UnsafeRawBufferPointer) throws(LogError) -> NoteKey {
        do throws(EvidenceError) {
            return try NoteKey(String(decoding: try content(v), as: UTF8.self))
        } catch { throw .damaged(what: "the entry of the key that signs checkpoints: \(error)") }
    }

    private static func content(_ v: UnsafeRawBufferPointer) throws(EvidenceError) -> [UInt8] {
        let content = [UInt8](v.dropFirst(Digest.byteCount))
        guard v.count > Digest.byteCount, SHA256.hash(content) == v.digest(0) else {
            throw EvidenceError("its entry is not what was written")
        }
        return content
    }

    func put(
        _ note: SignedNote, size: UInt64, _ key: NoteKey, in t: borrowing WriteTransaction
    ) throws(LMDBError) {
        guard let checkpoints else { return }
        for (size, content) in [(0, Array(key.description.utf8)), (size, note.bytes)] {
            try t.put(checkpoints, size, SHA256.hash(content).bytes + content)
        }
    }
}
