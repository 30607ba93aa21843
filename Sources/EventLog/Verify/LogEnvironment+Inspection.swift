import LMDB
import Wire

extension LogEnvironment {
    /// Where the log ends, whatever its end looks like: the newest record by its key, under the newest commit entry that
    /// decodes. What does not agree is told, not thrown.
    func inspectedHead() throws(LogError) -> (head: LogHead, problem: VerifyReport.Problem?) {
        try environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LogError) in
            try inspectedHead(in: t)
        }
    }

    func inspectedHead(
        in t: borrowing ReadTransaction
    ) throws(LogError) -> (head: LogHead, problem: VerifyReport.Problem?) {
        let newest = try t.withCursor(records) { (cursor: inout Cursor) throws(LogError) -> Position in
            do throws(LMDBError) {
                return try cursor.last() && cursor.key.count == 8
                    ? Position(cursor.key.big(0, as: UInt64.self)) : .start
            } catch { throw LogError(error) }
        }
        var head = try t.withCursor(commits) { (cursor: inout Cursor) throws(LogError) -> LogHead in
            do throws(LMDBError) {
                var more = try cursor.last()
                while more {
                    if let entry = try? CommitEntry(key: cursor.key, value: cursor.value) {
                        return entry.head
                    }
                    more = try cursor.previous()
                }
                return LogHead.empty
            } catch { throw LogError(error) }
        }
        let entries: UInt64
        do throws(LMDBError) { entries = try t.statistics(records).entries } catch { throw LogError(error) }
        // Records are many more than those that are missing, or the newest key is none of theirs.
        if head.position == newest, newest.value / 2 <= entries + Self.lostRecords { return (head, nil) }
        let problem: VerifyReport.Problem
        if newest.value != entries {
            // The newest key is no place to read on to: one wrong bit of it is as far as 2^63.
            head.position = Position(min(max(head.position, newest).value, entries))
            problem = VerifyReport.Problem(
                position: head.position,
                what:
                    "the last of \(entries) records lies under the key \(newest.value): some are missing, or it is not its own"
            )
        } else if head.position < newest {
            problem = VerifyReport.Problem(
                position: head.position.next, what: "no commit covers this record and those behind it")
            head.position = newest
        } else {
            problem = VerifyReport.Problem(
                position: newest.next,
                what: "the record is missing: the newest commit ends at \(head.position)")
            head.position = newest
        }
        return (head, problem)
    }

    /// Records that may be missing of a small log while its newest key is still believed.
    private static let lostRecords: UInt64 = 4096

    /// What to carry on with behind the newest checkpoint: nil where there is none that the log's key signed, or the records
    /// and tiles below it do not give its root, so that everything has to be read.
    ///
    /// - Parameter signer: the log's key; nil to believe the one that lies beside the checkpoints.
    func carryBehindCheckpoint(
        _ head: LogHead, signer: NoteKey?
    ) throws(LogError) -> TreeCarry? {
        try environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LogError) -> TreeCarry? in
            do throws(LogError) {
                guard let note = try newestCheckpoint(in: t), let stored = try checkpointKey(in: t),
                    let checkpoint = try? note.checkpoint(by: signer ?? stored),
                    checkpoint.size <= head.position.value
                else { return nil }
                let frontier = try frontier(size: checkpoint.size, in: t)
                guard frontier.root == checkpoint.root else { return nil }
                let position = Position(checkpoint.size)
                return TreeCarry(
                    head: head, after: position, newest: try header(at: position, in: t), frontier: frontier,
                    tileStart: try self.frontier(size: checkpoint.size & ~0xFF, in: t))
            } catch {
                switch error {
                case .corrupt, .damaged, .notFound: return nil
                default: throw error
                }
            }
        }
    }

    /// Whether a state was written about this log: the record it stopped behind is still the one it saw there.
    func fits(_ state: VerifyState, _ head: LogHead) throws(LogError) -> Bool {
        let position = state.carry.position
        guard let before = state.carry.previous, position <= head.position else { return false }
        return try environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LogError) -> Bool in
            let found = try t.get(records, position.value) { (v) throws(LogError) in
                v.count >= RecordHeader.byteCount ? RecordLeaf.hash(v) : .zero
            }
            return found == before.leaf
        }
    }
}
