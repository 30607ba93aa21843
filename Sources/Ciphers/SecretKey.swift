import CCrypto
import Synchronization

/// A 256-bit key. Its bytes are wiped when the last reference goes, and no description ever shows them.
@safe public final class SecretKey: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    // `@unchecked` because the bytes are written in the initialiser only and read-only afterwards.
    public static let byteCount = 32

    private let storage: UnsafeMutableRawPointer
    /// Tells keys apart within the process, so that a cipher context knows whether it already holds this one.
    let identity: UInt64

    private static let identities = Atomic<UInt64>(1)

    /// - Returns: nil unless exactly 32 bytes are given. The caller's copy stays the caller's to wipe.
    public convenience init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        unsafe self.init { out in
            unsafe out.copyBytes(from: bytes)
        }
    }

    private init(fill: (UnsafeMutableRawBufferPointer) -> Void) {
        unsafe storage = .allocate(byteCount: Self.byteCount, alignment: 16)
        identity = Self.identities.wrappingAdd(1, ordering: .relaxed).oldValue
        unsafe fill(.init(start: storage, count: Self.byteCount))
    }

    deinit {
        unsafe OPENSSL_cleanse(storage, Self.byteCount)
        unsafe storage.deallocate()
    }

    /// A fresh random key.
    ///
    /// - Throws: `noRandomness`.
    public static func random() throws(CipherError) -> SecretKey {
        var bytes = try SecureRandom.bytes(byteCount)
        defer { wipe(&bytes) }
        return SecretKey(bytes)!
    }

    /// The key's bytes, for wrapping it. Keep them no longer than the closure.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        unsafe body(.init(start: storage, count: Self.byteCount))
    }

    /// Equal bytes, compared in constant time.
    public func matches(_ other: SecretKey) -> Bool {
        unsafe CRYPTO_memcmp(storage, other.storage, Self.byteCount) == 0
    }

    public var description: String { "SecretKey(redacted)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Overwrites bytes that held a secret, in a way the optimiser does not remove.
    public static func wipe(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    }
}
