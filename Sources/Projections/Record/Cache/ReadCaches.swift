/// What a store keeps in memory of the records that were read: opened rows, and what corrected results replaced.
///
/// What is kept of a row is found by the seal of the row as it is stored, and only by whoever has its key still: a reader asks for the key first.
public final class ReadCaches: Sendable {
    /// What a store keeps where nobody says otherwise, bytes.
    public static let defaultLimit = 256 << 20

    let rows: ReadCache<RowSeal, UnzippedRow>
    let replaced: ReadCache<ReplacedVersion.Key, ReplacedVersion>

    /// - Parameter limit: bytes held at most; 0 for nothing.
    public init(limit: Int = ReadCaches.defaultLimit) {
        // What was replaced is small, and there is little of it.
        replaced = ReadCache(limit: limit / 8)
        rows = ReadCache(limit: limit - limit / 8)
    }

    /// To be asked for before any of the store's keys is: what is worked out from then on is kept under it.
    var generation: Int { rows.generation }

    /// How much is kept, and how often what a read wanted was there.
    public struct Figures: Hashable, Sendable {
        public var entries: Int
        public var bytes: Int
        public var hits: Int
        public var misses: Int
    }

    public var figures: Figures {
        let (a, b) = (rows.figures, replaced.figures)
        return Figures(
            entries: a.entries + b.entries, bytes: a.bytes + b.bytes, hits: a.hits + b.hits,
            misses: a.misses + b.misses)
    }

    /// Empties them: no key that an erasure destroyed, and nothing that was sealed under it, is of use to anybody afterwards.
    public func removeAll() {
        // The generation is that of the rows: whoever reads it from here on finds the keys destroyed.
        replaced.removeAll()
        rows.removeAll()
    }
}
