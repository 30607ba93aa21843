/// How the events after a keyframe are kept while its chapter is open: a function of their number alone.
///
/// Singles, then eights, then sixty-fours: each event is rewritten at most once a level, and a read opens at most
/// seven rows of a level instead of one for each event.
enum TailLayout {
    /// Rows of one level that become one of the next.
    static let fanOut = 8

    /// Rows of several events hold patches of the keyframe; single events lie whole, so that adding one opens no row.
    static func isPatched(_ row: Range<Int>) -> Bool { row.count > 1 }

    /// The rows of `count` events, oldest first, as ranges of their 0-based numbers.
    static func rows(count: Int) -> [Range<Int>] {
        var rows: [Range<Int>] = []
        var start = 0
        var width = 1
        while width <= count / fanOut { width *= fanOut }
        while width >= 1 {
            while count - start >= width {
                rows.append(start..<start + width)
                start += width
            }
            width /= fanOut
        }
        return rows
    }

    /// The first event of a row that is not the same in the layouts of `from` and of `to` events (`from <= to`):
    /// rows before it stay, those from it on are written anew.
    static func firstRewritten(from: Int, to: Int) -> Int {
        var kept = 0
        for (old, new) in zip(rows(count: from), rows(count: to)) {
            guard old == new else { break }
            kept = old.upperBound
        }
        return kept
    }
}
