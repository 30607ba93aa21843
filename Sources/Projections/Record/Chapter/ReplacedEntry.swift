/// A version that a corrected result replaced, whole: kept beside the result in keyframes, so that a view need not look for it in the log.
struct ReplacedEntry: Hashable {
    var mark: EventMark
    var category: UInt8
    var itemIndex: UInt32
    var metaBytes: Int
    /// Meta ‖ content; of a tombstone the meta alone.
    var data: ArraySlice<UInt8>
}
