import LMDB
import Wire

/// Goes through the checkpoints in order, beside the tree: each must be the log's own, of the tree as it was then.
struct CheckpointWalk {
    private enum Entry {
        case note(SignedNote)
        case damaged(String)
    }

    private let storage: LogEnvironment
    /// The log's key as its key store has it, where that is at hand.
    private let signer: NoteKey?
    /// The key that checkpoints are held to.
    private var key: NoteKey?
    private var next: (size: UInt64, entry: Entry)?
    private(set) var checked: UInt64 = 0

    /// - Parameter size: those of more records are looked at.
    init(_ storage: LogEnvironment, after size: UInt64, signer: NoteKey?) {
        (self.storage, self.signer) = (storage, signer)
        next = (size, .damaged(""))
    }

    /// Looks at the key and the first checkpoint.
    ///
    /// - Returns: what is wrong with the key.
    mutating func begin() throws(LogError) -> String? {
        var problem: String?
        do throws(LogError) {
            key = try storage.environment.withReadTransaction {
                (t: borrowing ReadTransaction) throws(LogError) in
                try storage.checkpointKey(in: t)
            }
        } catch {
            guard case .damaged(let what) = error else { throw error }
            problem = what
        }
        if let signer {
            if let stored = key, stored != signer {
                problem =
                    "the key beside the checkpoints, \(stored.fingerprint), is not the one that signs them, \(signer.fingerprint)"
            }
            key = signer
        }
        try readOn()
        return problem
    }

    /// Whether there is one of up to `size` records.
    func isDue(_ size: UInt64) -> Bool { next.map { $0.size <= size } ?? false }

    /// Compares the checkpoints of up to `size` records. Those before it should have come at a commit's end.
    ///
    /// - Parameters:
    ///   - root: the tree's root at `size`; nil where it cannot be told.
    ///   - bad: bad records up to `size`, if it ends with such: they may belong to the next commit, so that this one ended before any of
    ///     them. With the root before them, where it can be told.
    /// - Returns: what is wrong, and with the checkpoint of how many records.
    mutating func take(
        _ size: UInt64, root: Digest?, endingBad bad: (records: TreeCarry.Span, rootBefore: Digest?)? = nil
    ) throws(LogError) -> [(UInt64, String)] {
        var problems: [(UInt64, String)] = []
        while let (found, entry) = next, found <= size {
            checked += 1
            var ends = (size: size, root: root)
            if let bad, found < size, found + 1 >= bad.records.first.value {
                ends = (found, found + 1 == bad.records.first.value ? bad.rootBefore : nil)
            }
            if let problem = problem(found, entry, at: ends.size, ends.root) {
                problems.append((found, problem))
            }
            try readOn()
        }
        return problems
    }

    /// What is left, past the log's head.
    mutating func finish() throws(LogError) -> [(UInt64, String)] {
        var problems: [(UInt64, String)] = []
        while let (found, _) = next {
            problems.append((found, "the checkpoint is of more records than there are"))
            try readOn()
        }
        return problems
    }

    private func problem(_ size: UInt64, _ entry: Entry, at commit: UInt64, _ root: Digest?) -> String? {
        let note: SignedNote
        switch entry {
        case .damaged(let what): return what
        case .note(let found): note = found
        }
        guard let key else { return "the key of the checkpoint of \(size) records is missing" }
        do throws(EvidenceError) {
            let checkpoint = try note.checkpoint(by: key)
            if size != commit { return "the checkpoint of \(size) records does not end a commit" }
            if let root, checkpoint.root != root { return "the checkpoint's root is not the tree's" }
            return nil
        } catch { return "the checkpoint of \(size) records: \(error)" }
    }

    private mutating func readOn() throws(LogError) {
        guard let after = next?.size, after < UInt64.max, let checkpoints = storage.checkpoints else {
            next = nil
            return
        }
        next = try storage.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LogError) in
            try t.withCursor(checkpoints) { (cursor: inout Cursor) throws(LogError) in
                guard try cursor.seek(after + 1, LogError.self) else { return nil }
                guard cursor.key.count == 8 else {
                    return (UInt64.max, .damaged("a checkpoint's key is of another size"))
                }
                let size = cursor.key.big(0, as: UInt64.self)
                do throws(LogError) {
                    return (size, .note(try LogEnvironment.note(cursor.value, size: size)))
                } catch {
                    let what = if case .corrupt(_, let what) = error { what } else { error.description }
                    return (size, .damaged(what))
                }
            }
        }
    }
}
