import Glibc
import LMDB
import Wire

/// Everything the log and the key store can fail with.
public enum LogError: Error, Hashable, Sendable {
    /// The map has no room. Nothing was written; the log goes on. Raise the map size at the next start.
    case full(usedBytes: UInt64, mapBytes: UInt64)
    /// The queue is at its bound. Nothing was taken; try again after that long.
    case busy(retryAfterMilliseconds: Int)
    /// A commit failed, so writing stopped for good: close, find out, verify, open again.
    case stopped(reason: String)
    /// The log was closed.
    case closed
    /// The log was opened for reading only.
    case readOnly
    /// A simulated time before the newest record.
    case clockBehind(newest: Instant, given: Instant)
    /// A time was set on a log whose clock is the machine's.
    case notSimulated
    /// A record, or an entry about it, is not what was written.
    case corrupt(position: Position, what: String)
    /// Something that belongs to no position is not what was written, or is of another format.
    case damaged(what: String)
    /// There is no such thing.
    case notFound(what: String)
    /// It exists already.
    case exists(what: String)
    /// Another process has it open for writing.
    case inUse(what: String)
    /// Over a named limit.
    case tooLarge(what: String, bytes: Int, limit: Int)
    /// The proposal cannot be taken as it is built.
    case invalid(what: String)
    /// The key was destroyed by an erasure, or dies with one that was.
    case destroyed(slot: KeySlot)
    /// A key was never made, or does not open.
    case key(slot: KeySlot, what: String)
    /// LMDB failed.
    case lmdb(LMDBError)
    /// A system call failed.
    case system(code: Int32, operation: String)
}

extension LogError: CustomStringConvertible {
    /// The system's words for an errno value.
    public static func words(_ code: Int32) -> String {
        "\(String(cString: strerror(code))) (errno \(code))"
    }

    public var description: String {
        switch self {
        case .full(let used, let map): "the log's map is full: \(used) of \(map) bytes used; raise its size"
        case .busy(let wait): "the log's queue is full; try again after \(wait) ms"
        case .stopped(let reason): "the log stopped writing: \(reason); verify it before opening it again"
        case .closed: "the log is closed"
        case .readOnly: "the log is open for reading only"
        case .clockBehind(let newest, let given): "\(given) is before the newest record, of \(newest)"
        case .notSimulated: "this store's clock is the machine's: it takes no other time"
        case .corrupt(let position, let what): "\(position): \(what)"
        case .damaged(let what): what
        case .notFound(let what): "not found: \(what)"
        case .exists(let what): "exists already: \(what)"
        case .inUse(let what): "in use by another process: \(what)"
        case .tooLarge(let what, let bytes, let limit): "\(what): \(bytes), and at most \(limit) are taken"
        case .invalid(let what): what
        case .destroyed(let slot): "\(slot): the key was destroyed"
        case .key(let slot, let what): slot == .none ? what : "\(slot): \(what)"
        case .lmdb(let error): error.description
        case .system(let code, let operation): "\(operation): \(Self.words(code))"
        }
    }
}
