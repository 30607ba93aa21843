import Glibc
import Synchronization

/// What waits for the writer, bounded in records and bytes.
final class AppendQueue: Sendable {
    struct State {
        var units: [AppendUnit] = []
        var records = 0
        var bytes = 0
        /// Units the writer waits for; it is only woken when they are there.
        var wanted = 1
        var closed: LogError?
    }

    /// How long the writer looks again and again before it sleeps: those just answered come sooner than a thread wakes.
    private static let lookMicroseconds: Int64 = 30
    /// Records past which a transaction is no longer begun with what is there, but only with all that is expected: filling it in would
    /// take longer than those would be waited for.
    private static let earlyRecords = 128

    let maxRecords: Int
    let maxBytes: Int
    private let state = Monitor(State())
    /// Units that wait, to be looked at without the lock.
    private let count = Atomic(0)

    init(maxRecords: Int, maxBytes: Int) {
        (self.maxRecords, self.maxBytes) = (maxRecords, maxBytes)
    }

    /// - Throws: `busy` past the bounds (one unit is always taken), or what closed the queue.
    func add(_ unit: AppendUnit) throws(LogError) {
        let wake = try state.withLock { (state) throws(LogError) in
            if let closed = state.closed { throw closed }
            let full = state.records + unit.records > maxRecords || state.bytes + unit.bytes > maxBytes
            if full, !state.units.isEmpty { throw .busy(retryAfterMilliseconds: 20) }
            state.units.append(unit)
            state.records += unit.records
            state.bytes += unit.bytes
            count.store(state.units.count, ordering: .relaxed)
            return state.units.count >= state.wanted
        }
        if wake { state.signal() }
    }

    /// Everything that waits, up to the byte bound of a group (at least one unit): waits for the first, and before
    /// that up to `lingerMicroseconds` for as many as `expected`.
    ///
    /// - Parameter joining: begins with the first few, and leaves the group open for `join`.
    /// - Returns: nil once the queue is closed and empty.
    func take(expected: Int, lingerMicroseconds: Int, groupBytes: Int, joining: Bool) -> AppendGroup? {
        let lingers = expected > 1 && lingerMicroseconds > 0
        let until = TimeSource.system.monotonic() + Int64(lingerMicroseconds)
        if lingers {
            if joining { look(until: until) }
            linger(until) { state in
                let early = joining && !state.units.isEmpty && state.records <= Self.earlyRecords
                // Woken by the first: where that is a large one, all are waited for after all.
                state.wanted = joining && state.units.isEmpty ? 1 : expected
                return early || state.units.count >= expected || state.bytes >= groupBytes
            }
        }
        let units = state.wait { state -> [AppendUnit]?? in
            state.wanted = 1
            if state.units.isEmpty { return state.closed == nil ? nil : .some(nil) }
            return .some(self.split(&state, groupBytes))
        }
        guard let units = units ?? nil else { return nil }
        if !lingers || !joining { return AppendGroup(units) }
        var group = AppendGroup(expected: expected, openUntil: until, maxBytes: groupBytes)
        group.add(units)
        return group
    }

    /// Takes into an open group what came since, and waits for it while fewer have come than are expected.
    ///
    /// - Returns: whether there was any.
    func join(_ group: inout AppendGroup) -> Bool {
        guard group.openMicroseconds > 0 else { return false }
        look(until: group.openUntil)
        let (most, until) = (group.maxBytes, group.openUntil)
        if count.load(ordering: .relaxed) == 0 { linger(until) { !$0.units.isEmpty } }
        let left = most - group.bytes
        let units = state.withLock { state in
            // With the lock held: who comes in now was called before the time is up.
            let isOver = state.units.isEmpty || TimeSource.system.monotonic() >= until
            // The first that does not fit is the next group's.
            return isOver || state.units[0].bytes > left ? [] : split(&state, left)
        }
        group.add(units)
        return !units.isEmpty
    }

    /// Sleeps until there is enough, the queue is closed, or the time is up.
    private func linger(_ until: Int64, _ isEnough: (inout State) -> Bool) {
        let left = until - TimeSource.system.monotonic()
        if left <= 0 { return }
        _ = state.wait(timeoutMicroseconds: Int(left)) { state -> Bool? in
            isEnough(&state) || state.closed != nil ? true : nil
        }
    }

    /// Looks for the first without sleeping. Any other thread that wants the processor has it.
    private func look(until: Int64) {
        let end = min(until, TimeSource.system.monotonic() + Self.lookMicroseconds)
        while count.load(ordering: .relaxed) == 0, TimeSource.system.monotonic() < end { sched_yield() }
    }

    private func split(_ state: inout State, _ groupBytes: Int) -> [AppendUnit] {
        var (taken, bytes, records) = (0, 0, 0)
        while taken < state.units.count, taken == 0 || bytes + state.units[taken].bytes <= groupBytes {
            bytes += state.units[taken].bytes
            records += state.units[taken].records
            taken += 1
        }
        state.bytes -= bytes
        state.records -= records
        defer { count.store(state.units.count, ordering: .relaxed) }
        if taken == state.units.count {
            var group: [AppendUnit] = []
            group.reserveCapacity(taken)
            swap(&group, &state.units)
            return group
        }
        let group = Array(state.units[..<taken])
        state.units.removeFirst(taken)
        return group
    }

    /// Takes no more; what waits is still taken unless `dropping`.
    func close(_ reason: LogError, dropping: Bool) {
        let dropped = state.withLock { state in
            if state.closed == nil || dropping { state.closed = reason }
            if !dropping { return [AppendUnit]() }
            defer {
                state.units = []
                count.store(0, ordering: .relaxed)
            }
            return state.units
        }
        state.broadcast()
        for unit in dropped { unit.reply.send(.failure(reason)) }
    }

    var waiting: (units: Int, bytes: Int) { state.withLock { ($0.units.count, $0.bytes) } }
}
