import Ciphers
import EventLog
import Glibc
import LMDB
import LZ4
import Wire
import Zstd

/// Everything a projection can fail with.
public enum ProjectionError: Error, Hashable, Sendable, LMDBErrorConvertible {
    case lmdb(LMDBError)
    case log(LogError)
    case cipher(CipherError)
    case zstd(ZstdError)
    case lz4(LZ4Error)
    /// A record of the log does not decode.
    case record(Position, what: String)
    /// What a view holds is not what folding writes: rebuild it.
    case damaged(what: String)
    /// The key of what is asked for was destroyed.
    case keyDestroyed(KeySlot)
    /// The batch opens to more than memory should hold: the worker folds a smaller one. No caller sees it.
    case batchTooHeavy
    /// The worker stopped; the reason is the error it met, as text.
    case stopped(reason: String)
    /// Somebody else is at it already.
    case busy(what: String)
    /// A system call on a view's folder failed.
    case system(code: Int32, operation: String)
    /// Over a named limit.
    case tooLarge(what: String, bytes: Int, limit: Int)

    public init(_ error: LMDBError) { self = .lmdb(error) }
}

extension ProjectionError {
    /// The view's file is not what folding writes: it can only be built anew. Other failures may pass.
    var isOfTheView: Bool {
        switch self {
        case .damaged: true
        case .lmdb(let error): error.isCorruption
        default: false
        }
    }

    /// The machine, the log or whoever is at it failed, not what is being folded.
    var isOfTheMachine: Bool {
        switch self {
        case .log, .system, .stopped, .busy: true
        case .lmdb(let error): error.code > 0 || error.isMapFull || error.isReadersFull
        default: false
        }
    }
}

extension ProjectionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .lmdb(let error):
            error.code == ENOSPC
                ? "a read model cannot be written: \(LogError.words(ENOSPC)). Make room; what the log took is safe"
                : "a view: \(error)"
        case .log(let error): "\(error)"
        case .cipher(let error): "a view: \(error)"
        case .zstd(let error): "a view: \(error)"
        case .lz4(let error): "a view: \(error)"
        case .record(let position, let what): "the record at \(position): \(what)"
        case .damaged(let what): "a view is damaged (rebuild it): \(what)"
        case .keyDestroyed(let slot): "the key in \(slot) was destroyed"
        case .batchTooHeavy: "a batch opens to more than memory should hold"
        case .stopped(let reason): "the projection stopped: \(reason)"
        case .busy(let what): what
        case .system(let code, let operation): "\(operation): \(LogError.words(code))"
        case .tooLarge(let what, let bytes, let limit): "\(what): \(bytes), and at most \(limit) are taken"
        }
    }
}
