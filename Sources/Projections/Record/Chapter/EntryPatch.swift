import Wire

/// A version of an item as what differs from an older one. Updates change a few values of a resource: a patch is a fifth of it, and a
/// read that unzips the changes of a chapter, most of them replaced since, unzips little.
///
/// Repeated until meta ‖ content is whole: varint bytes to copy from the base ‖ varint new bytes ‖ the new bytes ‖ (unless now whole)
/// varint bytes of the base to skip.
enum EntryPatch {
    /// Writes `count` bytes to `out`.
    ///
    /// - Throws: `WireError` where the patch reads past the base or itself, or makes more or less than `count` bytes.
    static func apply(
        _ patch: UnsafeRawBufferPointer, to base: UnsafeRawBufferPointer, count: Int,
        out: UnsafeMutableRawPointer
    ) throws(WireError) {
        let span = Span<UInt8>(_unsafeBytes: patch)
        var (at, from, made) = (0, 0, 0)
        while true {
            let copied = try ByteScan.varint(span, &at, span.count)
            guard copied <= UInt64(base.count - from), copied <= UInt64(count - made) else {
                throw WireError(.invalid, at: at, what: "patch copy")
            }
            append(base, from, Int(copied), out + made, room: count - made)
            from += Int(copied)
            made += Int(copied)
            let new = try ByteScan.length(span, &at, span.count)
            guard new <= count - made else { throw WireError(.invalid, at: at, what: "patch bytes") }
            append(patch, at, new, out + made, room: count - made)
            at += new
            made += new
            if made == count { break }
            let skipped = try ByteScan.varint(span, &at, span.count)
            guard skipped <= UInt64(base.count - from) else {
                throw WireError(.invalid, at: at, what: "patch skip")
            }
            from += Int(skipped)
        }
        guard at == span.count else { throw WireError(.trailingBytes, at: at) }
    }

    /// What the patch makes.
    static func whole(
        _ patch: ArraySlice<UInt8>, of base: ArraySlice<UInt8>, count: Int
    ) throws(WireError) -> [UInt8] {
        var failure: WireError?
        let out = [UInt8](unsafeUninitializedCapacity: count) { out, filled in
            patch.withUnsafeBytes { patch in
                base.withUnsafeBytes { base in
                    do throws(WireError) {
                        try apply(
                            patch, to: base, count: count, out: UnsafeMutableRawPointer(out.baseAddress!))
                        filled = count
                    } catch { failure = error }
                }
            }
        }
        if let failure { throw failure }
        return out
    }

    /// - Parameter room: bytes that may be written: what is written too much is written over.
    @inline(__always)
    private static func append(
        _ source: UnsafeRawBufferPointer, _ start: Int, _ count: Int, _ out: UnsafeMutableRawPointer,
        room: Int
    ) {
        if count <= 16, room >= 16, source.count &- start >= 16 {
            // Most pieces are short: a call for each would take longer.
            let bytes = source.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt8>.self)
            out.storeBytes(of: bytes, as: SIMD16<UInt8>.self)
        } else if count > 0 {
            out.copyMemory(from: source.baseAddress! + start, byteCount: count)
        }
    }
}
