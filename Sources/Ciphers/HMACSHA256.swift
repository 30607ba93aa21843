import CCrypto
import Wire

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1) under one key, whose two padded blocks are hashed once and kept.
///
/// Safe to share between threads: computing a code only reads it. Its state is wiped when the last reference
/// goes.
public final class HMACSHA256: @unchecked Sendable {
    // `@unchecked` because both states are written in the initialiser and wiped in `deinit`, and otherwise
    // only copied.
    private var inner: SHA256
    private var outer: SHA256

    public init(key: SecretKey) {
        (inner, outer) = unsafe key.withUnsafeBytes { unsafe Self.states(key: $0) }
    }

    /// A key of any length (RFC 2104: one over 64 bytes is hashed first).
    public init(keyBytes: [UInt8]) {
        if keyBytes.count > 64 {
            (inner, outer) = unsafe SHA256.hash(keyBytes).bytes.withUnsafeBytes {
                unsafe Self.states(key: $0)
            }
        } else {
            (inner, outer) = unsafe keyBytes.withUnsafeBytes { unsafe Self.states(key: $0) }
        }
    }

    deinit {
        unsafe withUnsafeMutableBytes(of: &inner) { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
        unsafe withUnsafeMutableBytes(of: &outer) { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    }

    private static func states(key: UnsafeRawBufferPointer) -> (SHA256, SHA256) {
        var block = [UInt8](repeating: 0, count: 64)
        unsafe block.withUnsafeMutableBytes { unsafe $0.copyMemory(from: key) }
        defer { SecretKey.wipe(&block) }
        for i in block.indices { block[i] ^= 0x36 }
        var inner = SHA256()
        inner.update(block)
        for i in block.indices { block[i] ^= 0x36 ^ 0x5C }
        var outer = SHA256()
        outer.update(block)
        return (inner, outer)
    }

    public func code(_ message: UnsafeRawBufferPointer) -> Digest {
        var hash = inner
        unsafe hash.update(message)
        var last = outer
        last.update(hash.finish())
        return last.finish()
    }

    public func code(_ message: [UInt8]) -> Digest { unsafe message.withUnsafeBytes { unsafe code($0) } }
    public func code(_ message: ArraySlice<UInt8>) -> Digest {
        unsafe message.withUnsafeBytes { unsafe code($0) }
    }
    public func code(_ message: RawSpan) -> Digest { unsafe message.withUnsafeBytes { unsafe code($0) } }
}
