/// The number of a key in the key store. Slots are never reused once a record has named them.
public struct KeySlot: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: UInt64

    public init(_ value: UInt64) { self.value = value }

    /// No key: the part is absent.
    public static let none = KeySlot(0)
    /// The region's sealing key: what must still fold after an erasure.
    public static let region = KeySlot(1)
    /// The key of keyed hashes (stream and message tokens). Seals nothing.
    public static let index = KeySlot(2)
    /// Subjects' and all other keys start here.
    public static let firstFree = KeySlot(3)

    public static func < (a: KeySlot, b: KeySlot) -> Bool { a.value < b.value }

    public var description: String { "slot \(value)" }
}
