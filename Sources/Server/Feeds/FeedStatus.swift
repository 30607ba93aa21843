import CareRecord
import Intake
import Projections
import Wire

/// How one source's feed does, at this moment.
public struct FeedStatus: Hashable, Sendable {
    /// ODS code.
    public var source: String
    /// As views say it of the source; nil for one that shares nothing and is expected to send nothing.
    public var status: SourceStatus.Status?
    public var last: Instant?
    /// How long after its own time the last message taken was recorded, microseconds.
    public var lag: Int64?
    public var accepted: UInt64
    /// Sent again, since this process opened the store: they leave no event.
    public var duplicate: UInt64
    public var quarantined: UInt64

    /// Nothing came for longer than the region allows, or ever.
    public var isSilent: Bool { status == .late || status == .down || status == .never }

    public func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("source", source)
            w.member("status", ifPresent: status?.rawValue)
            w.member("last", ifPresent: last?.rfc3339)
            if let lag { w.member("lagSeconds", lag / 1_000_000) }
            w.member("accepted", accepted)
            w.member("duplicate", duplicate)
            w.member("quarantined", quarantined)
            w.member("silent", isSilent)
        }
    }
}
