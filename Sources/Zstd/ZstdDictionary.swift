import CZstd

/// A trained dictionary, digested once for compression at one level and once for decompression.
///
/// Immutable once made, and shared by all threads.
@safe public final class ZstdDictionary: @unchecked Sendable {
    // `@unchecked` because both digested forms are read-only to libzstd after they are made.
    let compression: OpaquePointer
    let decompression: OpaquePointer
    public let level: Int32
    /// The trained bytes.
    public let bytes: [UInt8]

    /// - Throws: `damaged` where the bytes are not a dictionary that zstd trained.
    public init(_ bytes: [UInt8], level: Int32) throws(ZstdError) {
        let id = unsafe bytes.withUnsafeBytes { unsafe ZDICT_getDictID($0.baseAddress, $0.count) }
        guard id != 0 else { throw .damaged("not a zstd dictionary") }
        let made = unsafe bytes.withUnsafeBytes {
            unsafe (
                ZSTD_createCDict($0.baseAddress, $0.count, level), ZSTD_createDDict($0.baseAddress, $0.count)
            )
        }
        guard let compression = unsafe made.0, let decompression = unsafe made.1 else {
            unsafe ZSTD_freeCDict(made.0)
            unsafe ZSTD_freeDDict(made.1)
            throw .damaged("zstd did not take the dictionary")
        }
        unsafe (self.compression, self.decompression) = (compression, decompression)
        (self.level, self.bytes) = (level, bytes)
    }

    deinit {
        unsafe ZSTD_freeCDict(compression)
        unsafe ZSTD_freeDDict(decompression)
    }
}
