import Wire

/// Which event a version came with: where it stands in the log, and when the log took it.
struct EventMark: Hashable, Sendable {
    var position: UInt64
    var recordedAt: Int64

    static let zero = EventMark(position: 0, recordedAt: 0)
}
