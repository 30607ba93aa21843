import Wire

extension EventLog {
    /// Sets a simulated log's clock; nil leaves it to stand just after the newest record.
    ///
    /// - Throws: `clockBehind` before the newest record; `notSimulated`; `readOnly`. An empty log takes it for its
    ///   first record, which decides.
    public func simulate(now: Instant?) throws(LogError) {
        guard let writer else { throw .readOnly }
        let head = board.head
        if let now, head.position > .start, now < head.recordedAt {
            throw .clockBehind(newest: head.recordedAt, given: now)
        }
        try writer.clock.withLock { (clock) throws(LogError) in
            if !clock.isSimulated, head.position > .start { throw .notSimulated }
            clock.simulated = now
        }
    }

    /// What the clock says: the wall, as far as it is believed. The next record's time is later than this only where the newest one's is.
    ///
    /// - Throws: `readOnly` beside a writer, whose clock it is.
    public var now: Instant {
        get throws(LogError) {
            guard let writer else { throw .readOnly }
            return Instant(microseconds: writer.clock.withLock { $0.reading() })
        }
    }

    /// How far the wall clock stands ahead of what the log believes, in microseconds; zero while it is followed.
    /// More than that bound (an hour while open, a year and a day past the newest record at open) is not followed
    /// until `acceptClockJump`.
    public var clockHeldBackMicroseconds: Int64 { writer?.clock.withLock { $0.heldBack } ?? 0 }

    /// Tells the log that the wall clock is right.
    public func acceptClockJump() { writer?.clock.withLock { $0.acceptJump() } }
}
