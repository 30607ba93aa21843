import EventLog
import LMDB
import Wire

/// Whose an item is, by the last message that said so: one entry for each change, found by the item, as of a position.
///
/// There is one for nearly every item ever taken, so that bytes count: an entry names the position that made it, and the
/// subject stands once for all that a message claims.
struct OwnerTable: Sendable {
    /// One key, whose fixed values are keyed hash of `Type/id` 8 ‖ ~position 8.
    private let claims: Database
    /// position 8 → the subject that the message there claims its items for, 16.
    private let claimants: Database

    private static let key: [UInt8] = [0]

    init(_ environment: Environment) throws(LMDBError) {
        claims = try environment.openDatabase("claims", fixedValues: true)
        claimants = try environment.openDatabase("claimants")
    }

    var databases: [Database] { [claims, claimants] }

    /// The subject that owns the item of `claim` as of a position; nil where no message said so.
    func owner(
        of claim: UInt64, at position: Position, in txn: borrowing some Transaction & ~Copyable
    ) throws(LMDBError) -> StreamToken? {
        let made = try txn.withCursor(claims) { (cursor: inout Cursor) throws(LMDBError) in
            try Self.lastChange(&cursor, claim, at: position)
        }
        guard let made, let subject = try txn.copy(claimants, ascending(made)) else { return nil }
        return StreamToken(subject)
    }

    private static func lastChange(
        _ cursor: inout Cursor, _ claim: UInt64, at position: Position
    ) throws(LMDBError) -> Position? {
        let item = ascending(Position(claim))
        guard try cursor.seek(key, value: item + descending(position)), cursor.value.starts(with: item) else {
            return nil
        }
        return Position(~Position(bigEndian: cursor.value.dropFirst(8)).value)
    }

    /// Enters what a message claims for its subject; what is the subject's already stays as it is.
    func claim(
        _ items: [UInt64], for subject: StreamToken, at position: Position, in txn: borrowing WriteTransaction
    ) throws(LMDBError) {
        var isClaimant = false
        for item in items.sorted() where try owner(of: item, at: position, in: txn) != subject {
            try txn.put(claims, Self.key, ascending(Position(item)) + descending(position))
            isClaimant = true
        }
        if isClaimant { try txn.put(claimants, ascending(position), subject.bytes) }
    }
}
