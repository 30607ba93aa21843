import CCrypto

extension ThreadContext {
    /// Writes ciphertext and tag behind the nonce that `out` begins with.
    func encrypt(
        _ plaintext: RawSpan, into out: UnsafeMutablePointer<UInt8>, key: SecretKey,
        authenticating data: RawSpan
    ) throws(CipherError) {
        let count = plaintext.byteCount
        let body = unsafe out + AESGCM.nonceBytes
        // A failure half way must not leave a context that claims to hold the key.
        let holds = encryptingKey == key.identity
        encryptingKey = 0
        let ok = unsafe key.withUnsafeBytes { keyBytes -> Bool in
            let key = unsafe holds ? nil : keyBytes.assumingMemoryBound(to: UInt8.self).baseAddress
            guard unsafe EVP_EncryptInit_ex2(encrypting, nil, key, out, nil) == 1 else { return false }
            var length: Int32 = 0
            return unsafe data.withUnsafeBytes { data in
                unsafe data.isEmpty
                    || EVP_EncryptUpdate(encrypting, nil, &length, data.asBytes, Int32(data.count)) == 1
            }
                && plaintext.withUnsafeBytes { text in
                    unsafe text.isEmpty
                        || EVP_EncryptUpdate(encrypting, body, &length, text.asBytes, Int32(count)) == 1
                }
                && EVP_EncryptFinal_ex(encrypting, body + count, &length) == 1
                && EVP_CIPHER_CTX_ctrl(
                    encrypting, EVP_CTRL_AEAD_GET_TAG, Int32(AESGCM.tagBytes), body + count) == 1
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
            let body = unsafe nonce + AESGCM.nonceBytes
            let tag = unsafe UnsafeMutablePointer(mutating: body + count)
            let ready = unsafe key.withUnsafeBytes { keyBytes in
                unsafe EVP_DecryptInit_ex2(decrypting, nil, holds ? nil : keyBytes.asBytes, nonce, nil) == 1
            }
            guard ready else { return .library("AES-256-GCM key") }
            var length: Int32 = 0
            let ok =
                unsafe data.withUnsafeBytes { data in
                    unsafe data.isEmpty
                        || EVP_DecryptUpdate(decrypting, nil, &length, data.asBytes, Int32(data.count)) == 1
                } && (count == 0 || EVP_DecryptUpdate(decrypting, out, &length, body, Int32(count)) == 1)
                && EVP_CIPHER_CTX_ctrl(
                    decrypting, EVP_CTRL_AEAD_SET_TAG, Int32(AESGCM.tagBytes), tag) == 1
            guard ok else { return .library("AES-256-GCM decryption") }
            return unsafe EVP_DecryptFinal_ex(decrypting, out + count, &length) == 1 ? nil : .notAuthentic
        }
        if let result { throw result }
        decryptingKey = key.identity
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always) var asBytes: UnsafePointer<UInt8>? {
        unsafe assumingMemoryBound(to: UInt8.self).baseAddress
    }
}
