import CareRecord
import EventLog
import Foundation
import Intake
import Projections
import Wire

/// Messages that could not be taken: kept whole, listed, and tried again once what stood in their way is gone.
extension Store {
    /// One quarantined message.
    public struct Quarantined: Sendable {
        /// `q17`: its position in the log.
        public var id: String
        public var position: Position
        public var recordedAt: Instant
        public var entry: QuarantineEntry
        /// The message exactly as sent.
        public var bytes: [UInt8]
    }

    /// Those that nothing closed yet, oldest first.
    public func quarantine() throws(StoreError) -> [Quarantined] {
        do throws(ProjectionError) {
            try trail.catchUp(to: log.headPosition)
            var out: [Quarantined] = []
            for position in try TrailReader(trail.view).openQuarantine() {
                out.append(try quarantined(at: position))
            }
            return out
        } catch { throw .projection(error) }
    }

    /// - Parameter id: `q17`.
    /// - Throws: `usage` where there is no such message, or it was closed.
    public func quarantined(id: String) throws(StoreError) -> Quarantined {
        guard let found = try quarantine().first(where: { $0.id == id }) else {
            throw .usage("no open quarantined message \(id): `daybook quarantine list` names them")
        }
        return found
    }

    private func quarantined(at position: Position) throws(ProjectionError) -> Quarantined {
        let record: StoredRecord
        do throws(LogError) { record = try log.read(at: position) } catch { throw .log(error) }
        let (entry, bytes) = try opener.quarantined(of: record)
        return Quarantined(
            id: "q\(position.value)", position: position, recordedAt: record.header.recordedAt, entry: entry,
            bytes: bytes)
    }

    /// Reads the message again, as the region is now. Taken, its records and the closing of the entry are one batch.
    ///
    /// - Throws: `usage`, with the reason, where it is still not fit to be taken.
    public func retryQuarantined(id: String) throws(StoreError) -> AppendOutcome.Appended {
        let found = try quarantined(id: id)
        intake.lock()
        defer { intake.unlock() }
        let region = try regionDeclaration()
        guard let organisation = region.organisations[found.entry.source] else {
            throw .usage("the region no longer lists \(found.entry.source), whose message this is")
        }
        let reader = sourceReader(found.entry.source, organisation, region.settings)
        let type = MessageType(sniffing: found.bytes)
        switch reader.message(found.bytes, type, file: found.entry.file, line: found.entry.line) {
        case .failure(let reject): throw .usage("\(id) still cannot be taken: \(reject)")
        case .success(let draft):
            let head = try catchUpIdentity()
            var attribution = Attribution(store: self, identity: identityReader(at: head))
            let draft = try attribution.attributed(draft)
            let key = keys.messageKey(
                source: draft.meta.source, id: draft.meta.messageID, raw: found.bytes, type: type)
            let message = PreparedMessage(
                name: found.entry.file ?? "-", line: found.entry.line, key: key, outcome: .draft(draft))
            let links = try IdentityResolution(store: self, position: head, settings: region.settings)
                .links(of: message)
            let said = try FeedResolution([message], store: self, position: head).found(of: message)
            let sealing = UpdateSealing(
                keys: keys, sealer: sealer, placeholders: placeholders(region.settings), known: knownSlot)
            let proposal: Proposal
            do throws(LogError) {
                // Without a message key: its bytes are in the log already, as the quarantined message.
                var records = try sealing.records(of: draft, key: nil)
                for link in links { records.append(try linkRecord(link)) }
                for said in said.facts { records.append(try factRecord(said.fact, said.tokens)) }
                records.append(try closing(found.position))
                proposal = Proposal(records: records, conditions: [.classUnchanged(.identity, since: head)])
            } catch { throw .log(error) }
            return try appendOne(proposal)
        }
    }

    /// Closes the entry of the quarantined message there, a corrected one having been taken.
    ///
    /// - Returns: false where no open entry stands there.
    func closeQuarantine(at position: Position) throws(StoreError) -> Bool {
        do throws(LogError) {
            guard try log.header(at: position).recordClass == .quarantined else { return false }
        } catch { throw .log(error) }
        guard try quarantine().contains(where: { $0.position == position }) else { return false }
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
