/// What makes a source's message the same message: its id, and the digest of its bytes, both as keyed hashes.
///
/// `order` puts neighbours in time beside each other in the index (source number ‖ the source's own order): it
/// only has to be the same for the same message. Natural order costs a tenth of what hashed order does.
public struct MessageKey: Hashable, Sendable {
    public var order: UInt64
    /// 16 bytes of a keyed hash of the source and the message's id.
    public var id: StreamToken
    /// 16 bytes of a keyed hash of the message's bytes.
    public var digest: StreamToken

    public init(order: UInt64, id: StreamToken, digest: StreamToken) {
        (self.order, self.id, self.digest) = (order, id, digest)
    }
}
