import EventLog
import Wire

/// A run of the log as a projection sees it: the records it wants, and how far the run reaches.
public struct RecordBatch: Sendable {
    public var records: [StoredRecord]
    /// Everything up to here was looked at; folding the batch moves the checkpoint here.
    public var through: Position
    /// The recorded instant of the last record wanted; nil where there is none.
    public var recordedAt: Instant? { records.last?.header.recordedAt }

    public init(records: [StoredRecord], through: Position) {
        self.records = records
        self.through = through
    }
}
