import Ciphers

/// What a sealed row is told by: its nonce and its tag. A row that is written again has others, so what a cache keeps under them
/// is never out of date.
struct RowSeal: Hashable, Sendable {
    private let nonce: (UInt64, UInt32)
    private let tag: (UInt64, UInt64)

    /// - Parameter sealed: nonce ‖ ciphertext ‖ tag.
    /// - Returns: nil for fewer bytes than those.
    init?(_ sealed: UnsafeRawBufferPointer) {
        guard sealed.count >= AESGCM.overhead else { return nil }
        func word<T: FixedWidthInteger>(_ offset: Int) -> T {
            sealed.loadUnaligned(fromByteOffset: offset, as: T.self)
        }
        let end = sealed.count - AESGCM.tagBytes
        nonce = (word(0), word(8))
        tag = (word(end), word(end + 8))
    }

    static func == (a: Self, b: Self) -> Bool { a.nonce == b.nonce && a.tag == b.tag }

    /// A tag is as good as random: a word of it tells rows apart.
    func hash(into hasher: inout Hasher) { hasher.combine(tag.0) }
}
