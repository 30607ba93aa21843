import EventLog
import Wire

/// Where a record to be folded lies in the log, and whose it is.
struct RecordMark: Sendable {
    var token: StreamToken
    var position: UInt64
    /// Bytes as stored, at most 64 MiB.
    var weight: UInt32
    var ordersErasure: Bool

    init(_ header: RecordHeader) {
        (token, position) = (header.stream, header.position.value)
        (weight, ordersErasure) = (UInt32(header.recordBytes), header.ordersErasure)
    }

    static func < (a: RecordMark, b: RecordMark) -> Bool {
        a.token == b.token ? a.position < b.position : a.token < b.token
    }
}
