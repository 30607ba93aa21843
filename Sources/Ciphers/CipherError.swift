/// What can go wrong with a cipher.
public enum CipherError: Error, Hashable, Sendable {
    /// The sealed bytes, the key or the additional data are not those that were sealed together.
    case notAuthentic
    /// Sealed bytes shorter than a nonce and a tag, or longer than the library's 2^31 - 1 byte calls.
    case badLength(Int)
    /// The operating system gave no random bytes. Nothing may be sealed.
    case noRandomness
    /// libcrypto refused a call that cannot fail on correct use (out of memory, or a provider not loaded).
    case library(String)
}
