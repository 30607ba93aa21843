import CCrypto

/// Seal and open through `EVP_Cipher`, which hands the bytes straight to the provider: EVP_EncryptUpdate and
/// EVP_CIPHER_CTX_ctrl look up parameters by name on every call, half the time of sealing 400 bytes.
extension ThreadContext {
    /// Writes ciphertext and tag behind the nonce that `out` begins with.
    func encrypt(
        _ plaintext: RawSpan, into out: UnsafeMutablePointer<UInt8>, key: SecretKey,
        authenticating data: RawSpan
    ) throws(CipherError) {
        let holds = encryptingKey == key.identity
        // A failure half way must not leave a context that claims to hold the key.
        encryptingKey = 0
        let body = unsafe out + AESGCM.nonceBytes
        let tag = unsafe body + plaintext.byteCount
        let ok = unsafe key.withUnsafeBytes { keyBytes in
            unsafe EVP_EncryptInit_ex2(encrypting, nil, holds ? nil : keyBytes.asBytes, out, nil) == 1
                && Self.run(encrypting, data, plaintext, into: body)
                && EVP_Cipher(encrypting, nil, nil, 0) >= 0
                && EVP_CIPHER_CTX_get_params(encrypting, tagParameter(at: tag)) == 1
        }
        guard ok else { throw .library("AES-256-GCM encryption") }
        encryptingKey = key.identity
    }

    func decrypt(
        _ sealed: RawSpan, into out: UnsafeMutablePointer<UInt8>, key: SecretKey, authenticating data: RawSpan
    ) throws(CipherError) {
        let count = sealed.byteCount - AESGCM.overhead
        let holds = decryptingKey == key.identity
        decryptingKey = 0
        let result = unsafe sealed.withUnsafeBytes { sealed -> CipherError? in
            let nonce = unsafe sealed.asBytes!
            let tag = unsafe UnsafeMutablePointer(mutating: nonce + AESGCM.nonceBytes + count)
            let body = unsafe UnsafeRawBufferPointer(start: nonce + AESGCM.nonceBytes, count: count).bytes
            let ready = unsafe key.withUnsafeBytes { keyBytes in
                unsafe EVP_DecryptInit_ex2(decrypting, nil, holds ? nil : keyBytes.asBytes, nonce, nil) == 1
                    && EVP_CIPHER_CTX_set_params(decrypting, tagParameter(at: tag)) == 1
                    && Self.run(decrypting, data, body, into: out)
            }
            guard ready else { return .library("AES-256-GCM decryption") }
            return unsafe EVP_Cipher(decrypting, nil, nil, 0) >= 0 ? nil : .notAuthentic
        }
        // libcrypto queues an error for every tag that does not match; nothing here reads that queue.
        if result != nil { ERR_clear_error() }
        if let result { throw result }
        decryptingKey = key.identity
    }

    private static func run(
        _ context: OpaquePointer, _ data: RawSpan, _ input: RawSpan, into out: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let taken = unsafe data.withUnsafeBytes {
            unsafe $0.isEmpty || EVP_Cipher(context, nil, $0.asBytes, UInt32($0.count)) >= 0
        }
        guard taken else { return false }
        return unsafe input.withUnsafeBytes {
            unsafe $0.isEmpty || EVP_Cipher(context, out, $0.asBytes, UInt32($0.count)) == Int32($0.count)
        }
    }

    /// The parameter list that reads or sets the tag, pointed at `tag`.
    private func tagParameter(at tag: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<OSSL_PARAM> {
        unsafe parameters[0].data = UnsafeMutableRawPointer(tag)
        return unsafe parameters
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always) var asBytes: UnsafePointer<UInt8>? {
        unsafe assumingMemoryBound(to: UInt8.self).baseAddress
    }
}
