import CareRecord
import Wire

/// Reads one scanned message: its entries, then whom they name, then each as an item.
struct FHIRMessageReader {
    let intake: FHIRIntake
    let document: JSONDocument
    var entries: [BundleEntry] = []
    /// fullUrls, and `Type/id` of specimens, to entries.
    var index = ReferenceIndex()
    /// Conditional references (`Type?identifier=system|value`) to entries; made when one is first met.
    var conditional: ReferenceIndex?
    /// Server roots of the entries' fullUrls, each with its slash: absolute references below them are local.
    var bases: [[UInt8]] = []
    var patient: NamedPatient?
    /// A subject or patient given by identifier alone.
    var logicalPatient: Int?
    var codeSystems = InternedStrings()
    /// Entries that are an organisation or a part of one, as `Type/id`, by number.
    var organisationEntries: [[UInt8]: Int] = [:]
    /// Bundle.timestamp.
    var asserted: Instant?
    var messageID = ""
    /// The resources inside a Bundle that is kept whole.
    var inner: [BundleEntry] = []
    /// By number, entries that are held already, and the source's ids of what is held.
    var standing: [Int: String] = [:]
    /// Another kind of Bundle: one resource, whose inside stays as it is.
    var isOpaque = false

    struct NamedPatient {
        var sourceID: [UInt8]
        /// Tape index of where it was first named.
        var at: Int
    }

    init(intake: FHIRIntake, document: JSONDocument) { (self.intake, self.document) = (intake, document) }

    mutating func draft(file: String?, line: Int?) throws(FHIRFault) -> MessageDraft {
        try readEntries()
        var items: [ItemDraft] = []
        items.reserveCapacity(entries.count)
        for i in entries.indices where !entries[i].stands { items.append(try item(of: entries[i])) }
        guard !items.isEmpty else {
            throw FHIRFault(
                .emptyBundle, at: 0, "all that it would create is held already: there is nothing to take")
        }
        if patient == nil, let logicalPatient {
            throw FHIRFault(
                .patientUnresolved, at: logicalPatient,
                "the patient is given by identifier only: refer to Patient/ and the patient's id, or send it along"
            )
        }
        let subjects = self.subjects(items)
        let meta = MessageMeta(
            source: intake.source, messageID: messageID, mediaType: "application/fhir+json", file: file,
            line: line, asserted: asserted ?? (items.count == 1 ? items[0].meta.asserted : nil),
            subject: subjects[0].subject, isAboutPatient: patient != nil, patient: try assertion())
        var draft = MessageDraft(
            meta: meta, raw: document.bytes, subjects: subjects,
            events: careStatements(items).map { .care($0) })
        for (number, entry) in entries.enumerated() where entry.stands {
            draft.standing.append(
                StandingEntry(
                    number: number, type: String(decoding: entry.type, as: UTF8.self),
                    sourceID: String(decoding: entry.sourceID, as: UTF8.self)))
        }
        return draft
    }

    /// All items are the named patient's; where there is none, each is a subject of its own.
    private func subjects(_ items: [ItemDraft]) -> [SubjectDraft] {
        if let patient {
            let id = String(decoding: patient.sourceID, as: UTF8.self)
            let subject = SubjectID(organisation: intake.source, localID: id)
            return [SubjectDraft(subject: subject, items: items)]
        }
        return items.map { item in
            let id = "\(item.meta.type)/\(item.meta.sourceID)"
            return SubjectDraft(
                subject: SubjectID(organisation: intake.source, localID: id), items: [item])
        }
    }

    private func assertion() throws(FHIRFault) -> PatientAssertion? {
        for entry in entries where entry.isPatient && !entry.stands {
            guard let resource = entry.resource else { continue }
            var reader = PatientReader(document: document, intake: intake)
            return try reader.assertion(
                resource, sourceID: entry.sourceID, asserted: lastUpdated(resource) ?? asserted)
        }
        return nil
    }

    /// Notes that the message names a patient.
    mutating func name(patient id: some Collection<UInt8>, at index: Int) throws(FHIRFault) {
        guard let patient else {
            self.patient = NamedPatient(sourceID: Array(id), at: index)
            return
        }
        if patient.sourceID.elementsEqual(id) { return }
        let first = String(decoding: patient.sourceID, as: UTF8.self)
        let second = String(decoding: id, as: UTF8.self)
        throw FHIRFault(
            .twoPatients, at: index,
            """
            the message names two patients, Patient/\(first) at \(document.path(to: patient.at)) and \
            Patient/\(second) here: send one message for each
            """)
    }

    /// One resource as an item.
    private mutating func item(of entry: BundleEntry) throws(FHIRFault) -> ItemDraft {
        let daybookID = Array(entry.target.reference[(entry.type.count + 1)...])
        var meta = ItemMeta(
            operation: .delete, type: String(decoding: entry.type, as: UTF8.self),
            sourceID: String(decoding: entry.sourceID, as: UTF8.self),
            daybookID: String(decoding: daybookID, as: UTF8.self),
            category: category(of: entry, nil), asserted: asserted)
        if entry.isPatient { try name(patient: entry.sourceID, at: entry.at) }
        guard let resource = entry.resource else { return ItemDraft(meta: meta, content: .literal([])) }

        var walk = ResourceWalk(entry: entry, resource: resource, daybookID: daybookID)
        try self.walk(&walk)
        let token = document.tokens[resource]
        let splice = JSONSplice(
            start: Int(token.start), length: Int(token.end - token.start), edits: walk.edits)
        meta.operation = walk.isInError ? .enteredInError : .upsert
        meta.category = category(of: entry, walk)
        meta.asserted = walk.asserted ?? asserted
        meta.effective = walk.effective
        meta.status = walk.status
        meta.codes = walk.codes.values
        meta.references = walk.references
        if entry.isPatient { meta.splits = PatientSplits.of(splice, in: document.bytes) }
        guard walk.metaBytes <= intake.limits.metaBytes else {
            throw FHIRFault(
                .tooLarge, at: resource, "its codes and references take more than can be kept beside it")
        }
        return ItemDraft(meta: meta, content: .derived(splice))
    }
}
