import CCrypto
import Wire

/// SHA-256 (FIPS 180-4), one-shot and in pieces, without an allocation.
///
/// A value of this type is a running hash: give it bytes with `update`, end it with `finish`. Copying it
/// forks the hash, which is how a common prefix is hashed once.
public struct SHA256: Sendable {
    private var state: SHA256_CTX

    public init() {
        state = SHA256_CTX()
        unsafe SHA256_Init(&state)
    }

    @inline(__always) public mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    @inline(__always) public mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    @inline(__always) public mutating func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    @inline(__always) public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        unsafe SHA256_Update(&state, start, bytes.count)
    }

    /// One byte, such as a domain-separation prefix.
    @inline(__always) public mutating func update(byte: UInt8) {
        unsafe withUnsafeBytes(of: byte) { unsafe update($0) }
    }

    @inline(__always) public mutating func update(_ digest: Digest) {
        unsafe withUnsafeBytes(of: digest.bigEndianWords) { unsafe update($0) }
    }

    /// The hash of everything given so far; the value itself can go on being updated.
    public func finish() -> Digest {
        var last = state
        var words: Words = (0, 0, 0, 0)
        unsafe withUnsafeMutableBytes(of: &words) { out in
            _ = unsafe SHA256_Final(out.assumingMemoryBound(to: UInt8.self).baseAddress, &last)
        }
        return Digest(bigEndianWords: words)
    }
}

extension SHA256 {
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
        if bytes.count <= 55 { return unsafe hashOneBlock(bytes) }
        var hash = SHA256()
        unsafe hash.update(bytes)
        return hash.finish()
    }

    public static func hash(_ bytes: RawSpan) -> Digest { unsafe bytes.withUnsafeBytes { unsafe hash($0) } }
    public static func hash(_ bytes: [UInt8]) -> Digest { unsafe bytes.withUnsafeBytes { unsafe hash($0) } }

    public static func hash(_ bytes: ArraySlice<UInt8>) -> Digest {
        unsafe bytes.withUnsafeBytes { unsafe hash($0) }
    }

    /// The hash of several pieces, one after the other, as if they were one.
    public static func hash(_ first: ArraySlice<UInt8>, _ rest: ArraySlice<UInt8>...) -> Digest {
        var hash = SHA256()
        hash.update(first)
        for piece in rest { hash.update(piece) }
        return hash.finish()
    }

    /// `SHA-256(prefix ‖ bytes)`: with prefix 0 the leaf hash of RFC 6962, section 2.1.
    public static func hash(prefix: UInt8, _ bytes: UnsafeRawBufferPointer) -> Digest {
        // A record's header, the leaf that is hashed most, fits four blocks: padded here, as below.
        if bytes.count > 183, bytes.count <= 246 { return unsafe hashFourBlocks(prefix, bytes) }
        var hash = SHA256()
        hash.update(byte: prefix)
        unsafe hash.update(bytes)
        return hash.finish()
    }

    /// 184 to 246 bytes behind a prefix: with 0x80 and the length, exactly 256.
    private static func hashFourBlocks(_ prefix: UInt8, _ bytes: UnsafeRawBufferPointer) -> Digest {
        // No more than sixteen: past what the stack is aligned to, the room would come from the heap.
        unsafe withUnsafeTemporaryAllocation(byteCount: 256, alignment: 16) { room in
            let end = bytes.count + 1
            unsafe room[0] = prefix
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[1..<end]).copyMemory(from: bytes)
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[end...]).initializeMemory(
                as: UInt8.self, repeating: 0)
            unsafe room[end] = 0x80
            unsafe room.storeBytes(of: UInt64(end * 8).bigEndian, toByteOffset: 248, as: UInt64.self)
            return unsafe hashPadded(UnsafeRawBufferPointer(room))
        }
    }

    /// At most 55 bytes: with 0x80 and the length, exactly 64.
    private static func hashOneBlock(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var block: (Words, Words) = ((0, 0, 0, 0), (0, 0, 0, 0))
        block.1.3 = UInt64(bytes.count * 8).bigEndian
        return unsafe withUnsafeMutableBytes(of: &block) { room in
            unsafe room.copyMemory(from: bytes)
            unsafe room[bytes.count] = 0x80
            return unsafe hashPadded(UnsafeRawBufferPointer(room))
        }
    }

    public static func hash(prefix: UInt8, _ bytes: [UInt8]) -> Digest {
        unsafe bytes.withUnsafeBytes { unsafe hash(prefix: prefix, $0) }
    }

    public static func hash(prefix: UInt8, _ bytes: ArraySlice<UInt8>) -> Digest {
        unsafe bytes.withUnsafeBytes { unsafe hash(prefix: prefix, $0) }
    }

    /// `SHA-256(prefix ‖ left ‖ right)`: with prefix 1 the node hash of RFC 6962, section 2.1.
    public static func hash(prefix: UInt8, left: Digest, right: Digest) -> Digest {
        // 65 bytes are two blocks whatever they hold. Padding them here leaves out the buffering
        // of three updates and a final, a third of the cost.
        let (l, r) = (left.words, right.words)
        let blocks: (Words, Words, Words, Words) = (
            bigEndian(joined(UInt64(prefix), l.0), joined(l.0, l.1), joined(l.1, l.2), joined(l.2, l.3)),
            bigEndian(joined(l.3, r.0), joined(r.0, r.1), joined(r.1, r.2), joined(r.2, r.3)),
            bigEndian(r.3 << 56 | 0x80 << 48, 0, 0, 0),
            bigEndian(0, 0, 0, 65 * 8)
        )
        return unsafe withUnsafeBytes(of: blocks) { unsafe hashPadded($0) }
    }

    /// The hash of bytes that are padded already, whole blocks of 64: one call of the block function for all.
    @inline(__always) private static func hashPadded(_ blocks: UnsafeRawBufferPointer) -> Digest {
        var state = SHA256_CTX()
        unsafe SHA256_Init(&state)
        unsafe SHA256_Update(&state, blocks.baseAddress, blocks.count)
        let h = state.h
        return Digest(
            words: (
                UInt64(h.0) << 32 | UInt64(h.1), UInt64(h.2) << 32 | UInt64(h.3),
                UInt64(h.4) << 32 | UInt64(h.5), UInt64(h.6) << 32 | UInt64(h.7)
            ))
    }
}

typealias Words = (UInt64, UInt64, UInt64, UInt64)

@inline(__always) private func bigEndian(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) -> Words {
    (a.bigEndian, b.bigEndian, c.bigEndian, d.bigEndian)
}

/// The last byte of `a`, then the first seven of `b`.
@inline(__always) private func joined(_ a: UInt64, _ b: UInt64) -> UInt64 { a << 56 | b >> 8 }

extension Digest {
    @inline(__always) init(bigEndianWords w: Words) {
        self.init(words: (w.0.bigEndian, w.1.bigEndian, w.2.bigEndian, w.3.bigEndian))
    }

    @inline(__always) var bigEndianWords: Words {
        (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }
}
