import LMDB

extension LogWriter {
    /// One durable transaction beside the queue's, for what is not a record. A failed commit stops the log, as any does.
    ///
    /// - Throws: `full` before anything was written; `stopped`, `lmdb`.
    func writeAside(_ body: (borrowing WriteTransaction) throws(LMDBError) -> Void) throws(LogError) {
        try turn.withLock { (_) throws(LogError) in
            if let stopped = board.stopped { throw stopped }
            try writeInTurn(body)
        }
    }

    private func writeInTurn(
        _ body: (borrowing WriteTransaction) throws(LMDBError) -> Void
    ) throws(LogError) {
        let transaction: WriteTransaction
        do throws(LMDBError) {
            transaction = try storage.environment.beginWrite()
        } catch { throw LogError(error) }
        // The queue's last transaction may have ended without saying yet how far the file is used.
        zeros?.wrote()
        zeros?.willWrite(records: 16, bytes: EvidenceLimits.noteBytes)
        do throws(LMDBError) { try body(transaction) } catch {
            throw error.isMapFull ? full : LogError(error)
        }
        do throws(LMDBError) { try transaction.commit() } catch {
            // Before anything was written.
            if error.isMapFull { throw full }
            stop(LogError(error), [])
            throw board.stopped ?? LogError(error)
        }
        zeros?.wrote()
    }
}
