import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Taking what stands in quarantine, and closing its entry.
extension Store {
    /// What stands where a message's bytes came before.
    enum Standing: Hashable {
        /// The message, at that position: there, or where it was taken to from quarantine.
        case taken(Position)
        /// It stands in quarantine and was never taken.
        case quarantined
    }

    /// What stands at a position that carries a message's key.
    func standing(at position: Position) throws(StoreError) -> Standing {
        let header: RecordHeader
        do throws(LogError) { header = try log.header(at: position) } catch { throw .log(error) }
        guard header.recordClass == .quarantined else { return .taken(position) }
        do {
            try trail.catchUp(to: log.headPosition)
            guard let closing = try TrailReader(trail.view).closing(of: position) else { return .quarantined }
            let batch = try log.header(at: closing).batchStart
            // What is taken from quarantine and the closing of its entry are one batch. What closes alone is of a corrected message; or
            // of an erasure, and what was erased does not come back with an old message: it stays as it was, and no event is made.
            if try log.header(at: batch).recordClass == .sourceUpdate { return .taken(batch) }
            return try isErased(header) ? .taken(position) : .quarantined
        } catch let error as ProjectionError { throw .projection(error) } catch let error as LogError {
            throw .log(error)
        } catch { throw .io("\(error)") }
    }

    private func isErased(_ header: RecordHeader) throws -> Bool {
        do throws(ProjectionError) {
            let record: StoredRecord
            do throws(LogError) { record = try log.read(at: header.position) } catch { throw .log(error) }
            _ = try opener.quarantined(of: record)
            return false
        } catch .keyDestroyed { return true }
    }

    /// Takes a message that stands in quarantine: its records and the closing of the entry are one batch. The caller holds `intake`.
    func retake(
        _ message: PreparedMessage, from position: Position, settings: RegionSettings?
    ) throws(StoreError) -> AppendOutcome.Appended {
        guard case .draft(let unattributed) = message.outcome else {
            throw .usage("q\(position.value) still cannot be taken")
        }
        let head = try catchUpIdentity()
        var attribution = Attribution(store: self, identity: identityReader(at: head))
        let draft = try attribution.attributed(unattributed)
        var message = message
        message.outcome = .draft(draft)
        let links = try IdentityResolution(store: self, position: head, settings: settings).links(of: message)
        let said = try FeedResolution([message], store: self, position: head).found(of: message)
        let sealing = UpdateSealing(
            keys: keys, sealer: sealer, placeholders: placeholders(settings), known: knownSlot)
        let proposal: Proposal
        do throws(LogError) {
            // Without a message key: its bytes are in the log already, as the quarantined message.
            var records = try sealing.records(of: draft, key: nil, words: said.words)
            for link in links { records.append(try linkRecord(link)) }
            records += try feedRecords(said, from: message.source)
            records.append(try closing(position))
            proposal = Proposal(records: records, conditions: [.classUnchanged(.identity, since: head)])
        } catch { throw .log(error) }
        return try appendOne(proposal)
    }

    /// Closes the entry of the quarantined message there, a corrected one having been taken.
    ///
    /// - Returns: false where no open entry stands there.
    func closeQuarantine(at position: Position) throws(StoreError) -> Bool {
        do throws(LogError) {
            guard try log.header(at: position).recordClass == .quarantined else { return false }
        } catch { throw .log(error) }
        guard try isOpen(quarantined: position) else { return false }
        do throws(LogError) {
            let record = try closing(position)
            _ = try log.appendAndWait([Proposal(records: [record])])
        } catch { throw .log(error) }
        return true
    }

    private func closing(_ position: Position) throws(LogError) -> SealedRecord {
        var w = JSONWriter(capacity: 32)
        w.object { w in w.member("closes", position.value) }
        return try sealer.seal(.housekeeping, slotB: .region, bodyB: [BodyItem(w.finish())])
    }
}
