import CareRecord
import Wire

/// What a subject's record holds in one category at a position: every item's version in force, in the byte order
/// of type, then id.
public struct CategoryRecord: Sendable {
    public let category: Category
    public let versions: ArraySlice<RecordVersion>
    let buffers: RecordBuffers

    public func meta(of version: RecordVersion) -> ArraySlice<UInt8> { buffers.bytes[version.meta] }

    public func content(of version: RecordVersion) -> ArraySlice<UInt8> { buffers.bytes[version.content] }

    /// - Throws: `WireError` where the stored meta does not decode.
    public func decodedMeta(of version: RecordVersion) throws(WireError) -> ItemMeta {
        try ItemMeta(decoding: meta(of: version))
    }
}
