import CareRecord
import EventLog
import Intake
import Wire

/// Events out of the log's records: which part holds what is decision 1's.
extension RecordOpener {
    /// Of a source update: what folds without the person's key.
    public func updateFacts(of record: StoredRecord) throws(ProjectionError) -> UpdateFacts {
        let body = try opened(.b, of: record)
        return try decoded(record) { () throws(WireError) in try UpdateFacts(decoding: body.meta(of: 0)) }
    }

    /// Of a patient's fact: the fact without the person, and the tokens in their place.
    public func patientFact(of record: StoredRecord) throws(ProjectionError) -> SealedFact {
        let body = try opened(.b, of: record)
        let tokens = try decoded(record) { () throws(WireError) in try FactTokens(decoding: body.meta(of: 0))
        }
        do {
            return SealedFact(fact: try PatientFact(json: body.content(of: 0)), tokens: tokens.tokens)
        } catch {
            throw .record(record.header.position, what: "\(error)")
        }
    }

    /// The same for callers beyond this module.
    public func sealedFact(
        of record: StoredRecord
    ) throws(ProjectionError) -> (fact: PatientFact, tokens: [StreamToken]) {
        let sealed = try patientFact(of: record)
        return (sealed.fact, sealed.tokens)
    }

    /// Of a patient's fact: the fact whole, with what names and describes the person.
    ///
    /// - Throws: `keyDestroyed` once the person was erased.
    public func wholeFact(of record: StoredRecord) throws(ProjectionError) -> PatientFact {
        let body = try opened(.a, of: record)
        do { return try PatientFact(json: body.content(of: 0)) } catch {
            throw .record(record.header.position, what: "\(error)")
        }
    }

    public func regionFact(of record: StoredRecord) throws(ProjectionError) -> RegionFact {
        let body = try opened(.b, of: record)
        do {
            return try RegionFact(json: body.content(of: 0))
        } catch {
            throw .record(record.header.position, what: "\(error)")
        }
    }

    public func receipt(of record: StoredRecord) throws(ProjectionError) -> Receipt {
        try Receipt(json: Array(try opened(.b, of: record).content(of: 0)))
    }

    /// - Returns: nil where the receipt is about no patient, and once a key of the patient's was destroyed.
    public func receiptDetail(of record: StoredRecord) throws(ProjectionError) -> ReceiptDetail? {
        if record.header.lengthA == 0 { return nil }
        do throws(ProjectionError) {
            return try ReceiptDetail(json: Array(try opened(.a, of: record).content(of: 0)))
        } catch .keyDestroyed {
            return nil
        }
    }

    /// What a housekeeping record says.
    func housekeeping(of record: StoredRecord) throws(ProjectionError) -> ArraySlice<UInt8> {
        try opened(.b, of: record).content(of: 0)
    }

    /// Of an alert: what it says, and whom it is about.
    public func alert(
        of record: StoredRecord
    ) throws(ProjectionError) -> (alert: Alert, subjects: [StreamToken]) {
        let body = try opened(.b, of: record)
        let tokens = try decoded(record) { () throws(WireError) in try FactTokens(decoding: body.meta(of: 0))
        }
        return (try Alert(json: Array(body.content(of: 0))), tokens.tokens)
    }

    /// Of a housekeeping record: the quarantined message it closes.
    func closedQuarantine(of record: StoredRecord) throws(ProjectionError) -> Position? {
        let content = try housekeeping(of: record)
        do throws(JSONError) {
            return try JSONDocument(Array(content)).root.position("closes")
        } catch {
            throw .record(record.header.position, what: "\(error)")
        }
    }

    /// Whose a quarantined message is: of what the region's key protects, so that it folds after the message is erased. Nil in records
    /// from before it was written there.
    func quarantinedSource(of record: StoredRecord) throws(ProjectionError) -> String? {
        let content = try opened(.b, of: record).content(of: 0)
        do throws(JSONError) { return try JSONDocument(Array(content)).root["source"]?.string } catch {
            throw .record(record.header.position, what: "\(error)")
        }
    }

    /// A quarantined message: why, and its exact bytes.
    public func quarantined(
        of record: StoredRecord
    ) throws(ProjectionError) -> (entry: QuarantineEntry, bytes: [UInt8]) {
        let body = try opened(.a, of: record)
        guard body.count == 2 else {
            throw .record(record.header.position, what: "a quarantined message of \(body.count) items")
        }
        return (try QuarantineEntry(json: Array(body.content(of: 1))), Array(body.content(of: 0)))
    }

    /// What is known of a source's message: its meta.
    public func messageMeta(of record: StoredRecord) throws(ProjectionError) -> MessageMeta {
        let body = try opened(.a, of: record)
        return try decoded(record) { () throws(WireError) in try MessageMeta(decoding: body.meta(of: 0)) }
    }

    /// Of a source update: the meta of one of its items.
    public func itemMeta(of record: StoredRecord, index: Int) throws(ProjectionError) -> ItemMeta {
        let body = try opened(.a, of: record)
        guard index > 0, index < body.count else {
            throw .record(record.header.position, what: "it has no item \(index)")
        }
        return try decoded(record) { () throws(WireError) in try ItemMeta(decoding: body.meta(of: index)) }
    }

    /// Of a source update: the first of its items that is wanted. The record is opened once.
    ///
    /// - Returns: nil where none is, and once its person was erased.
    public func firstItem(
        of record: StoredRecord, where isWanted: (ItemMeta) -> Bool
    ) throws(ProjectionError) -> ItemMeta? {
        let body: Body
        do throws(ProjectionError) { body = try opened(.a, of: record) } catch .keyDestroyed { return nil }
        for index in 1..<max(1, body.count) {
            let meta = try decoded(record) { () throws(WireError) in
                try ItemMeta(decoding: body.meta(of: index))
            }
            if isWanted(meta) { return meta }
        }
        return nil
    }

    /// Of a source update: one of its items, its meta as it is kept, and its content.
    func encodedItem(
        of record: StoredRecord, index: Int
    ) throws(ProjectionError) -> (meta: ArraySlice<UInt8>, content: ArraySlice<UInt8>) {
        let body = try opened(.a, of: record)
        guard index > 0, index < body.count else {
            throw .record(record.header.position, what: "it has no item \(index)")
        }
        return (body.meta(of: index), body.content(of: index))
    }

    /// A part that a record of its class always has.
    private func opened(_ part: RecordPart, of record: StoredRecord) throws(ProjectionError) -> Body {
        let body: Body?
        do throws(LogError) {
            body = try open(part, of: record.header, sealed: part == .a ? record.partA : record.partB)
        } catch .destroyed(let slot) { throw .keyDestroyed(slot) } catch { throw .log(error) }
        guard let body, body.count > 0 else {
            throw .record(
                record.header.position, what: "part \(part) of a \(record.header.recordClass) is missing")
        }
        return body
    }

    private func decoded<T>(
        _ record: StoredRecord, _ body: () throws(WireError) -> T
    ) throws(ProjectionError) -> T {
        do throws(WireError) { return try body() } catch {
            throw .record(record.header.position, what: "\(error)")
        }
    }
}
