import CareRecord
import EventLog
import LMDB
import Wire

/// What a corrected result said before: the version in force until the correction.
public struct PreviousVersion: Sendable {
    public var position: Position
    public var recordedAt: Instant
    /// JSON: its type, status and value alone.
    public var resource: ArraySlice<UInt8>

    public init(position: Position, recordedAt: Instant, resource: ArraySlice<UInt8>) {
        (self.position, self.recordedAt, self.resource) = (position, recordedAt, resource)
    }
}

/// A shown item whose status says that it was corrected.
public struct CorrectedItem: Sendable {
    /// Its place among the view's items.
    public var index: Int
    /// Index into the union's subjects.
    public var subject: Int
    var meta: ItemMetaView
    var version: RecordVersion
    var content: ArraySlice<UInt8>

    var position: Position { version.position }
}
