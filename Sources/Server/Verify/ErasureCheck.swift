import EventLog
import Projections
import Wire

/// Holds the erasures that the log orders against the key store: a key that was to be destroyed and is there again makes readable what
/// was erased (an older copy of the key store was put back), and one whose order nobody carries out any more does so too.
enum ErasureCheck {
    /// - Parameter head: orders through here are looked at.
    /// - Returns: what is wrong, and at which order.
    static func problems(
        _ log: EventLog, _ keys: KeyStore, _ opener: RecordOpener, through head: Position
    ) throws -> [VerifyReport.Problem] {
        let events = try ErasureEvents(log, opener, after: .start, through: head)
        // Read after the orders were: an erasure whose order is in the log has its note until its keys are destroyed.
        let bytes = try keys.erasureUnderWay()
        let note = bytes.flatMap { ErasureNote($0) }
        var problems: [VerifyReport.Problem] = []
        if bytes != nil, note == nil {
            problems.append(
                .init(
                    position: .start,
                    what:
                        "the key store's note of an erasure under way does not read; the next start finishes what was ordered"
                ))
        }
        for erasure in events.erasures {
            for order in erasure.orders where !keys.isDestroyed(order.order.slot) {
                let isUnderWay =
                    note.map { erasure.destroyed == nil && $0.id == erasure.id && order.position > $0.since }
                    ?? false
                if isUnderWay { continue }
                problems.append(.init(position: order.position, what: words(erasure, order.order.slot)))
            }
        }
        return problems
    }

    private static func words(_ erasure: ErasureEvents.Erasure, _ slot: KeySlot) -> String {
        guard let destroyed = erasure.destroyed else {
            return
                "the erasure that is ordered here was not carried out: \(slot) has its key, and nothing tells the next start of it"
        }
        return
            "what this ordered to be erased can be read: \(slot) has its key, which was destroyed at \(destroyed); was an older copy of "
            + "the key store put back? `daybook erasures export FILE`, then `daybook erasures apply FILE`, erases it anew"
    }
}
