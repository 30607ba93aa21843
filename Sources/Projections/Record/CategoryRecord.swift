import CareRecord
import Wire

/// What a subject's record holds in one category at a position: every item's version in force, in the byte order
/// of type, then id. All their bytes lie in one buffer.
public struct CategoryRecord: Sendable {
    public let category: Category
    /// Everything unzipped; `versions` say where in it.
    public let bytes: [UInt8]
    public let versions: [RecordVersion]

    public func meta(of version: RecordVersion) -> ArraySlice<UInt8> { bytes[version.meta] }
    public func content(of version: RecordVersion) -> ArraySlice<UInt8> { bytes[version.content] }

    /// - Throws: `WireError` where the stored meta does not decode.
    public func decodedMeta(of version: RecordVersion) throws(WireError) -> ItemMeta {
        try ItemMeta(decoding: bytes[version.meta])
    }
}
