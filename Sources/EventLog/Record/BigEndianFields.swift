import Wire

// Fixed-width fields of headers and index values, read and written in place: these run several times for every
// record on the writer's thread and in scans, where building an array for each would be most of the cost. All
// are bounds-checked by the buffer's own subscripts in debug builds and by the callers' length checks in release.

extension UnsafeRawBufferPointer {
    @inline(__always)
    func big<T: FixedWidthInteger>(_ offset: Int, as: T.Type) -> T {
        T(bigEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    @inline(__always)
    func token(_ offset: Int) -> StreamToken {
        StreamToken(high: big(offset, as: UInt64.self), low: big(offset + 8, as: UInt64.self))
    }

    @inline(__always)
    func digest(_ offset: Int) -> Digest {
        Digest(
            words: (
                big(offset, as: UInt64.self), big(offset + 8, as: UInt64.self),
                big(offset + 16, as: UInt64.self),
                big(offset + 24, as: UInt64.self)
            ))
    }
}

extension UnsafeMutableRawBufferPointer {
    @inline(__always)
    func setBig<T: FixedWidthInteger>(_ value: T, _ offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
    }

    @inline(__always)
    func setToken(_ token: StreamToken, _ offset: Int) {
        setBig(token.high, offset)
        setBig(token.low, offset + 8)
    }

    @inline(__always)
    func setDigest(_ digest: Digest, _ offset: Int) {
        setBig(digest.words.0, offset)
        setBig(digest.words.1, offset + 8)
        setBig(digest.words.2, offset + 16)
        setBig(digest.words.3, offset + 24)
    }
}
