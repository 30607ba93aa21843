/// The unzipped bytes that the versions of a record lie in.
final class RecordBuffers: Sendable {
    /// The keyframe ‖ frames of changes ‖ meta ‖ content of versions in force that are kept as patches.
    let bytes: [UInt8]
    /// What versions in force name by `RecordVersion.earlier`.
    let earlier: [EarlierVersion]
    /// Whether nothing of the subject is held from before the chapter they are of.
    let isOldest: Bool

    init(_ bytes: [UInt8], earlier: [EarlierVersion] = [], isOldest: Bool = false) {
        (self.bytes, self.earlier, self.isOldest) = (bytes, earlier, isOldest)
    }
}
