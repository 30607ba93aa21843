import Ciphers
import EventLog
import Wire

/// What the record projection needs of the log beside its records: keys, bodies, and when a position was recorded.
public protocol RecordKeys: Sendable {
    /// - Returns: nil where the key was destroyed.
    func key(_ slot: KeySlot) throws(ProjectionError) -> SecretKey?

    /// Part A of a record, opened and checked.
    /// - Returns: nil where its key was destroyed.
    func body(of record: StoredRecord) throws(ProjectionError) -> Body?

    func recordedAt(_ position: Position) throws(ProjectionError) -> Instant
}
