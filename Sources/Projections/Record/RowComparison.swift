import EventLog
import LMDB
import Wire

/// Compares the rows of two record views by what they open to: seals never repeat.
struct RowComparison {
    let keys: RecordKeys

    func firstDifference(
        _ a: borrowing ReadTransaction, _ left: Database, _ b: borrowing ReadTransaction, _ right: Database
    ) throws(ProjectionError) -> String? {
        try a.withCursor(left) { (x: inout Cursor) throws(ProjectionError) -> String? in
            try b.withCursor(right) { (y: inout Cursor) throws(ProjectionError) -> String? in
                while true {
                    let (moreX, moreY): (Bool, Bool)
                    do throws(LMDBError) {
                        (moreX, moreY) = (try x.next(), try y.next())
                    } catch { throw ProjectionError(error) }
                    guard moreX, moreY else {
                        return moreX == moreY ? nil : "chapters: one has more rows"
                    }
                    guard let key = RecordRowKey(x.key), RecordRowKey(y.key) == key else {
                        return "chapters: the rows at \(ViewComparison.hex(x.key)) have no counterpart"
                    }
                    if try !opensAlike(x.value, y.value, key) {
                        return "chapters: \(key.token), from \(Position(key.first))"
                    }
                }
            }
        }
    }

    private func opensAlike(
        _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _ key: RecordRowKey
    ) throws(ProjectionError) -> Bool {
        guard let left = try open(a, key), let right = try open(b, key) else { return true }
        guard left.header == right.header,
            left.frames.map(\.first) == right.frames.map(\.first)
        else { return false }
        if left.plaintext == right.plaintext { return true }
        for (x, y) in zip(left.frames, right.frames) {
            if try RowCodec.unpack(x, of: left) != RowCodec.unpack(y, of: right) { return false }
        }
        return true
    }

    /// Nil where the key was destroyed: neither view can be read there.
    private func open(_ row: UnsafeRawBufferPointer, _ key: RecordRowKey) throws(ProjectionError)
        -> OpenedRow?
    {
        let (header, sealedAt): (RowHeader, Int)
        do throws(WireError) {
            (header, sealedAt) = try RowHeader.decode(Span(_unsafeBytes: row))
        } catch { throw .damaged(what: "a row of \(key.token): \(error)") }
        guard let secret = try keys.key(KeySlot(header.slot)) else { return nil }
        return try RowCodec.open(row, at: key, with: secret, header: header, sealedAt: sealedAt)
    }
}
