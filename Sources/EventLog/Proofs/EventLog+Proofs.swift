import LMDB
import Wire

/// Checkpoints kept in the log, and proofs under them.
extension EventLog {
    /// The newest checkpoint; nil where none was made.
    ///
    /// - Throws: `corrupt` where its entry is not a signed note of its size.
    public func newestCheckpoint() throws(LogError) -> SignedNote? {
        try read { (t: borrowing ReadTransaction) throws(LogError) in try storage.newestCheckpoint(in: t) }
    }

    /// The checkpoint of exactly that many records; nil where none was made.
    public func checkpoint(size: UInt64) throws(LogError) -> SignedNote? {
        try read { (t: borrowing ReadTransaction) throws(LogError) in
            try storage.checkpoint(size: size, in: t)
        }
    }

    /// Sizes of the checkpoints kept, ascending.
    public func checkpointSizes() throws(LogError) -> [UInt64] {
        try read { (t: borrowing ReadTransaction) throws(LogError) in try storage.checkpointSizes(in: t) }
    }

    /// The key that signs this log's checkpoints, as the log keeps it beside them; nil where none was made.
    public func checkpointKey() throws(LogError) -> NoteKey? {
        try read { (t: borrowing ReadTransaction) throws(LogError) in try storage.checkpointKey(in: t) }
    }

    /// Makes a checkpoint of the log as it stands, and keeps it; the newest one where nothing was appended since.
    ///
    /// Before it is signed, every record since the checkpoint before it is read again and hashed, tiles and commits with it:
    /// what is signed is what is on the disk. The first one of a log therefore reads all of it.
    /// - Parameter progress: the position read up to.
    /// - Throws: `corrupt` where anything is not what was written; `readOnly`, `full`, `stopped`, `lmdb`.
    public func makeCheckpoint(
        _ signer: CheckpointSigner, progress: @escaping @Sendable (Position) -> Void = { _ in }
    ) throws(LogError) -> SignedNote {
        guard let writer else { throw .readOnly }
        let head = try head
        guard head.position > .start else { throw .invalid(what: "an empty log has no checkpoint") }
        if let newest = try newestCheckpoint(), let size = try? newest.checkpoint(by: signer.key).size,
            size == head.position.value
        {
            return newest
        }
        var options = VerifyOptions()
        (options.checksIndexes, options.start, options.signer) = (false, .newestCheckpoint, signer.key)
        let report = try verify(options, progress: progress)
        if let problem = report.problems.first {
            throw .corrupt(position: problem.position, what: problem.what)
        }
        let checked = report.head
        let note = try signer.sign(
            TreeCheckpoint(origin: signer.key.name, size: checked.position.value, root: checked.root))
        try writer.writeAside { (t: borrowing WriteTransaction) throws(LMDBError) in
            try storage.put(note, size: checked.position.value, signer.key, in: t)
        }
        return note
    }

    /// Adds witnesses' cosignatures to a checkpoint that is kept. Lines of other keys are passed over, as C2SP asks.
    ///
    /// - Returns: the note with them, and which witnesses were added.
    /// - Throws: `notFound` where there is no such checkpoint; `invalid` where a witness's line does not hold, or none is there.
    public func addCosignatures(
        _ lines: [SignedNote.Signature], toCheckpointOf size: UInt64, by witnesses: [NoteKey]
    ) throws(LogError) -> (note: SignedNote, added: [NoteKey]) {
        guard let writer else { throw .readOnly }
        guard var note = try checkpoint(size: size), let key = try checkpointKey() else {
            throw .notFound(what: "a checkpoint of \(size) records")
        }
        var added: [NoteKey] = []
        for line in lines {
            guard let witness = witnesses.first(where: { $0.name == line.name && $0.id == line.keyID }) else {
                continue
            }
            guard witness.kind == .witness, SignedNote.isValid(line, of: note.text, by: witness) else {
                throw .invalid(what: "the cosignature of \(witness.name) does not hold for this checkpoint")
            }
            note.signatures.removeAll { $0.name == line.name && $0.keyID == line.keyID }
            note.signatures.append(line)
            added.append(witness)
        }
        guard !added.isEmpty else {
            throw .invalid(what: "there is no cosignature of a witness that was named")
        }
        let cosigned = note
        try writer.writeAside { (t: borrowing WriteTransaction) throws(LMDBError) in
            try storage.put(cosigned, size: size, key, in: t)
        }
        return (note, added)
    }

    // MARK: Proofs

    /// Evidence that the record at a position is in a checkpoint's tree. It is checked before it is given out.
    ///
    /// - Parameter items: what of the record is disclosed with it.
    /// - Throws: `notFound` where the position is not covered; `corrupt` where the proof does not hold.
    public func proof(
        of position: Position, items: [ItemDisclosure] = [], under note: SignedNote
    ) throws(LogError) -> RecordProof {
        let checkpoint = try Self.reading(note)
        guard position > .start, position.value <= checkpoint.size else {
            throw .notFound(what: "\(position) in the checkpoint of \(checkpoint.size) records")
        }
        let header = try header(at: position)
        let path = try inclusion(of: position, size: checkpoint.size)
        guard
            MerkleTree.verifyInclusion(
                index: position.value - 1, size: checkpoint.size, leaf: header.leafHash, proof: path,
                root: checkpoint.root)
        else { throw .corrupt(position: position, what: "it is not in the checkpoint's tree") }
        return RecordProof(header: header, items: items, path: path, note: note)
    }

    /// The audit path of a position in the tree of the first `size` records (RFC 6962, section 2.1.1).
    public func inclusion(of position: Position, size: UInt64) throws(LogError) -> [Digest] {
        let head = try covering(size)
        guard position > .start, position.value <= size else {
            throw .notFound(what: "\(position) of \(size)")
        }
        return try proofs.inclusion(position.value - 1, size: size, head: head)
    }

    /// Evidence that a checkpoint's tree only added to that of an older size. Checked before it is given out.
    ///
    /// - Throws: `notFound` past the checkpoint; `corrupt` where it does not hold.
    public func update(from old: UInt64, to note: SignedNote) throws(LogError) -> CheckpointUpdate {
        let checkpoint = try Self.reading(note)
        guard old <= checkpoint.size else {
            throw .notFound(what: "size \(old) in the checkpoint of \(checkpoint.size) records")
        }
        let head = try covering(checkpoint.size)
        let path = try proofs.consistency(old, size: checkpoint.size, head: head)
        // A witness that never saw the log asks from 0, where there is nothing to prove.
        if old == 0 { return CheckpointUpdate(oldSize: 0, path: [], note: note) }
        guard
            MerkleTree.verifyConsistency(
                size1: old, size2: checkpoint.size, proof: path,
                root1: try proofs.root(size: old, head: head), root2: checkpoint.root)
        else { throw .corrupt(position: Position(old), what: "the checkpoint's tree does not begin here") }
        return CheckpointUpdate(oldSize: old, path: path, note: note)
    }

    /// The head's position, where it covers a size.
    func covering(_ size: UInt64) throws(LogError) -> UInt64 {
        var head = board.head.position.value
        if head < size { head = try self.head.position.value }
        guard size <= head else { throw .notFound(what: "\(size) records: the log has \(head)") }
        return head
    }

    static func reading(_ note: SignedNote) throws(LogError) -> TreeCheckpoint {
        do throws(EvidenceError) { return try TreeCheckpoint(parsing: note.text) } catch {
            throw .damaged(what: "the checkpoint: \(error)")
        }
    }
}
