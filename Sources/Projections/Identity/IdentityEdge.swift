import EventLog
import Wire

/// One fact about whether two subjects are one person.
public struct IdentityEdge: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable { case link = 1, merge = 2 }

    public var other: StreamToken
    public var kind: Kind
    /// False for an unlink or a reversal.
    public var stands: Bool
    public var position: Position

    public init(other: StreamToken, kind: Kind, stands: Bool, position: Position) {
        (self.other, self.kind, self.stands, self.position) = (other, kind, stands, position)
    }
}
