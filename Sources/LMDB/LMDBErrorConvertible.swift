/// An error that an LMDB failure can become, so that a transaction's closure throws one typed error.
public protocol LMDBErrorConvertible: Error {
    init(_ error: LMDBError)
}

extension LMDBError: LMDBErrorConvertible {
    public init(_ error: LMDBError) { self = error }
}
