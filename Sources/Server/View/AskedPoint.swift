import CareRecord
import EventLog
import Wire

/// WHEN, resolved: the records to look at, the instant to compare periods with, and what the answer says of both.
struct AskedPoint: Hashable {
    var position: Position
    /// Effective periods are compared with it.
    var instant: Instant
    /// What `at.time` shows.
    var shown: Instant?
    /// Whether later events can no longer change the answer.
    var isFinal: Bool

    var decision: DecisionPoint { DecisionPoint(instant: instant, position: position) }
}

extension Store {
    /// Resolves a WHEN against the log as it is (decision 4, clauses 1 and 2).
    ///
    /// - Throws: `usage` for a position past the head.
    func point(_ when: When?, head: LogHead, calendar: StoreCalendar) throws(StoreError) -> AskedPoint {
        func newest(_ instant: Instant, shown: Instant) -> AskedPoint {
            AskedPoint(position: head.position, instant: instant, shown: shown, isFinal: false)
        }
        guard let when else { return newest(try clock(), shown: head.recordedAt) }
        return try StoreError.translating {
            let instant: Instant
            switch when {
            case .head: return newest(head.recordedAt, shown: head.recordedAt)
            case .position(let position):
                guard position <= head.position else {
                    throw StoreError.usage("\(position) is past the newest record, \(head.position)")
                }
                let end = try log.batchEnd(of: position)
                let recorded = try log.time(of: end)
                return AskedPoint(position: end, instant: recorded, shown: recorded, isFinal: true)
            case .instant(let given): instant = given
            case .date(let day): instant = calendar.end(of: day)
            }
            if instant >= head.recordedAt { return newest(instant, shown: instant) }
            let position = try log.resolve(instant)
            return AskedPoint(position: position, instant: instant, shown: instant, isFinal: true)
        }
    }
}
