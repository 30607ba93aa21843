import CareRecord
import Wire

/// What a subject's record holds in one category at a position: every item's version in force, in the byte order
/// of type, then id.
public struct CategoryRecord: Sendable {
    public let category: Category
    public let versions: ArraySlice<RecordVersion>
    let buffers: RecordBuffers

    public func meta(of version: RecordVersion) -> ArraySlice<UInt8> {
        buffers[version.buffer][version.meta]
    }

    public func content(of version: RecordVersion) -> ArraySlice<UInt8> {
        buffers[version.buffer][version.content]
    }

    /// - Throws: `WireError` where the stored meta does not decode.
    public func decodedMeta(of version: RecordVersion) throws(WireError) -> ItemMeta {
        try ItemMeta(decoding: meta(of: version))
    }
}

/// The unzipped bytes that the versions of a record lie in.
final class RecordBuffers: Sendable {
    let keyframe: [UInt8]
    /// Frames of changes.
    let changes: [UInt8]
    /// Where each frame of changes lies, oldest first.
    let frames: [Range<Int>]
    /// Meta ‖ content of versions kept as patches.
    let patched: [UInt8]
    /// Of the caches, when the record was read.
    let generation: Int

    init(
        keyframe: [UInt8], changes: [UInt8], frames: [Range<Int>], patched: [UInt8] = [], generation: Int = 0
    ) {
        (self.keyframe, self.changes, self.frames) = (keyframe, changes, frames)
        (self.patched, self.generation) = (patched, generation)
    }

    subscript(buffer: RecordVersion.Buffer) -> [UInt8] {
        switch buffer {
        case .keyframe: keyframe
        case .changes: changes
        case .patched: patched
        }
    }
}
