import Wire

/// A row opened, unzipped as far as some read needed it, and cut into entries. Immutable: readers share it.
final class UnzippedRow: CachedValue {
    let key: RecordRowKey
    let header: RowHeader
    /// A chapter's; of a tail's row there is none.
    let keyframe: UnzippedKeyframe?
    /// Of every frame of changes the position of its first event.
    private let firsts: [UInt64]
    /// The first frames of changes, one after the other.
    let changes: [UInt8]
    /// Where each of those lies.
    let frames: [Range<Int>]
    /// What they hold, oldest first.
    let entries: [FrameEntry]

    /// - Parameter position: frames that begin after it are left zipped.
    init(_ row: OpenedRow, at key: RecordRowKey, through position: Position) throws(ProjectionError) {
        (self.key, header) = (key, row.header)
        let frames = row.changes.prefix { $0.first <= position.value }
        firsts = row.changes.map(\.first)
        let needed = frames.reduce(0) { $0 + $1.count }
        guard needed <= RowCodec.maximumBytes else {
            throw .tooLarge(what: "bytes of changes", bytes: needed, limit: RowCodec.maximumBytes)
        }
        let changes = try [UInt8](capacity: needed) {
            (out: inout OutputSpan<UInt8>) throws(ProjectionError) in
            for frame in frames { try RowCodec.unpack(frame, of: row, into: &out) }
        }
        guard changes.count == needed else { throw .damaged(what: "a frame's length") }
        var end = 0
        let places = frames.map {
            end += $0.count
            return end - $0.count..<end
        }
        (self.changes, self.frames) = (changes, places)
        let keyframe = row.header.kind == .chapter ? try RowCodec.unpack(row.frames[0], of: row) : nil
        do throws(WireError) {
            self.keyframe = try keyframe.map { bytes throws(WireError) in try UnzippedKeyframe(bytes) }
            entries = try Self.entries(changes.span, places)
        } catch { throw .damaged(what: "a frame of \(key.token): \(error)") }
    }

    private static func entries(
        _ bytes: Span<UInt8>, _ frames: [Range<Int>]
    ) throws(WireError) -> [FrameEntry] {
        var out: [FrameEntry] = []
        for range in frames {
            var frame = try FrameReader(bytes, range)
            out.reserveCapacity(out.count + frame.remaining)
            while let next = try frame.next(bytes) { out.append(next) }
        }
        return out
    }

    /// How many frames a read as of the position needs.
    func frames(through position: Position) -> Int {
        var count = firsts.count
        while count > 0, firsts[count - 1] > position.value { count -= 1 }
        return count
    }

    /// Whether it is that row, unzipped as far as a read as of the position needs it.
    func serves(_ key: RecordRowKey, _ header: RowHeader, through position: Position) -> Bool {
        self.key == key && self.header == header && frames(through: position) <= frames.count
    }

    /// What it takes of a cache, with what the cache needs to find it.
    var byteCount: Int {
        256 + changes.count + entries.count * MemoryLayout<FrameEntry>.stride
            + firsts.count * MemoryLayout<UInt64>.stride + frames.count * MemoryLayout<Range<Int>>.stride
            + (keyframe?.byteCount ?? 0)
    }
}
