import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Sees to it that an item is in one patient's record only, and that a retraction reaches it there (decision 3, clause 12).
///
/// One for each unit: messages earlier in the unit are seen by later ones.
struct Attribution {
    let store: Store
    let identity: IdentityReader
    private struct Claim {
        var token: StreamToken
        /// The log may not know its name yet.
        var subject: SubjectID
        /// When the newest word that made it so was said.
        var said: Instant
    }

    /// What messages of this unit claimed.
    private var claimed: [UInt64: Claim] = [:]

    init(store: Store, identity: IdentityReader) { (self.store, self.identity) = (store, identity) }

    /// The items that are the subject's alone, as hashes: and a Patient whose id is itself a hash, which else leads to nobody. A deletion
    /// claims nothing.
    static func claims(of draft: SubjectDraft, isAboutPatient: Bool, _ keys: KeyStore) -> [UInt64] {
        guard isAboutPatient else { return [] }
        return draft.items.filter { $0.meta.isOnePatients || $0.meta.isHashedPatient }.map {
            keys.claim($0.meta.reference)
        }
    }

    /// The message with its items where they belong.
    mutating func attributed(_ draft: MessageDraft) throws(StoreError) -> MessageDraft {
        var draft = draft
        if draft.meta.isAboutPatient {
            try takeOver(&draft)
        } else {
            try bringHome(&draft)
        }
        return draft
    }

    /// Items that were another patient's are deleted there; or here, where a newer word gave them to that patient already.
    private mutating func takeOver(_ draft: inout MessageDraft) throws(StoreError) {
        guard let own = draft.subjects.first else { return }
        let token = store.keys.token(of: .subject(own.subject))
        let now = try store.clock()
        var left: [StreamToken: [ItemDraft]] = [:]
        var names: [StreamToken: SubjectID] = [:]
        for (index, item) in own.items.enumerated()
        where item.meta.operation != .delete && item.meta.isOnePatients {
            let claim = store.keys.claim(item.meta.reference)
            var said = min(item.meta.asserted ?? draft.meta.asserted ?? now, now)
            if let before = try owner(of: claim), before != token {
                let gone = Self.deletion(of: item, asserted: item.meta.asserted ?? draft.meta.asserted)
                if let newest = try newest(item.meta, claim, under: before), said < newest {
                    draft.subjects[0].items[index] = gone
                    continue
                }
                names[before] = claimed[claim]?.subject
                left[before, default: []].append(gone)
            } else if let earlier = claimed[claim] {
                said = max(said, earlier.said)
            }
            claimed[claim] = Claim(token: token, subject: own.subject, said: said)
        }
        for (before, items) in left.sorted(by: { $0.key < $1.key }) {
            let subject: SubjectID
            if let name = names[before] {
                subject = name
            } else {
                subject = try store.subjectName(of: before)
            }
            // Erased: there is nothing left to take the items out of.
            if subject.organisation == Store.erasedOrganisation { continue }
            draft.subjects.append(SubjectDraft(subject: subject, items: items))
        }
    }

    private static func deletion(of item: ItemDraft, asserted: Instant?) -> ItemDraft {
        var meta = item.meta
        meta.operation = .delete
        meta.asserted = asserted
        (meta.effective, meta.status) = (nil, nil)
        (meta.codes, meta.references, meta.splits) = ([], [], [])
        return ItemDraft(meta: meta, content: .literal([]))
    }

    /// When the version in force of the owner's item was said; nil where there is nothing of it any more.
    private func newest(
        _ item: ItemMeta, _ claim: UInt64, under owner: StreamToken
    ) throws(StoreError) -> Instant? {
        let said = claimed[claim]?.said
        // Of one whom the log has no name of there is nothing in it: nobody was there before this unit, or they were erased.
        if try store.subjectName(of: owner).organisation == Store.erasedOrganisation { return said }
        let position = identity.position
        let held = try StoreError.translating { () -> Instant? in
            try store.record.catchUp(to: position)
            guard
                let place = try store.record.place(
                    of: (item.type, item.daybookID), under: owner, at: position)
            else { return nil }
            let record = try store.log.read(at: place.position)
            let meta = try store.opener.itemMeta(of: record, index: place.itemIndex)
            return min(meta.asserted ?? record.header.recordedAt, record.header.recordedAt)
        }
        return [held, said].compactMap(\.self).max()
    }

    /// Resources that name nobody go to the patient whose they are.
    private func bringHome(_ draft: inout MessageDraft) throws(StoreError) {
        for index in draft.subjects.indices {
            guard let item = draft.subjects[index].items.first,
                let owner = try owner(of: store.keys.claim(item.meta.reference))
            else { continue }
            let subject = try store.subjectName(of: owner)
            // The patient whose it was is erased: it is nobody's, and a subject of its own.
            if subject.organisation == Store.erasedOrganisation { continue }
            draft.subjects[index].subject = subject
        }
    }

    private func owner(of claim: UInt64) throws(StoreError) -> StreamToken? {
        if let claim = claimed[claim] { return claim.token }
        do throws(ProjectionError) { return try identity.owner(of: claim) } catch { throw .projection(error) }
    }
}

extension ItemMeta {
    /// Whether it is one patient's: it says whose it is, or is a document's bytes, which nobody shares. A Patient is its own.
    fileprivate var isOnePatients: Bool {
        operation != .delete && type != "Patient"
            && (type == "Binary" || references.contains { $0.hasPrefix("Patient/") })
    }
}

extension ItemMeta {
    fileprivate var isHashedPatient: Bool {
        operation != .delete && type == "Patient" && FHIRIntake.isHashed(daybookID)
    }
}

extension KeyStore {
    /// The keyed hash that an item's owner is kept under.
    func claim(_ reference: String) -> UInt64 { token(.view, Array("item\u{0}\(reference)".utf8)).high }
}
