/// The unzipped bytes that the versions of a record lie in.
final class RecordBuffers: Sendable {
    /// The keyframe ‖ frames of changes ‖ meta ‖ content of versions in force that are kept as patches.
    let bytes: [UInt8]
    let keyframeBytes: Int
    /// Where each frame of changes lies, oldest first.
    let frames: [Range<Int>]
    /// Whether nothing of the subject is held from before the chapter they are of.
    let isOldest: Bool

    init(_ bytes: [UInt8], keyframeBytes: Int, frames: [Range<Int>], isOldest: Bool = false) {
        (self.bytes, self.keyframeBytes, self.frames) = (bytes, keyframeBytes, frames)
        self.isOldest = isOldest
    }
}
