import CCrypto

/// Random bytes from the operating system's seeded generator (libcrypto's private DRBG).
public enum SecureRandom {
    /// - Throws: `noRandomness`.
    public static func bytes(_ count: Int) throws(CipherError) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max))
        var out = [UInt8](repeating: 0, count: count)
        let result = unsafe out.withUnsafeMutableBytes { buffer -> Int32 in
            let start = unsafe buffer.assumingMemoryBound(to: UInt8.self).baseAddress
            return unsafe buffer.isEmpty ? 1 : RAND_priv_bytes(start, Int32(count))
        }
        guard result == 1 else { throw .noRandomness }
        return out
    }

    /// A few bytes (at most 4,096) for a nonce or a salt, from a store of random bytes kept per thread:
    /// asking libcrypto for twelve bytes costs more than sealing with them.
    ///
    /// - Throws: `noRandomness`.
    public static func fill(_ out: UnsafeMutableRawBufferPointer) throws(CipherError) {
        unsafe try ThreadContext.current().random(out)
    }

    /// 32 random bytes, such as a body's salt.
    ///
    /// - Throws: `noRandomness`.
    public static func salt() throws(CipherError) -> [UInt8] {
        var words: Words = (0, 0, 0, 0)
        let context = try ThreadContext.current()
        return try unsafe withUnsafeMutableBytes(of: &words) { buffer throws(CipherError) in
            try unsafe context.random(buffer)
            return unsafe [UInt8](buffer)
        }
    }
}
