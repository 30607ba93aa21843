/// When a chapter closes: as soon as an event makes its changes outgrow the keyframe, but not below a floor that
/// keeps small records from closing all the time. That event's state is the next chapter's keyframe.
enum ClosingRule {
    /// Bytes of changes, unzipped, that a chapter holds at least. Small: a category of a few KB must not drag many times its
    /// size of changes through every read (decision 6).
    static let floorBytes = 8 << 10
    /// Bytes of changes, unzipped, that are zipped together: what a read of a position unzips too much is half of it.
    static let frameBytes = 12 << 10

    /// - Parameters:
    ///   - changed: bytes of the changes since the keyframe, the event at hand included.
    ///   - keyframe: bytes of the keyframe, unzipped.
    static func closes(changed: Int, keyframe: Int) -> Bool { changed > max(floorBytes, keyframe) }
}
