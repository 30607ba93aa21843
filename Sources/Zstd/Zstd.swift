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

    /// Room that the frame of so much content always fits in, in bytes.
    public static func bound(_ contentBytes: Int) -> Int { ZSTD_compressBound(contentBytes) }

    /// Compresses to the front of room that its caller made, of at least `bound` bytes.
    ///
    /// - Parameter level: 1 (fast) to 19; ignored where a dictionary is given, which has its own.
    /// - Returns: the frame's bytes.
    /// - Throws: `library`, also where the room is too small.
    public static func compress(
        _ content: RawSpan, level: Int32 = fastestLevel, dictionary: ZstdDictionary? = nil,
        into out: UnsafeMutableRawBufferPointer
    ) throws(ZstdError) -> Int {
        let context = try ZstdThreadContext.current()
        try context.prepare(level: level, dictionary: dictionary, contentBytes: content.byteCount)
        let result = unsafe content.withUnsafeBytes { content in
            unsafe ZSTD_compress2(
                context.compressing, out.baseAddress, out.count, content.baseAddress, content.count)
        }
        if let what = ZstdThreadContext.error(result) { throw .library(what) }
        return result
    }

    /// The same into an array of its own, behind `header`.
    public static func compress(
        _ content: RawSpan, level: Int32 = fastestLevel, dictionary: ZstdDictionary? = nil,
        header: [UInt8] = []
    ) throws(ZstdError) -> [UInt8] {
        var failure: ZstdError?
        let bound = header.count + bound(content.byteCount)
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: bound) { out, filled in
            let raw = unsafe UnsafeMutableRawBufferPointer(start: out.baseAddress, count: bound)
            unsafe raw.copyBytes(from: header)
            do throws(ZstdError) {
                let room = unsafe UnsafeMutableRawBufferPointer(rebasing: raw[header.count...])
                filled = header.count
                filled += unsafe try compress(content, level: level, dictionary: dictionary, into: room)
            } catch { failure = error }
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
