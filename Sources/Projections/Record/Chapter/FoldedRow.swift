/// A frame before it is zipped, or one taken over from the row it was read from.
struct FoldedFrame: Hashable, Sendable {
    /// Position of its first event.
    var first: UInt64
    var bytes: [UInt8]
    /// The same frame zipped, where it is known already.
    var packed: PackedFrame?
    var zipping = Zipping.small

    /// What a frame is zipped for. A record that was sent once is kept small; one that goes on changing is read more often than that.
    enum Zipping: Hashable, Sendable {
        case small, fastToRead
    }
}

/// A zipped frame: how, and its bytes.
struct PackedFrame: Hashable, Sendable {
    /// 0 stored, 1 zstd, 2 zstd with the dictionary, 3 LZ4.
    var method: UInt8
    var bytes: [UInt8]
}

/// A row to be written: what folding made, before zipping and sealing.
struct FoldedRow: Hashable, Sendable {
    /// Position of the keyframe, or of the row's first event: the row's place.
    var first: UInt64
    var header: RowHeader
    /// A chapter: the keyframe, then changes. A tail: one frame.
    var frames: [FoldedFrame]
}

/// What folding does to a subject's rows.
struct RowChanges: Hashable, Sendable {
    var puts: [FoldedRow] = []
    /// Places of rows that are no more.
    var deletes: [UInt64] = []
}

/// What is stored of a subject since its newest keyframe, opened.
struct OpenChapter: Sendable {
    var first: UInt64
    var slot: UInt64
    var keyframe: FoldedFrame
    /// Oldest first.
    var tail: [TailRow]

    /// A row after the keyframe: its place, and its frame unzipped.
    struct TailRow: Sendable {
        var first: UInt64
        var header: RowHeader
        var frame: [UInt8]
    }
}
