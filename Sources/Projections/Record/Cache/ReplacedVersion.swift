import EventLog
import Wire

/// What a corrected result replaced, before policy: it depends on nothing but the log.
struct ReplacedVersion: CachedValue {
    /// The version that corrected: an event of that position and subject, and an item of it.
    struct Key: Hashable {
        var subject: StreamToken
        var position: Position
        var itemIndex: Int
    }

    struct Found {
        var position: Position
        var recordedAt: Instant
        /// The encoded `ItemMeta` of the version: policy decides on it.
        var meta: [UInt8]
        /// Type, status and value alone.
        var resource: [UInt8]
    }

    /// Nil: nothing that is to be shown, whatever policy says.
    var found: Found?

    var byteCount: Int { 256 + (found.map { $0.meta.count + $0.resource.count } ?? 0) }
}
