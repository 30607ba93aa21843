import CareRecord
import EventLog
import Foundation
import Intake
import Projections
import Wire

/// Facts about patients, as events (decision 1, clauses 6 and 7).
extension Store {
    /// Records the facts in order, all or nothing, and after them the alerts that they raise.
    ///
    /// - Throws: `usage` where an ending names something that was never recorded, or a fact is not its own user's to
    ///   declare; `refused` where a seal or a case is not the recorder's.
    public func recordPolicy(_ drafts: [PatientFactDraft], asker: Asker) throws(StoreError) -> AppendOutcome
        .Appended?
    {
        if drafts.isEmpty { return nil }
        intake.lock()
        defer { intake.unlock() }
        let head = try catchUp()
        let reader = policyReader(at: head.position)
        var kept: [FactName: StreamToken] = [:]
        var records: [SealedRecord] = []
        var alerts: [(alert: Alert, tokens: [StreamToken])] = []
        var rights = try RecordingRights(self, asker, head: head)
        for (index, draft) in drafts.enumerated() {
            var fact = draft.fact
            try rights.attribute(&fact, draft)
            let tokens = try tokens(of: fact, draft, kept, reader)
            if let id = fact.id, let under = tokens.first {
                kept[FactName(kind: fact.kind.refersTo ?? fact.kind, id: id)] = under
            }
            try rights.check(fact, draft, under: tokens.first)
            // Alerts follow all facts, in their order: the first one stands where the facts end.
            let back = UInt64(drafts.count + alerts.count - index)
            if let alert = try alert(for: fact, back: back) { alerts.append((alert, tokens)) }
            do throws(LogError) { records.append(try factRecord(fact, tokens)) } catch { throw .log(error) }
        }
        do throws(LogError) {
            for raised in alerts { records.append(try alertRecord(raised.alert, about: raised.tokens)) }
        } catch { throw .log(error) }
        return try appendOne(Proposal(records: records))
    }

    private struct FactName: Hashable {
        var kind: PatientFactKind
        var id: String
    }

    /// Whom the fact is about: what it is kept under first.
    private func tokens(
        of fact: PatientFact, _ draft: PatientFactDraft, _ kept: [FactName: StreamToken],
        _ reader: PolicyReader
    ) throws(StoreError) -> [StreamToken] {
        guard let patient = fact.patient else {
            let first = fact.kind.refersTo ?? fact.kind
            guard let id = fact.id else {
                throw .usage("line \(draft.line): \(draft.field): names neither a patient nor an id")
            }
            if let token = kept[FactName(kind: first, id: id)] { return [token] }
            do throws(ProjectionError) {
                if let token = try reader.keptUnder(first, id: id) { return [token] }
            } catch { throw .projection(error) }
            throw .usage(
                "line \(draft.line): \(draft.field): no \(first.rawValue) with the id \(id) was recorded; record it first, or name it"
            )
        }
        var tokens = [keys.token(of: patient)]
        if let other = fact.other { tokens.append(keys.token(of: other)) }
        if let old = fact.oldNumber { tokens.append(keys.numberToken(old)) }
        if let new = fact.newNumber { tokens.append(keys.numberToken(new)) }
        return tokens
    }

    /// A fact's record. One that names two is sealed so that it dies with either.
    func factRecord(_ fact: PatientFact, _ tokens: [StreamToken]) throws(LogError) -> SealedRecord {
        var slots: [KeySlot] = []
        for token in tokens { slots.append(try keys.reserve(for: token, known: knownSlot)) }
        let slot = try keys.joint(of: slots)
        var flags: RecordFlags = [.advancesStream]
        if slots.count > 1 { flags.insert(.foreignSlotA) }
        do {
            return try sealer.seal(
                fact.kind.isIdentity ? .identity : .patientFact, flags: flags, stream: tokens[0], slotA: slot,
                bodyA: [BodyItem(try fact.json())], slotB: .region,
                bodyB: [BodyItem(meta: FactTokens(tokens).encoded, try fact.withoutPerson.json())])
        } catch let error as LogError { throw error } catch { throw .invalid(what: "\(error)") }
    }

    /// The record of an automatic link.
    func linkRecord(_ link: AutomaticLinks.Link) throws(LogError) -> SealedRecord {
        var fact = PatientFact(.linked, patient: .subject(link.a))
        fact.other = .subject(link.b)
        fact.evidence = link.evidence
        return try factRecord(
            fact, [keys.token(of: .subject(link.a)), keys.token(of: .subject(link.b))])
    }
}
