import CLMDB
import Glibc

/// An LMDB (or system) failure: the C code keeps its name, and the operation says where it happened.
///
/// Codes below zero are LMDB's own (`lmdb.h`), those above are errno's.
public struct LMDBError: Error, Hashable, Sendable, CustomStringConvertible {
    /// LMDB's return code, or an errno.
    public var code: Int32
    /// The call that failed, `mdb_put` say.
    public var operation: String

    public init(code: Int32, operation: String) {
        (self.code, self.operation) = (code, operation)
    }

    /// The map has no room for the transaction; nothing was written. Raise the map size at the next start.
    public var isMapFull: Bool { code == MDB_MAP_FULL }
    /// The key is not there.
    public var isNotFound: Bool { code == MDB_NOTFOUND }
    /// The key is there already, or is not above the last one of an append.
    public var isKeyExists: Bool { code == MDB_KEYEXIST }
    /// What the file holds is not what LMDB writes: no failure of the machine, which may pass.
    public var isCorruption: Bool {
        [MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH, MDB_INCOMPATIBLE].contains(code)
    }
    /// A meta page could not be written: the environment takes no transaction until it is opened again (`keepReadable`).
    public var isPanic: Bool { code == MDB_PANIC }
    /// Every reader slot is taken.
    public var isReadersFull: Bool { code == MDB_READERS_FULL }

    /// The environment was closed before the transaction began.
    public var isClosed: Bool { code == EBADF && operation == Self.closedOperation }
    static let closedOperation = "transaction of a closed environment"

    /// The C name (`MDB_MAP_FULL`), or `errno 28`.
    public var name: String {
        switch code {
        case MDB_KEYEXIST: "MDB_KEYEXIST"
        case MDB_NOTFOUND: "MDB_NOTFOUND"
        case MDB_PAGE_NOTFOUND: "MDB_PAGE_NOTFOUND"
        case MDB_CORRUPTED: "MDB_CORRUPTED"
        case MDB_PANIC: "MDB_PANIC"
        case MDB_VERSION_MISMATCH: "MDB_VERSION_MISMATCH"
        case MDB_INVALID: "MDB_INVALID"
        case MDB_MAP_FULL: "MDB_MAP_FULL"
        case MDB_DBS_FULL: "MDB_DBS_FULL"
        case MDB_READERS_FULL: "MDB_READERS_FULL"
        case MDB_TLS_FULL: "MDB_TLS_FULL"
        case MDB_TXN_FULL: "MDB_TXN_FULL"
        case MDB_CURSOR_FULL: "MDB_CURSOR_FULL"
        case MDB_PAGE_FULL: "MDB_PAGE_FULL"
        case MDB_MAP_RESIZED: "MDB_MAP_RESIZED"
        case MDB_INCOMPATIBLE: "MDB_INCOMPATIBLE"
        case MDB_BAD_RSLOT: "MDB_BAD_RSLOT"
        case MDB_BAD_TXN: "MDB_BAD_TXN"
        case MDB_BAD_VALSIZE: "MDB_BAD_VALSIZE"
        case MDB_BAD_DBI: "MDB_BAD_DBI"
        default: "errno \(code)"
        }
    }

    public var description: String {
        let text = unsafe mdb_strerror(code).map { unsafe String(cString: $0) } ?? "unknown"
        // LMDB's answer to a write that was cut short.
        let hint = code == EIO ? ", or the disk is full" : ""
        return "\(operation): \(name): \(text)\(hint)"
    }

    /// Throws unless `code` is zero.
    @inline(__always)
    static func check(_ code: Int32, _ operation: StaticString) throws(LMDBError) {
        if code != 0 { throw LMDBError(code: code, operation: String(describing: operation)) }
    }
}
