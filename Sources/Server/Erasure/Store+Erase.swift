import CareRecord
import Ciphers
@_spi(Torture) import EventLog
import Intake
import Projections
import Wire

/// Erasure (decision 10): first the order, an event; then the keys; then the event that they are gone.
///
/// The key store knows of it before the order is written, so that the next start finishes what a crash cut short.
extension Store {
    /// Erases what is held of a patient: when this returns, nobody can read it any more, in whatever file of the store.
    ///
    /// - Throws: as `erasurePlan`; `usage` with `allLinked` and without the plan's code; `busy` where the patient moved meanwhile; what
    ///   keeps an earlier erasure, ordered and not finished, from being finished now.
    public func erase(_ request: ErasureRequest) throws(StoreError) -> ErasureReport {
        // Most of the log is read before others have to wait. Whatever keeps it from being read is met again, and thrown, below.
        var told: ToldSlots?
        do throws(StoreError) { told = try toldSlots(for: request) } catch { told = nil }
        intake.lock()
        defer { intake.unlock() }
        // There is one note: what an earlier erasure left to do comes first, and this one waits for it.
        try finishErasure()
        let plan = try erasurePlan(request, told: told)
        if request.allLinked || request.confirmation != nil, request.confirmation != plan.code {
            throw .usage(
                "this takes \(plan.subjects.count) linked records: look at the list, and say --confirm \(plan.code)"
            )
        }
        let id: [UInt8]
        do throws(CipherError) { id = try SecureRandom.bytes(16) } catch { throw .io("\(error)") }
        let orders = plan.targets.map { target in
            (
                target.stream,
                ErasureOrder(
                    id: id, target: target.kind, slot: target.slot, authority: request.authority,
                    approvedBy: request.approvedBy, operatorUser: request.asker.user,
                    systemUser: request.asker.systemUser, allLinked: request.allLinked, closes: target.closes)
            )
        }
        let identityHeld = Condition.classUnchanged(.identity, since: plan.head.position)
        let appended = try carryOut(
            id, orders, since: plan.head.position,
            conditions: [identityHeld]
                + plan.targets.map { .streamUnchanged($0.stream, since: plan.head.position) })
        return ErasureReport(plan: plan, ordered: appended.orders, destroyed: appended.destroyed)
    }

    /// Orders and destroys. The caller holds `intake`, and has finished what was under way.
    func carryOut(
        _ id: [UInt8], _ orders: [(stream: StreamToken, order: ErasureOrder)], since: Position,
        conditions: [Condition] = []
    ) throws(StoreError) -> (orders: AppendOutcome.Appended, destroyed: Position) {
        let appended = try StoreError.translating {
            var records: [SealedRecord] = []
            for (stream, order) in orders {
                records.append(
                    try sealer.seal(
                        .housekeeping, flags: .advancesStream, stream: stream, slotB: .region,
                        bodyB: [BodyItem(order.json)]))
            }
            // An order that could not be carried out would stand in the log for good.
            try keys.insistDestroyable(Set(orders.map(\.order.slot)))
            try keys.setErasureUnderWay(ErasureNote(id: id, since: since).bytes)
            try keys.reached(.intended)
            do {
                return try appendOne(Proposal(records: records, conditions: conditions))
            } catch {
                // Not ordered, as far as is known; where it was after all, the log stopped and the note finds it.
                if log.isWriting { try keys.setErasureUnderWay(nil) }
                throw error
            }
        }
        do throws(LogError) { try keys.reached(.ordered) } catch { throw .log(error) }
        guard let destroyed = try finishErasure() else {
            throw .io("the order at \(appended.first) is not there")
        }
        return (appended, destroyed)
    }

    /// Does what is left of an erasure that was ordered: from the key store's note, whoever wrote it.
    ///
    /// - Returns: where the log says that the keys are destroyed; nil where nothing is under way.
    @discardableResult
    func finishErasure() throws(StoreError) -> Position? {
        try StoreError.translating {
            guard let bytes = try keys.erasureUnderWay() else { return nil }
            var destroyed: Position?
            for (id, orders) in try unfinished(ErasureNote(bytes)) {
                let slots = orders.map(\.order.slot)
                try keys.destroy(Set(slots))
                subjectNames.withLock { names in
                    for order in orders { names[order.stream] = nil }
                }
                let record = try sealer.seal(
                    .housekeeping, slotB: .region,
                    bodyB: [BodyItem(KeysDestroyed(id: id, slots: slots).json)])
                destroyed = try appendOne(Proposal(records: [record])).first
                try keys.reached(.recorded)
            }
            // What read models hold is unreadable already; now it is gone as well.
            let head = try catchUp()
            try trail.catchUp(to: head.position)
            try people.catchUp(to: head.position)
            try keys.setErasureUnderWay(nil)
            return destroyed
        }
    }

    /// The orders whose keys the log does not say are destroyed, by their erasure's id, oldest first: those after the note, and where there
    /// is none of its id, or it does not read, those of the whole log. A note that was damaged keeps no order from being carried out.
    private func unfinished(
        _ note: ErasureNote?
    ) throws -> [(id: [UInt8], orders: [(stream: StreamToken, order: ErasureOrder)])] {
        if let note {
            let found = try ErasureEvents(log, opener, after: note.since, through: log.headPosition)
            if found.erasures.contains(where: { $0.id == note.id }) {
                return found.unfinished.map { ($0.id, $0.orders.map { ($0.stream, $0.order) }) }
            }
        }
        let all = try ErasureEvents(log, opener, after: .start, through: log.headPosition)
        return all.unfinished.map { ($0.id, $0.orders.map { ($0.stream, $0.order) }) }
    }

    /// What was erased of the streams, for an answer about them.
    func erasedNotices(of subjects: [StreamToken]) throws(StoreError) -> [ErasedNotice] {
        try StoreError.translating {
            guard try log.classHead(.housekeeping) > .start else { return [] }
            var out: [ErasedNotice] = []
            var kinds: [ErasureKind] = []
            var counted: [Set<StreamToken>] = []
            for position in try identityReader(at: identity.position).erasures(of: subjects) {
                let record = try log.read(at: position)
                guard let order = try opener.erasureOrder(of: record) else { continue }
                let kind = ErasureKind(id: order.id, authority: order.authority, origin: order.origin)
                let stream = record.header.stream
                if let index = kinds.firstIndex(of: kind) {
                    // A stream of two keys has two orders.
                    if counted[index].insert(stream).inserted { out[index].subjects += 1 }
                    continue
                }
                kinds.append(kind)
                counted.append([stream])
                out.append(
                    ErasedNotice(
                        position: position, time: order.origin?.recordedAt ?? record.header.recordedAt,
                        authority: order.authority, subjects: 1))
            }
            return out
        }
    }
}

/// Orders that are one erasure to a reader. Those made anew from a ledger share an id, and are not.
private struct ErasureKind: Hashable {
    var id: [UInt8]
    var authority: String
    var origin: ErasureOrder.Origin?
}
