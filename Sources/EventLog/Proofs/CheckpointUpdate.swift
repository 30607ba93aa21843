import Wire

/// Evidence that a checkpoint's tree only added to an older one, in the text that C2SP's tlog-witness takes as
/// `add-checkpoint`: `old SIZE`, the consistency proof, an empty line, the newer checkpoint.
public struct CheckpointUpdate: Hashable, Sendable {
    public var oldSize: UInt64
    /// RFC 6962, section 2.1.2.
    public var path: [Digest]
    public var note: SignedNote

    /// A witness takes no more (C2SP tlog-witness).
    static let hashes = 63

    public init(oldSize: UInt64, path: [Digest], note: SignedNote) {
        (self.oldSize, self.path, self.note) = (oldSize, path, note)
    }

    public init(parsing bytes: [UInt8]) throws(EvidenceError) {
        guard bytes.count <= 2 * EvidenceLimits.noteBytes else {
            throw EvidenceError("\(bytes.count) bytes, and at most \(2 * EvidenceLimits.noteBytes)")
        }
        var lines = try EvidenceLines(bytes[...])
        guard let digits = lines.value(of: "old"), let size = EvidenceLines.number(digits) else {
            throw EvidenceError(line: 1, "there is no old size")
        }
        oldSize = size
        path = try lines.hashes()
        guard path.count <= Self.hashes else { throw EvidenceError("more than \(Self.hashes) hashes") }
        guard let start = lines.restStart else { throw EvidenceError("there is no checkpoint") }
        note = try SignedNote(parsing: Array(bytes[start...]))
    }

    public var bytes: [UInt8] {
        let lines = ["old \(oldSize)"] + path.map { Base64.encode($0.bytes) }
        return Array(lines.map { $0 + "\n" }.joined().utf8) + [0x0A] + note.bytes
    }

    /// Checks the newer checkpoint's signature, and that its tree begins with the older one's.
    @discardableResult
    public func check(from old: TreeCheckpoint, by key: NoteKey) throws(EvidenceError) -> TreeCheckpoint {
        let new = try note.checkpoint(by: key)
        guard old.origin == new.origin else {
            throw EvidenceError("the checkpoints are of two logs, \(old.origin) and \(new.origin)")
        }
        guard old.size == oldSize else {
            throw EvidenceError(
                "the proof begins at size \(oldSize), and the older checkpoint at \(old.size)")
        }
        guard
            MerkleTree.verifyConsistency(
                size1: old.size, size2: new.size, proof: path, root1: old.root, root2: new.root)
        else {
            throw EvidenceError("the tree of \(new.size) records does not begin with that of \(old.size)")
        }
        return new
    }
}
