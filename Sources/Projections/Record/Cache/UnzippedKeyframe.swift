import Wire

/// A chapter's keyframe, unzipped, with its items as a read begins with them: their changes are applied to a copy of the places.
struct UnzippedKeyframe: Sendable {
    let bytes: [UInt8]
    /// In the order of category, type, id.
    let places: [RecordPlace]

    init(_ bytes: [UInt8]) throws(WireError) {
        self.bytes = bytes
        let span = bytes.span
        var frame = try FrameReader(span, 0..<span.count)
        var places: [RecordPlace] = []
        places.reserveCapacity(frame.remaining)
        while let next = try frame.next(span) {
            guard !next.entry.isPatch else { throw WireError(.invalid, at: 0, what: "patch in a keyframe") }
            places.append(RecordPlace(span, next, .keyframe))
        }
        self.places = places
    }

    var byteCount: Int { bytes.count + places.count * MemoryLayout<RecordPlace>.stride }
}
