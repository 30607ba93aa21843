/// When a chapter closes: as soon as an event makes its changes outgrow the keyframe, but not below a floor that
/// keeps small records from closing all the time. That event's state is the next chapter's keyframe.
enum ClosingRule {
    /// Bytes of changes, whole, that a chapter holds at least.
    static let floorBytes = 32 << 10
    /// Bytes of changes, as patches, that are zipped together: what a read of a position unzips too much is half of it.
    static let frameBytes = 12 << 10

    /// - Parameters:
    ///   - changed: bytes of the changes since the keyframe, the event at hand included, patches as what they stand for.
    ///   - keyframe: bytes of the keyframe, unzipped.
    static func closes(changed: Int, keyframe: Int) -> Bool { changed > max(floorBytes, keyframe) }
}
