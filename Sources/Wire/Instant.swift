/// A moment, in microseconds since 1970-01-01T00:00:00Z (UTC, no leap seconds).
public struct Instant: Hashable, Comparable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static let distantPast = Instant(microseconds: .min)
    public static let distantFuture = Instant(microseconds: .max)

    public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }
}
