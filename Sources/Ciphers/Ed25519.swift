import CCrypto

/// Ed25519 signatures (RFC 8032, section 5.1: PureEdDSA), through libcrypto.
public enum Ed25519 {
    public static let publicKeyBytes = 32
    public static let signatureBytes = 64

    /// The public key of a private one. The private key is RFC 8032's 32-byte seed.
    ///
    /// - Throws: `library`.
    public static func publicKey(of seed: SecretKey) throws(CipherError) -> [UInt8] {
        let key = unsafe try privateKey(seed)
        defer { unsafe EVP_PKEY_free(key) }
        var out = [UInt8](repeating: 0, count: publicKeyBytes)
        var count = publicKeyBytes
        guard unsafe EVP_PKEY_get_raw_public_key(key, &out, &count) == 1, count == publicKeyBytes else {
            throw .library("EVP_PKEY_get_raw_public_key")
        }
        return out
    }

    /// Signs a message. The same message and key always give the same signature.
    ///
    /// - Throws: `library`.
    public static func sign(_ message: [UInt8], seed: SecretKey) throws(CipherError) -> [UInt8] {
        let key = unsafe try privateKey(seed)
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_MD_CTX_new() else { throw .library("EVP_MD_CTX_new") }
        defer { unsafe EVP_MD_CTX_free(context) }
        var out = [UInt8](repeating: 0, count: signatureBytes)
        var count = signatureBytes
        guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            unsafe EVP_DigestSign(context, &out, &count, message, message.count) == 1,
            count == signatureBytes
        else { throw .library("EVP_DigestSign") }
        return out
    }

    /// Whether a signature is the key's over the message. Bytes that are no key or no signature are just false.
    ///
    /// - Throws: `library` where libcrypto itself fails: out of memory, say.
    public static func isValid(
        _ signature: [UInt8], of message: [UInt8], publicKey bytes: [UInt8]
    ) throws(CipherError) -> Bool {
        guard signature.count == signatureBytes, bytes.count == publicKeyBytes else { return false }
        guard
            let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
        else { throw .library("EVP_PKEY_new_raw_public_key") }
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_MD_CTX_new() else { throw .library("EVP_MD_CTX_new") }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else {
            throw .library("EVP_DigestVerifyInit")
        }
        let result = unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count)
        // A wrong signature leaves an error in the thread's queue, which nothing else would take out.
        ERR_clear_error()
        return result == 1
    }

    private static func privateKey(_ seed: SecretKey) throws(CipherError) -> OpaquePointer {
        let key = unsafe seed.withUnsafeBytes {
            unsafe EVP_PKEY_new_raw_private_key(
                EVP_PKEY_ED25519, nil, $0.bindMemory(to: UInt8.self).baseAddress, $0.count)
        }
        guard let key = unsafe key else { throw .library("EVP_PKEY_new_raw_private_key") }
        return unsafe key
    }
}
