import Wire

/// One transaction of the log, as `commits` holds it: key recordedAt with the sign bit flipped (so that keys order
/// as times do), value first ‖ last ‖ root.
struct CommitEntry: Hashable, Sendable {
    static let valueBytes = 48

    var recordedAt: Instant
    var first: Position
    var last: Position
    /// The Merkle root over the records through `last`.
    var root: Digest

    init(recordedAt: Instant, first: Position, last: Position, root: Digest) {
        (self.recordedAt, self.first, self.last, self.root) = (recordedAt, first, last, root)
    }

    init(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) throws(LogError) {
        guard key.count == 8, value.count == Self.valueBytes else {
            throw .damaged(what: "a commit entry has \(key.count) and \(value.count) bytes")
        }
        recordedAt = Self.time(ofKey: key.big(0, as: UInt64.self))
        first = Position(value.big(0, as: UInt64.self))
        last = Position(value.big(8, as: UInt64.self))
        root = value.digest(16)
        guard first > .start, first <= last else {
            throw .corrupt(position: first, what: "the commit entry of \(recordedAt) has wrong bounds")
        }
    }

    static func key(_ time: Instant) -> UInt64 { UInt64(bitPattern: time.microseconds) ^ 1 << 63 }
    static func time(ofKey key: UInt64) -> Instant { Instant(microseconds: Int64(bitPattern: key ^ 1 << 63)) }

    var value: [UInt8] {
        var out = ByteWriter(capacity: Self.valueBytes)
        out.u64(first.value)
        out.u64(last.value)
        out.raw(root.bytes)
        return out.bytes
    }

    var head: LogHead { LogHead(position: last, recordedAt: recordedAt, root: root) }
}
