import CZlib

/// gzip (RFC 1952), as HTTP's content coding of that name has it.
public enum Gzip {
    /// One member of the parts, in order. No part is compressed with a reference to another's bytes: how long the answer is tells nothing
    /// of what two of them have in common.
    ///
    /// - Parameter level: 1, fastest, to 9.
    /// - Returns: nil where there is no memory for it, or a part is longer than zlib counts (4 GiB).
    public static func compressed(_ parts: [ArraySlice<UInt8>], level: Int32 = 1) -> [UInt8]? {
        guard parts.allSatisfy({ $0.count < Int(UInt32.max) }) else { return nil }
        var stream = unsafe z_stream()
        guard
            unsafe deflateInit2_(
                &stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { unsafe deflateEnd(&stream) }
        // A full flush between two parts costs a few bytes beyond zlib's own bound.
        let bound = parts.reduce(64) { unsafe $0 + Int(deflateBound(&stream, UInt($1.count))) + 16 }
        var isWhole = true
        let out = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            unsafe stream.next_out = buffer.baseAddress
            unsafe stream.avail_out = UInt32(clamping: buffer.count)
            for (index, part) in parts.enumerated() {
                let isLast = index == parts.count - 1
                unsafe part.withUnsafeBufferPointer { input in
                    unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                    unsafe stream.avail_in = UInt32(input.count)
                    let status = unsafe deflate(&stream, isLast ? Z_FINISH : Z_FULL_FLUSH)
                    let isDone = unsafe stream.avail_in == 0 && status == (isLast ? Z_STREAM_END : Z_OK)
                    if !isDone { isWhole = false }
                }
            }
            count = unsafe Int(stream.total_out)
        }
        return isWhole && !parts.isEmpty ? out : nil
    }
}
