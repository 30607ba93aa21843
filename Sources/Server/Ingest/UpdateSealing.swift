import CareRecord
import Ciphers
import EventLog
import Intake
import Projections
import Wire

/// Makes records of drafts (decision 1, clauses 4, 5 and 9). Pure but for random salts and keys: to be called on any thread.
struct UpdateSealing: Sendable {
    let keys: KeyStore
    let sealer: RecordSealer
    /// The region's own placeholders, beside the repeated digits.
    let placeholders: Set<NHSNumber>
    /// Asks the log for a stream's slot.
    let known: KnownSlot

    /// A message's records: one for each subject, the raw bytes with the first.
    ///
    /// - Parameter words: what it says, to be known by when it was said; they go with the patient's own record.
    func records(
        of draft: MessageDraft, key: MessageKey?, words: [UpdateFacts.Word] = []
    ) throws(LogError) -> [SealedRecord] {
        if draft.namesTwo { return try recordsOfTwo(draft, key: key, words) }
        var out: [SealedRecord] = []
        out.reserveCapacity(draft.subjects.count)
        for (index, subject) in draft.subjects.enumerated() {
            let isFirst = index == 0
            out.append(
                try record(
                    of: draft, subject, carriesRaw: isFirst, key: isFirst ? key : nil, isFirst ? words : []))
        }
        return out
    }

    /// A message that names two: the patient's own record, and the bytes, under a key that dies with either.
    private func recordsOfTwo(
        _ draft: MessageDraft, key: MessageKey?, _ words: [UpdateFacts.Word]
    ) throws(LogError) -> [SealedRecord] {
        let own = try record(of: draft, draft.subjects[0], carriesRaw: false, key: key, words)
        var slots: [KeySlot] = []
        for subject in [draft.meta.subject] + draft.others {
            slots.append(try keys.reserve(for: keys.token(.stream, subject.canonicalBytes), known: known))
        }
        let facts = UpdateFacts(
            source: draft.meta.source, isAboutPatient: true, asserts: false, asserted: draft.meta.asserted)
        let bytes = try sealer.seal(
            .sourceUpdate, flags: [.advancesStream, .foreignSlotA],
            stream: keys.token(.stream, draft.meta.subject.canonicalBytes), slotA: try keys.joint(of: slots),
            bodyA: [BodyItem(meta: draft.meta.encoded, draft.raw)], slotB: .region,
            bodyB: [BodyItem(meta: facts.encoded, [])])
        return [own, bytes]
    }

    private func record(
        of draft: MessageDraft, _ subject: SubjectDraft, carriesRaw: Bool, key: MessageKey?,
        _ words: [UpdateFacts.Word]
    ) throws(LogError) -> SealedRecord {
        var meta = draft.meta
        meta.subject = subject.subject
        var items: [BodyItem] = []
        items.reserveCapacity(subject.items.count + 1)
        items.append(BodyItem(meta: meta.encoded, carriesRaw ? draft.raw : []))
        for item in subject.items { items.append(try bodyItem(item, raw: draft.raw, carriesRaw: carriesRaw)) }
        let stream = keys.token(.stream, subject.subject.canonicalBytes)
        return try sealer.seal(
            .sourceUpdate, flags: .advancesStream, stream: stream,
            slotA: try keys.reserve(for: stream, known: known), bodyA: items,
            slotB: .region, bodyB: [BodyItem(meta: facts(of: draft, subject, words).encoded, [])],
            message: key)
    }

    private func bodyItem(
        _ item: ItemDraft, raw: [UInt8], carriesRaw: Bool
    ) throws(LogError) -> BodyItem {
        switch item.content {
        case .literal(let bytes): return BodyItem(meta: item.meta.encoded, bytes)
        case .derived(let splice):
            if carriesRaw { return BodyItem(meta: item.meta.encoded, content: .derived(splice)) }
            do throws(WireError) {
                return BodyItem(meta: item.meta.encoded, try splice.content(of: raw))
            } catch { throw .invalid(what: "a resource is not a part of its message: \(error)") }
        }
    }

    /// What folds without the person's key.
    private func facts(
        of draft: MessageDraft, _ subject: SubjectDraft, _ words: [UpdateFacts.Word]
    ) -> UpdateFacts {
        // Only the patient's own record asserts who they are; a record beside it takes an item from another.
        let patient = subject.subject == draft.meta.subject ? draft.meta.patient : nil
        let numbers = (patient?.numbers ?? []).filter {
            !$0.number.isPlaceholder && !placeholders.contains($0.number)
        }
        return UpdateFacts(
            source: draft.meta.source, isAboutPatient: draft.meta.isAboutPatient, asserts: patient != nil,
            asserted: patient?.asserted ?? draft.meta.asserted,
            numbers: numbers.map {
                let token = keys.numberToken($0.number)
                return UpdateFacts.NumberToken(high: token.high, low: token.low, verified: $0.verified)
            }, claims: Attribution.claims(of: subject, isAboutPatient: draft.meta.isAboutPatient, keys),
            words: words)
    }

    /// A message that could not be taken, whole, under a key of its own.
    func quarantine(_ entry: QuarantineEntry, raw: [UInt8], key: MessageKey) throws(LogError) -> SealedRecord
    {
        let stream = keys.token(.stream, Array("\u{0}quarantine\u{0}".utf8) + key.id.bytes + key.digest.bytes)
        var code = JSONWriter(capacity: 64)
        code.object { w in
            w.member("code", entry.code)
            w.member("source", entry.source)
        }
        return try sealer.seal(
            .quarantined, stream: stream, slotA: try keys.reserve(for: stream, known: known),
            bodyA: [BodyItem(raw), BodyItem(entry.json)], slotB: .region, bodyB: [BodyItem(code.finish())],
            message: key)
    }
}
