import EventLog
import LMDB
import Wire

/// Compares the rows of two record views by what they open to: seals never repeat.
struct RowComparison {
    let keys: RecordKeys

    /// Rows compared at a time: enough for all cores, and little memory.
    private static let rowsAtOnce = 4096
    private static let rowsOfPiece = 128

    /// Two rows of one key, where they lie in the maps.
    ///
    /// `@unchecked Sendable` because the transactions that keep them there end after the threads that read them.
    private struct Pair: @unchecked Sendable {
        var key: RecordRowKey
        var left: UnsafeRawBufferPointer
        var right: UnsafeRawBufferPointer
    }

    /// The end of the walk, and the difference met there.
    private struct End {
        var difference: String?
    }

    func firstDifference(
        _ a: borrowing ReadTransaction, _ left: Database, _ b: borrowing ReadTransaction, _ right: Database
    ) throws(ProjectionError) -> String? {
        try a.withCursor(left) { (x: inout Cursor) throws(ProjectionError) -> String? in
            try b.withCursor(right) { (y: inout Cursor) throws(ProjectionError) -> String? in
                while true {
                    let (pairs, end) = try Self.nextPairs(&x, &y)
                    if let found = try firstDifference(pairs) { return found }
                    if let end { return end.difference }
                }
            }
        }
    }

    /// The next pairs of rows; where they end, also how.
    private static func nextPairs(
        _ x: inout Cursor, _ y: inout Cursor
    ) throws(ProjectionError) -> (pairs: [Pair], end: End?) {
        var pairs: [Pair] = []
        pairs.reserveCapacity(rowsAtOnce)
        while pairs.count < rowsAtOnce {
            let (moreX, moreY): (Bool, Bool)
            do throws(LMDBError) {
                (moreX, moreY) = (try x.next(), try y.next())
            } catch { throw ProjectionError(error) }
            guard moreX, moreY else {
                return (pairs, End(difference: moreX == moreY ? nil : "chapters: one has more rows"))
            }
            guard let key = RecordRowKey(x.key), RecordRowKey(y.key) == key else {
                let what = "chapters: the rows at \(ViewComparison.hex(x.key)) have no counterpart"
                return (pairs, End(difference: what))
            }
            pairs.append(Pair(key: key, left: x.value, right: y.value))
        }
        return (pairs, nil)
    }

    private func firstDifference(_ pairs: [Pair]) throws(ProjectionError) -> String? {
        let size = Self.rowsOfPiece
        let found = try ParallelWork.map(count: (pairs.count + size - 1) / size) {
            (piece) throws(ProjectionError) -> String? in
            for pair in pairs[piece * size..<min(pairs.count, (piece + 1) * size)]
            where try !opensAlike(pair.left, pair.right, pair.key) {
                return "chapters: a row of \(pair.key.token), from \(Position(pair.key.first)), differs"
            }
            return nil
        }
        return found.lazy.compactMap { $0 }.first
    }

    private func opensAlike(
        _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _ key: RecordRowKey
    ) throws(ProjectionError) -> Bool {
        BackgroundWork.giveWay(8 * (a.count + b.count))
        let (x, y) = (try header(a, key), try header(b, key))
        // Before any key: a row that names another slot may name one whose key was destroyed.
        guard x.header == y.header else { return false }
        guard let left = try open(a, key, x), let right = try open(b, key, y) else { return true }
        guard left.frames.map(\.first) == right.frames.map(\.first) else { return false }
        if left.plaintext.isSame(as: right.plaintext) { return true }
        for (x, y) in zip(left.frames, right.frames) {
            if try RowCodec.unpack(x, of: left) != RowCodec.unpack(y, of: right) { return false }
        }
        return true
    }

    private func header(
        _ row: UnsafeRawBufferPointer, _ key: RecordRowKey
    ) throws(ProjectionError) -> (header: RowHeader, sealedAt: Int) {
        do throws(WireError) { return try RowHeader.decode(Span(_unsafeBytes: row)) } catch {
            throw .damaged(what: "a row of \(key.token): \(error)")
        }
    }

    /// Nil where the key was destroyed: neither view can be read there.
    private func open(
        _ row: UnsafeRawBufferPointer, _ key: RecordRowKey, _ head: (header: RowHeader, sealedAt: Int)
    ) throws(ProjectionError) -> OpenedRow? {
        guard let secret = try keys.key(KeySlot(head.header.slot)) else { return nil }
        return try RowCodec.open(row, at: key, with: secret, header: head.header, sealedAt: head.sealedAt)
    }
}
