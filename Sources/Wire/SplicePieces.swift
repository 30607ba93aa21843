/// Writes a splice's content piece by piece, for whoever has its edits one after the other.
///
/// Nothing is checked here: `SpliceBounds` has taken the same edits of the same source, and the room has its capacity.
public struct SplicePieces {
    private var minifier = JSONMinifier()
    private var at: Int
    private let end: Int
    private var written = 0

    public init(start: Int, length: Int) { (at, end) = (start, start + length) }

    /// What is kept before an edit, then what it inserts.
    public mutating func write(
        offset: Int, deleted: Int, inserting insertion: UnsafeRawBufferPointer,
        from source: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
    ) {
        let kept = UnsafeRawBufferPointer(rebasing: source[at..<at + offset])
        written += minifier.run(kept, into: out, at: written)
        written += minifier.run(insertion, into: out, at: written)
        at += offset + deleted
    }

    /// The rest of the range.
    /// - Returns: the content's bytes.
    public mutating func finish(
        from source: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
    ) -> Int {
        let rest = UnsafeRawBufferPointer(rebasing: source[at..<end])
        return written + minifier.run(rest, into: out, at: written)
    }
}
