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
struct RecordBuffers: Sendable {
    var keyframe: [UInt8]
    /// Frames of changes.
    var changes: [UInt8]
    /// Meta ‖ content of versions kept as patches.
    var patched: [UInt8] = []

    subscript(buffer: RecordVersion.Buffer) -> [UInt8] {
        switch buffer {
        case .keyframe: keyframe
        case .changes: changes
        case .patched: patched
        }
    }
}
