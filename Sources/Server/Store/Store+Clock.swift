import EventLog
import Intake
import Wire

/// The log's clock, as whoever runs the store sees it.
extension Store {
    /// What the clock says, and how far it holds back the machine's.
    public struct ClockReading: Hashable, Sendable {
        /// What is decided and recorded by.
        public var believed: Instant
        /// How far the machine's clock stands ahead of that, in microseconds; 0 while it is followed.
        public var heldBack: Int64
        public var isSimulated: Bool
    }

    public func clockReading() throws(StoreError) -> ClockReading {
        ClockReading(believed: try clock(), heldBack: log.clockHeldBackMicroseconds, isSimulated: isSimulated)
    }

    /// Says that the machine's clock is right, by whoever looked. It is followed from now on, and that is recorded, by whom: the record
    /// is also what the next start goes by.
    ///
    /// - Returns: how far it had been held back, in microseconds; 0 where it was followed already, and nothing was recorded.
    /// - Throws: `usage` on a store whose clock is simulated.
    @discardableResult
    public func acceptClock(asker: Asker) throws(StoreError) -> Int64 {
        if isSimulated { throw .usage("this store's clock is simulated: there is no other to accept") }
        let heldBack = log.clockHeldBackMicroseconds
        guard heldBack > 0 else { return 0 }
        log.acceptClockJump()
        var w = JSONWriter(capacity: 128)
        w.object { w in
            w.member("v", 1)
            w.key("clockAccepted")
            w.object { w in
                w.member("heldBackMicroseconds", heldBack)
                w.member("systemUser", asker.systemUser)
                if let user = asker.user { w.member("operator", user) }
            }
        }
        let content = w.finish()
        try StoreError.translating {
            let record = try sealer.seal(.housekeeping, slotB: .region, bodyB: [BodyItem(content)])
            _ = try appendOne(Proposal(records: [record]))
        }
        return heldBack
    }
}
