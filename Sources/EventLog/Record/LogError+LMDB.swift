import LMDB

extension LogError: LMDBErrorConvertible {
    /// LMDB's failure as the log tells it. Where the map is full, its size is filled in by who knows it.
    public init(_ error: LMDBError) {
        if error.isMapFull {
            self = .full(usedBytes: 0, mapBytes: 0)
        } else {
            self = error.isClosed ? .closed : .lmdb(error)
        }
    }
}
