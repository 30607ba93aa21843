import LMDB
import Wire

extension LogEnvironment {
    /// The state to go on from, checked: the last commit's root is that of the frontier, and nothing stands past it.
    func openedState() throws(LogError) -> (state: WriterState, isSimulated: Bool) {
        try environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LogError) in
            let head = try head(in: t)
            let frontier = try frontier(size: head.position.value, in: t)
            if frontier.root != head.root {
                throw .corrupt(position: head.position, what: "the newest commit's root is not the tree's")
            }
            let last = try t.withCursor(records) { (cursor: inout Cursor) throws(LogError) -> UInt64 in
                do throws(LMDBError) {
                    return try cursor.last() && cursor.key.count == 8 ? cursor.key.big(0, as: UInt64.self) : 0
                } catch { throw LogError(error) }
            }
            if last != head.position.value {
                throw .corrupt(position: Position(last), what: "the newest commit ends at \(head.position)")
            }
            var simulated = false
            if head.position > .start {
                let newest = try header(at: head.position, in: t)
                if newest.recordedAt != head.recordedAt || newest.batchEnd != head.position {
                    throw .corrupt(
                        position: head.position, what: "the newest record is not the newest commit's")
                }
                simulated = try header(at: Position(1), in: t).flags.contains(.simulatedClock)
            }
            return (WriterState(head: head, frontier: frontier), simulated)
        }
    }
}
