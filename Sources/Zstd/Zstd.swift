import CZstd

/// One-shot compression with contexts that each thread keeps, so that a call allocates nothing but its
/// result.
///
/// Frames carry their content's length, and neither a checksum nor a dictionary id: what is stored is sealed,
/// and the format names the dictionary itself.
public enum Zstd {
    public static let fastestLevel: Int32 = 1
    /// Long-distance matching pays only for content that outgrows the level's own window.
    public static let longDistanceBytes = 1 << 20

    /// - Parameters:
    ///   - level: 1 (fast) to 19; ignored where a dictionary is given, which has its own.
    ///   - header: bytes to put before the frame, uncompressed.
    /// - Throws: `library`.
    public static func compress(
        _ content: RawSpan, level: Int32 = fastestLevel, dictionary: ZstdDictionary? = nil,
        header: [UInt8] = []
    ) throws(ZstdError) -> [UInt8] {
        let context = try ZstdThreadContext.current()
        try context.prepare(level: level, dictionary: dictionary, contentBytes: content.byteCount)
        var failure: ZstdError?
        let bound = ZSTD_compressBound(content.byteCount)
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: header.count + bound) { out, filled in
            let raw = UnsafeMutableRawBufferPointer(out)
            unsafe raw.copyBytes(from: header)
            let result = unsafe content.withUnsafeBytes { content in
                let target = unsafe raw.baseAddress! + header.count
                return unsafe ZSTD_compress2(
                    context.compressing, target, bound, content.baseAddress, content.count)
            }
            if let what = ZstdThreadContext.error(result) {
                failure = .library(what)
            } else {
                filled = header.count + result
            }
        }
        if let failure { throw failure }
        return frame
    }

    public static func compress(
        _ content: [UInt8], level: Int32 = fastestLevel, dictionary: ZstdDictionary? = nil
    ) throws(ZstdError) -> [UInt8] {
        unsafe try compress(content.span.bytes, level: level, dictionary: dictionary)
    }

    /// Decompresses exactly one frame.
    ///
    /// - Parameter limit: the most bytes of content; a frame that declares more is refused before any work.
    /// - Throws: `notOneFrame`, `tooLong`, `damaged`.
    public static func decompress(
        _ frame: RawSpan, dictionary: ZstdDictionary? = nil, limit: Int
    ) throws(ZstdError) -> [UInt8] {
        let count = unsafe try frame.withUnsafeBytes { bytes throws(ZstdError) in
            unsafe try contentBytes(of: bytes, limit: limit)
        }
        let context = try ZstdThreadContext.current()
        var failure: ZstdError?
        let content = unsafe [UInt8](unsafeUninitializedCapacity: max(count, 1)) { out, filled in
            let result = unsafe frame.withUnsafeBytes { frame in
                unsafe ZSTD_decompress_usingDDict(
                    context.decompressing, out.baseAddress, count, frame.baseAddress, frame.count,
                    dictionary?.decompression)
            }
            if let what = ZstdThreadContext.error(result) {
                failure = .damaged(what)
            } else if result != count {
                failure = .notOneFrame
            } else {
                filled = count
            }
        }
        if let failure { throw failure }
        return content
    }

    public static func decompress(
        _ frame: ArraySlice<UInt8>, dictionary: ZstdDictionary? = nil, limit: Int
    ) throws(ZstdError) -> [UInt8] {
        unsafe try decompress(frame.span.bytes, dictionary: dictionary, limit: limit)
    }

    public static func decompress(
        _ frame: [UInt8], dictionary: ZstdDictionary? = nil, limit: Int
    ) throws(ZstdError) -> [UInt8] {
        unsafe try decompress(frame.span.bytes, dictionary: dictionary, limit: limit)
    }

    static func contentBytes(
        of frame: UnsafeRawBufferPointer, limit: Int
    ) throws(ZstdError) -> Int {
        guard let start = frame.baseAddress else { throw .notOneFrame }
        let declared = unsafe ZSTD_getFrameContentSize(start, frame.count)
        // The two highest values are the library's "unknown" and "error".
        guard declared < UInt64.max - 1 else { throw .notOneFrame }
        guard declared <= UInt64(limit) else { throw .tooLong(declared: declared, limit: limit) }
        guard unsafe ZSTD_findFrameCompressedSize(start, frame.count) == frame.count else {
            throw .notOneFrame
        }
        return Int(declared)
    }
}
