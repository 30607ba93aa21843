import CZstd

extension Zstd {
    /// Decompresses exactly one frame behind what `out` holds already: several frames end up in one buffer, without a copy.
    ///
    /// - Throws: `tooLong` where the content is more than `out` has room for; `notOneFrame`, `damaged`.
    public static func decompress(
        _ frame: RawSpan, dictionary: ZstdDictionary? = nil, appendingTo out: inout OutputSpan<UInt8>
    ) throws(ZstdError) {
        let room = out.freeCapacity
        let count = unsafe try frame.withUnsafeBytes { bytes throws(ZstdError) in
            unsafe try contentBytes(of: bytes, limit: room)
        }
        guard count > 0 else { return }
        let context = try ZstdThreadContext.current()
        let result = unsafe out.withUnsafeMutableBufferPointer { buffer, filled in
            let target = unsafe buffer.baseAddress! + filled
            let result = unsafe frame.withUnsafeBytes { frame in
                unsafe ZSTD_decompress_usingDDict(
                    context.decompressing, target, count, frame.baseAddress, frame.count,
                    dictionary?.decompression)
            }
            if ZstdThreadContext.error(result) == nil { filled += count }
            return result
        }
        if let what = ZstdThreadContext.error(result) { throw .damaged(what) }
        guard result == count else { throw .notOneFrame }
    }
}
