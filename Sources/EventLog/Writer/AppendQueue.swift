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

    let maxRecords: Int
    let maxBytes: Int
    private let state = Monitor(State())

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
            return state.units.count >= state.wanted
        }
        if wake { state.signal() }
    }

    /// Everything that waits, up to the byte bound of a group (at least one unit): waits for the first, and before
    /// that up to `lingerMicroseconds` for as many as `expected`.
    ///
    /// - Returns: nil once the queue is closed and empty.
    func take(expected: Int, lingerMicroseconds: Int, groupBytes: Int) -> [AppendUnit]? {
        if expected > 1 {
            _ = state.wait(timeoutMicroseconds: lingerMicroseconds) { state -> Bool? in
                state.wanted = expected
                return state.units.count >= expected || state.closed != nil || state.bytes >= groupBytes
                    ? true : nil
            }
        }
        return state.wait { state -> [AppendUnit]?? in
            state.wanted = 1
            if state.units.isEmpty { return state.closed == nil ? nil : .some(nil) }
            return .some(Self.split(&state, groupBytes))
        } ?? nil
    }

    private static func split(_ state: inout State, _ groupBytes: Int) -> [AppendUnit] {
        var (count, bytes, records) = (0, 0, 0)
        while count < state.units.count, count == 0 || bytes + state.units[count].bytes <= groupBytes {
            bytes += state.units[count].bytes
            records += state.units[count].records
            count += 1
        }
        state.bytes -= bytes
        state.records -= records
        if count == state.units.count {
            var group: [AppendUnit] = []
            group.reserveCapacity(count)
            swap(&group, &state.units)
            return group
        }
        let group = Array(state.units[..<count])
        state.units.removeFirst(count)
        return group
    }

    /// Takes no more; what waits is still taken unless `dropping`.
    func close(_ reason: LogError, dropping: Bool) {
        let dropped = state.withLock { state in
            if state.closed == nil || dropping { state.closed = reason }
            if !dropping { return [AppendUnit]() }
            defer { state.units = [] }
            return state.units
        }
        state.broadcast()
        for unit in dropped { unit.reply.send(.failure(reason)) }
    }

    var waiting: (units: Int, bytes: Int) { state.withLock { ($0.units.count, $0.bytes) } }
}
