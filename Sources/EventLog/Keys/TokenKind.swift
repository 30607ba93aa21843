/// What a keyed hash is of: the first byte hashed, so that equal bytes of two kinds have unrelated tokens.
public enum TokenKind: UInt8, Hashable, Sendable, CaseIterable {
    /// A stream's subject.
    case stream = 1
    /// A source and its message's id.
    case messageID = 2
    /// A message's bytes.
    case messageDigest = 3
    /// An identity key of a read model.
    case view = 4
    /// A ledger of erasures.
    case ledger = 5
    /// A secret of the store's own, to sign with.
    case credential = 6
}
