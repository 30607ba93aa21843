import LMDB

/// Keeps zeros written ahead of the log's data file, so that a commit finds its blocks allocated and pays for no
/// change of the file's own metadata.
///
/// LMDB writes pages past its last one without telling where, so a range is never shared: the zeroing thread only
/// writes at `limit` and above, while the writer says before each transaction how far that could reach, and waits
/// for a chunk being written there.
final class ZeroAhead: Sendable {
    struct State {
        /// All below belongs to LMDB, but for a chunk that is being written: zeros are only begun from here on.
        var limit: UInt64
        /// Bytes of the file that are in use.
        var used: UInt64
        /// Bytes by which commits make it grow: a running mean.
        var growth: UInt64 = 0
        /// Whether the chunk just below `limit` is being written.
        var writing = false
        var stopping = false

        /// - Returns: false where a transaction that could write up to there might meet a chunk that is being written: it waits for that.
        mutating func allows(reach: UInt64) -> Bool {
            if writing, reach + ZeroAhead.chunk > limit { return false }
            limit = max(limit, reach)
            return true
        }

        /// - Returns: where the next chunk goes, which is being written from now on; nil while so many bytes ahead are zeros, or more.
        mutating func nextChunk(ahead: UInt64) -> UInt64? {
            guard wantsMore(ahead) else { return nil }
            defer {
                limit += ZeroAhead.chunk
                writing = true
            }
            return limit
        }

        /// Whether there is less ahead than there should be. Only while the log grows: a log at rest keeps its size. And only where
        /// commits are small: a large one pays for its blocks once, and would wait for the disk to take its bytes twice.
        func wantsMore(_ ahead: UInt64) -> Bool {
            limit < used + ahead && limit > 0 && growth <= ZeroAhead.largeCommit
        }

        mutating func committed(used after: UInt64) {
            growth = (3 * growth + (after - min(used, after))) / 4
            used = after
        }
    }

    /// Bytes written in one go: what a transaction might have to wait for.
    static let chunk: UInt64 = 4 << 20
    /// Bytes of commits that find no zeros ahead of them.
    static let largeCommit: UInt64 = 256 << 10

    private let environment: Environment
    private let ahead: UInt64
    private let state: Monitor<State>

    init?(_ environment: Environment, ahead: Int) {
        guard let info = try? environment.info, let size = try? environment.fileBytes else { return nil }
        self.environment = environment
        self.ahead = UInt64(ahead)
        state = Monitor(State(limit: max(size, info.usedBytes), used: info.usedBytes))
    }

    /// Called by the writer before a transaction: keeps zeros out of all that it could write.
    func willWrite(records: Int, bytes: Int) {
        // A value goes into a leaf page, which is left at least half full, or onto overflow pages, at most twice
        // its size; the rest is for keys, branches, tiles, commits and the free list.
        let most = UInt64(2 * bytes + 128 * records) + 4 << 20
        _ = state.wait { state -> Bool? in state.allows(reach: state.used + most) ? true : nil }
    }

    /// Called by the writer after a commit.
    func wrote() {
        guard let used = try? environment.info.usedBytes else { return }
        let wake = state.withLock { state in
            state.committed(used: used)
            return state.wantsMore(ahead)
        }
        if wake { state.broadcast() }
    }

    /// Body of the zeroing thread. Any failure, or a disk with little room left, just ends it: this is only for speed.
    func run() {
        while true {
            let from: UInt64? =
                state.wait { state -> UInt64?? in
                    if state.stopping { return .some(nil) }
                    return state.nextChunk(ahead: ahead).map { .some($0) }
                } ?? nil
            guard let from else { return }
            // The last of a disk is for what is written in earnest: read models and keys lie on it too.
            let hasRoom = EventLog.freeBytes(at: environment.path) >= 2 * ahead + Self.chunk
            let done: Void? = hasRoom ? try? environment.writeZeros(at: from, count: Int(Self.chunk)) : nil
            state.withLock { state in
                state.writing = false
                if done == nil { state.stopping = true }
            }
            state.broadcast()
        }
    }

    func stop() {
        state.withLock { $0.stopping = true }
        state.broadcast()
    }
}
