import Wire

/// Turns a tail row's frame back into the segments it was made of.
enum TailRows {
    static func segments(_ frame: [UInt8], slot: UInt64) throws(WireError) -> [Segment] {
        let span = frame.span
        var reader = try FrameReader(span, 0..<span.count, hasOrdinals: false)
        var out: [Segment] = []
        while let next = try reader.next(span) {
            if out.last?.mark != next.event { out.append(Segment(mark: next.event, slot: slot)) }
            out[out.count - 1].entries.append(contentsOf: frame[next.entry.body])
            out[out.count - 1].count += 1
        }
        return out
    }
}
