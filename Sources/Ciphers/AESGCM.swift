import CCrypto

/// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: `nonce 12 ‖ ciphertext ‖ tag 16`.
///
/// Random nonces bound a key to 2^32 sealings (SP 800-38D, section 8.3).
public enum AESGCM {
    public static let nonceBytes = 12
    public static let tagBytes = 16
    /// What sealing adds to the plaintext.
    public static let overhead = nonceBytes + tagBytes
    /// libcrypto counts in `int`.
    public static let maxPlaintextBytes = Int(Int32.max) - overhead

    /// Seals `plaintext` so that it opens only with the same key and the same `data`, which is not stored.
    ///
    /// - Throws: `badLength`, `noRandomness`, `library`.
    public static func seal(
        _ plaintext: RawSpan, key: SecretKey, authenticating data: RawSpan
    ) throws(CipherError) -> [UInt8] {
        try seal(plaintext, nonce: nil, key: key, authenticating: data)
    }

    public static func seal(
        _ plaintext: [UInt8], key: SecretKey, authenticating data: [UInt8] = []
    ) throws(CipherError) -> [UInt8] {
        unsafe try seal(plaintext.span.bytes, nonce: nil, key: key, authenticating: data.span.bytes)
    }

    /// Seals into room that its caller made: `plaintext.byteCount + overhead` bytes, all of which are
    /// written.
    ///
    /// - Throws: `badLength` also where the room has another size.
    public static func seal(
        _ plaintext: RawSpan, key: SecretKey, authenticating data: RawSpan,
        into out: UnsafeMutableRawBufferPointer
    ) throws(CipherError) {
        try unsafe seal(plaintext, nonce: nil, key: key, authenticating: data, into: out)
    }

    /// - Parameter nonce: given for the published test vectors only. A nonce used twice under one key gives
    ///   the key's authentication away.
    static func seal(
        _ plaintext: RawSpan, nonce: [UInt8]?, key: SecretKey, authenticating data: RawSpan
    ) throws(CipherError) -> [UInt8] {
        let count = plaintext.byteCount
        guard count <= maxPlaintextBytes else { throw .badLength(count) }
        var failure: CipherError?
        let sealed = unsafe [UInt8](unsafeUninitializedCapacity: count + overhead) { out, filled in
            let room = unsafe UnsafeMutableRawBufferPointer(start: out.baseAddress, count: count + overhead)
            do throws(CipherError) {
                try unsafe seal(plaintext, nonce: nonce, key: key, authenticating: data, into: room)
                filled = count + overhead
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return sealed
    }

    private static func seal(
        _ plaintext: RawSpan, nonce: [UInt8]?, key: SecretKey, authenticating data: RawSpan,
        into out: UnsafeMutableRawBufferPointer
    ) throws(CipherError) {
        let count = plaintext.byteCount
        guard count <= maxPlaintextBytes, data.byteCount <= maxPlaintextBytes, out.count == count + overhead,
            let start = out.baseAddress
        else { throw .badLength(count) }
        let context = try ThreadContext.current()
        let head = unsafe UnsafeMutableRawBufferPointer(start: start, count: nonceBytes)
        if let nonce {
            precondition(nonce.count == nonceBytes)
            unsafe head.copyBytes(from: nonce)
        } else {
            try unsafe context.random(head)
        }
        let bytes = unsafe out.assumingMemoryBound(to: UInt8.self).baseAddress!
        try unsafe context.encrypt(plaintext, into: bytes, key: key, authenticating: data)
    }

    /// The plaintext of what `seal` gave.
    ///
    /// - Throws: `notAuthentic` where a byte, the key or `data` is not the one sealed with; `badLength`;
    ///   `library`.
    public static func open(
        _ sealed: RawSpan, key: SecretKey, authenticating data: RawSpan
    ) throws(CipherError) -> [UInt8] {
        let count = sealed.byteCount - overhead
        guard count >= 0, count <= maxPlaintextBytes, data.byteCount <= maxPlaintextBytes else {
            throw .badLength(sealed.byteCount)
        }
        let context = try ThreadContext.current()
        var failure: CipherError?
        // One byte more than needed: an empty plaintext still gets an address to write nothing to.
        let plaintext = unsafe [UInt8](unsafeUninitializedCapacity: count + 1) { out, filled in
            do throws(CipherError) {
                try unsafe context.decrypt(sealed, into: out.baseAddress!, key: key, authenticating: data)
                filled = count
            } catch {
                // What was decrypted before the tag proved wrong must not be left behind in freed memory.
                unsafe OPENSSL_cleanse(out.baseAddress, count)
                failure = error
            }
        }
        if let failure { throw failure }
        return plaintext
    }

    public static func open(
        _ sealed: [UInt8], key: SecretKey, authenticating data: [UInt8] = []
    ) throws(CipherError) -> [UInt8] {
        unsafe try open(sealed.span.bytes, key: key, authenticating: data.span.bytes)
    }

    public static func open(
        _ sealed: ArraySlice<UInt8>, key: SecretKey, authenticating data: [UInt8] = []
    ) throws(CipherError) -> [UInt8] {
        unsafe try open(sealed.span.bytes, key: key, authenticating: data.span.bytes)
    }
}
