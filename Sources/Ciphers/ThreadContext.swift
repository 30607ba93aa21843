import CCrypto
import Glibc

/// What one thread keeps between calls: an encrypting and a decrypting context with the last key's schedule
/// in them, and a store of random bytes. Making them anew costs several times the work itself.
///
/// The key schedule of the last key stays in the context until the next key takes its place or the thread
/// ends.
@safe final class ThreadContext {
    let encrypting: OpaquePointer
    let decrypting: OpaquePointer
    /// One parameter, the tag, and the list's end.
    let parameters: UnsafeMutablePointer<OSSL_PARAM>
    var encryptingKey: UInt64 = 0
    var decryptingKey: UInt64 = 0
    private let store = UnsafeMutableRawBufferPointer.allocate(
        byteCount: ThreadContext.storeBytes, alignment: 16)
    private var used = ThreadContext.storeBytes

    private static let storeBytes = 4096

    private init(_ encrypting: OpaquePointer, _ decrypting: OpaquePointer) {
        unsafe (self.encrypting, self.decrypting) = (encrypting, decrypting)
        unsafe parameters = .allocate(capacity: 2)
        unsafe parameters.initialize(
            to: OSSL_PARAM_construct_octet_string(Self.tagName, nil, AESGCM.tagBytes))
        unsafe (parameters + 1).initialize(to: OSSL_PARAM_construct_end())
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(encrypting)
        unsafe EVP_CIPHER_CTX_free(decrypting)
        unsafe parameters.deallocate()
        unsafe OPENSSL_cleanse(store.baseAddress, store.count)
        unsafe store.deallocate()
    }

    /// Takes random bytes from the store, wiping what it gives out.
    func random(_ out: UnsafeMutableRawBufferPointer) throws(CipherError) {
        precondition(out.count <= Self.storeBytes, "ask SecureRandom.bytes for more")
        if used + out.count > Self.storeBytes {
            let start = unsafe store.assumingMemoryBound(to: UInt8.self).baseAddress
            guard unsafe RAND_bytes(start, Int32(store.count)) == 1 else { throw .noRandomness }
            used = 0
        }
        let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: store[used..<used + out.count])
        unsafe out.copyMemory(from: UnsafeRawBufferPointer(piece))
        unsafe piece.initializeMemory(as: UInt8.self, repeating: 0)
        used += out.count
    }

    /// The calling thread's context.
    ///
    /// - Throws: `library` where libcrypto cannot make one.
    @inline(__always) static func current() throws(CipherError) -> ThreadContext {
        if let kept = unsafe pthread_getspecific(slot) {
            return unsafe Unmanaged<ThreadContext>.fromOpaque(kept).takeUnretainedValue()
        }
        return try make()
    }

    @inline(never) private static func make() throws(CipherError) -> ThreadContext {
        guard let cipher = unsafe Self.cipher else { throw .library("AES-256-GCM is not available") }
        guard let encrypting = unsafe EVP_CIPHER_CTX_new() else { throw .library("EVP_CIPHER_CTX_new") }
        guard let decrypting = unsafe EVP_CIPHER_CTX_new() else {
            unsafe EVP_CIPHER_CTX_free(encrypting)
            throw .library("EVP_CIPHER_CTX_new")
        }
        let context = unsafe ThreadContext(encrypting, decrypting)
        guard unsafe EVP_EncryptInit_ex2(encrypting, cipher, nil, nil, nil) == 1,
            unsafe EVP_DecryptInit_ex2(decrypting, cipher, nil, nil, nil) == 1
        else { throw .library("EVP_CipherInit_ex2") }
        unsafe pthread_setspecific(slot, Unmanaged.passRetained(context).toOpaque())
        return context
    }

    /// Fetched once: a fetch takes a lock and walks the providers.
    private nonisolated(unsafe) static let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    /// `OSSL_CIPHER_PARAM_AEAD_TAG` at an address that stays.
    private nonisolated(unsafe) static let tagName = unsafe strdup(OSSL_CIPHER_PARAM_AEAD_TAG)

    private static let slot: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key) { kept in
            guard let kept = unsafe kept else { return }
            unsafe Unmanaged<ThreadContext>.fromOpaque(kept).release()
        }
        precondition(result == 0, "pthread_key_create failed")
        return key
    }()
}
