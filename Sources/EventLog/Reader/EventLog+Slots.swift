import Wire

extension EventLog {
    /// Every slot that a record of one of the streams told as that stream's own, whether its key lives or not.
    ///
    /// `slot(of:)` knows the newest. A stream has more where its key was destroyed and it went on under another; and, in logs written
    /// before that was mended, where two records in the queue at once told two. Reads every header of the range, some millions a second
    /// where they are in memory.
    /// - Throws: `corrupt` where a record is not what was written; `lmdb`, `closed`.
    public func ownSlots(
        of streams: Set<StreamToken>, from: Position = Position(1), through: Position
    ) throws(LogError) -> [StreamToken: Set<KeySlot>] {
        var found: [StreamToken: Set<KeySlot>] = [:]
        if streams.isEmpty { return found }
        try scan(from: from, through: through, batchBytes: 8 << 20, checkingParts: false) {
            (view) throws(LogError) in
            if streams.contains(view.header.stream), let slot = view.header.streamSlot {
                found[view.header.stream, default: []].insert(slot)
            }
            return .goOn
        }
        return found
    }
}
