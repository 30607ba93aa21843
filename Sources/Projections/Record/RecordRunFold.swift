import EventLog
import LMDB
import Wire

/// Folds a run into the tables: shares on all cores, what comes of them on this thread, in large transactions.
struct RecordRunFold<Source: RecordSource> {
    let projection: RecordProjection
    let tables: RecordTables
    let source: Source
    let run: RecordRun

    /// Shares folded before those ahead of them are written, at most.
    private static var sharesAhead: Int { 16 }

    private var limits: RecordRun.Limits { projection.runLimits }
    private var subjects: SubjectFold { SubjectFold(tables: tables, keys: projection.keys) }

    /// A share folded; nil where one of its subjects opens to more than memory should hold.
    private struct Share: Sendable {
        var index: Int
        var edits: SubjectFold.Edits?
    }

    func write() throws(ProjectionError) {
        let shares = run.shares
        try ParallelWork.flow(
            count: shares.count, ahead: Self.sharesAhead,
            make: { (index) throws(ProjectionError) in
                do throws(ProjectionError) {
                    return Share(index: index, edits: try folded(shares[index]))
                } catch .batchTooHeavy { return Share(index: index) }
            },
            { (flow) throws(ProjectionError) in
                var isDone = false
                while !isDone {
                    var heavy: Share?
                    try tables.environment.withWriteTransaction {
                        (t: borrowing WriteTransaction) throws(ProjectionError) in
                        heavy = try write(&flow, t, isDone: &isDone)
                    }
                    if let heavy { try writeApart(shares[heavy.index]) }
                }
            })
    }

    /// Writes shares until the transaction is large enough.
    /// - Returns: one that has to be folded apart.
    private func write(
        _ flow: inout ParallelWork.Flow<Share>, _ transaction: borrowing WriteTransaction, isDone: inout Bool
    ) throws(ProjectionError) -> Share? {
        var items = try RowEdits(tables.items, transaction)
        var chapters = try RowEdits(tables.chapters, transaction)
        var bytes = 0
        while bytes < limits.transactionBytes {
            guard let share = try flow.next() else {
                isDone = true
                return nil
            }
            guard let edits = share.edits else { return share }
            try items.apply(edits.items, transaction)
            try chapters.apply(edits.chapters, transaction)
            bytes += edits.chapters.reduce(64 * edits.items.count) { $0 + ($1.value?.count ?? 0) }
        }
        return nil
    }

    private func folded(_ share: [RecordMark]) throws(ProjectionError) -> SubjectFold.Edits {
        let marks = share.sorted(by: <)
        return try tables.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(ProjectionError) -> SubjectFold.Edits in
            var edits = SubjectFold.Edits()
            for subject in Self.subjects(marks) {
                try subjects.fold(subject, of: source, within: limits.subjectBytes, into: &edits, t)
            }
            return edits
        }
    }

    private static func subjects(_ marks: [RecordMark]) -> [ArraySlice<RecordMark>] {
        var out: [ArraySlice<RecordMark>] = []
        var start = 0
        for end in marks.indices.dropFirst() where marks[end].token != marks[start].token {
            out.append(marks[start..<end])
            start = end
        }
        if start < marks.count { out.append(marks[start...]) }
        return out
    }

    // MARK: Heavy subjects

    /// Folds a share subject by subject, each in as many pieces as it must, each piece written before the next.
    private func writeApart(_ share: [RecordMark]) throws(ProjectionError) {
        for subject in Self.subjects(share.sorted(by: <)) { try writePieces(subject) }
    }

    private func writePieces(_ marks: ArraySlice<RecordMark>) throws(ProjectionError) {
        do throws(ProjectionError) {
            try writePiece(marks)
        } catch .batchTooHeavy {
            let middle = marks.startIndex + marks.count / 2
            try writePieces(marks[..<middle])
            try writePieces(marks[middle...])
        }
    }

    private func writePiece(_ marks: ArraySlice<RecordMark>) throws(ProjectionError) {
        let edits = try tables.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(ProjectionError) -> SubjectFold.Edits in
            var edits = SubjectFold.Edits()
            try subjects.fold(marks, of: source, within: limits.subjectBytes, into: &edits, t)
            return edits
        }
        try tables.environment.withWriteTransaction {
            (t: borrowing WriteTransaction) throws(ProjectionError) in
            var items = try RowEdits(tables.items, t)
            var chapters = try RowEdits(tables.chapters, t)
            try items.apply(edits.items, t)
            try chapters.apply(edits.chapters, t)
        }
    }
}
