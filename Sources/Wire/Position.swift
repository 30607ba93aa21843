/// A place in the log: 1-based, gapless, assigned inside the write transaction.
///
/// A position, not a time, is the handle of every answer. `Position.start` (0) stands before the first record.
public struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var value: UInt64

    public init(_ value: UInt64) { self.value = value }

    /// Before the first record.
    public static let start = Position(0)

    public var next: Position { Position(value + 1) }

    public static func < (a: Position, b: Position) -> Bool { a.value < b.value }

    /// `#12`, as people write it.
    public var description: String { "#\(value)" }
}
