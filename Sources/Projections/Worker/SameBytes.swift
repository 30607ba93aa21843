import Glibc

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes: views are compared whole, byte for byte.
    func isSame(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let mine = baseAddress, let theirs = other.baseAddress else { return true }
        return memcmp(mine, theirs, count) == 0
    }
}

extension [UInt8] {
    func isSame(as other: [UInt8]) -> Bool {
        withUnsafeBytes { mine in other.withUnsafeBytes { mine.isSame(as: $0) } }
    }
}
