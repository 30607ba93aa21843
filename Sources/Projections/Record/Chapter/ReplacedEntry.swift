/// What a corrected result replaced, where a keyframe tells.
enum Replaced: Hashable {
    case entry(ReplacedEntry)
    /// Nothing that says something else ever came before it.
    case nothing
}

/// A version that a corrected result replaced: kept beside the result in keyframes, so that a view need not look for it in the log.
struct ReplacedEntry: Hashable {
    var mark: EventMark
    var category: UInt8
    var itemIndex: UInt32
    var metaBytes: Int
    /// Meta ‖ what is shown of the content alone (`ResultValue.alone`); of a tombstone the meta alone.
    var data: ArraySlice<UInt8>
}
