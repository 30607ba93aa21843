import Wire

/// One entry of a frame: its event, its body.
struct FrameEntry: Hashable, Sendable {
    var event: EventMark
    var entry: EntryBody
}

/// Reads a frame that lies in a buffer. Offsets are the buffer's.
struct FrameReader {
    private let end: Int
    private var at: Int
    private(set) var events: [EventMark] = []
    private(set) var remaining: Int

    /// - Parameter range: where the frame lies in `bytes`.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireError) {
        end = range.upperBound
        at = range.lowerBound
        let count = try ByteScan.length(bytes, &at, end)
        var last = EventMark.zero
        events.reserveCapacity(count)
        for _ in 0..<count {
            let position = try ByteScan.varint(bytes, &at, end)
            let time = ZigZag.decode(try ByteScan.varint(bytes, &at, end))
            last.position &+= position
            last.recordedAt &+= time
            events.append(last)
        }
        remaining = try ByteScan.length(bytes, &at, end)
    }

    /// - Returns: nil after the last entry.
    @inline(__always)
    mutating func next(_ bytes: Span<UInt8>) throws(WireError) -> FrameEntry? {
        guard remaining > 0 else {
            guard at == end else { throw WireError(.trailingBytes, at: at) }
            return nil
        }
        remaining -= 1
        let event = try ByteScan.varint(bytes, &at, end)
        guard event < UInt64(events.count) else { throw WireError(.invalid, at: at, what: "event number") }
        return FrameEntry(event: events[Int(event)], entry: try EntryBody(bytes, &at, end))
    }
}
