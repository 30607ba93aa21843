import CareRecord
import EventLog
import Foundation
import Intake
import Projections
import Wire

/// Messages that could not be taken: kept whole, listed, and tried again once what stood in their way is gone.
extension Store {
    /// One quarantined message, without its bytes.
    public struct Quarantined: Sendable {
        /// `q17`: its position in the log.
        public var id: String
        public var position: Position
        public var recordedAt: Instant
        public var entry: QuarantineEntry
    }

    /// A quarantined message whole.
    public struct QuarantinedMessage: Sendable {
        public var listed: Quarantined
        /// The message exactly as sent.
        public var bytes: [UInt8]
        /// Where what was just shown is recorded.
        public var receipt: Position
    }

    /// Those that nothing closed yet, oldest first: reasons may name people, so that reading them is recorded.
    ///
    /// - Throws: `usage` where a real store is not told who asks.
    public func quarantine(asker: Asker) throws(StoreError) -> [Quarantined] {
        let head = try catchUp()
        let identity = try operatorIdentity(asker, head: head)
        let found = try openQuarantine().filter { mayRead($0, identity) }
        try recordTrailReading(
            asker, .quarantine, about: [], patient: nil, query: "quarantine list", rule: "quarantine",
            shown: found.count, head: head)
        return found
    }

    /// One whole, for whoever mends it: a user of the source's own organisation, or one who audits the region. The receipt, which dies
    /// with the message's own key, is durable when this returns.
    ///
    /// - Parameter id: `q17`.
    /// - Throws: `usage` where there is no such message, or it was closed; `refused`.
    public func quarantined(id: String, asker: Asker) throws(StoreError) -> QuarantinedMessage {
        let head = try catchUp()
        let identity = try operatorIdentity(asker, head: head)
        let listed = try openQuarantined(id: id)
        guard mayRead(listed, identity) else {
            throw .refused(
                "\(id) is \(listed.entry.source)'s: its bytes are for users of that organisation, and for those who audit the region"
            )
        }
        let (bytes, stream) = try StoreError.translating {
            (try quarantined(at: listed.position).bytes, try log.header(at: listed.position).stream)
        }
        try recordTrailReading(
            asker, .quarantine, about: stream == .none ? [] : [stream], patient: nil,
            query: "quarantine show \(id)",
            rule: "quarantine", shown: 1, head: head)
        return QuarantinedMessage(listed: listed, bytes: bytes, receipt: try self.head().position)
    }

    /// Nobody: a simulated store's owner.
    private func mayRead(_ listed: Quarantined, _ identity: ViewerIdentity?) -> Bool {
        guard let identity else { return true }
        return identity.organisation == listed.entry.source
            || (identity.mayAudit && identity.scope == .region)
    }

    /// Those that nothing closed yet, oldest first, for the store's own work: shown to nobody.
    package func openQuarantine() throws(StoreError) -> [Quarantined] {
        do throws(ProjectionError) {
            try trail.catchUp(to: log.headPosition)
            var out: [Quarantined] = []
            for position in try TrailReader(trail.view).openQuarantine() {
                out.append(try quarantined(at: position).listed)
            }
            return out
        } catch { throw .projection(error) }
    }

    /// - Throws: `usage` where there is no such message, or it was closed.
    private func openQuarantined(id: String) throws(StoreError) -> Quarantined {
        guard let position = id.first == "q" ? UInt64(id.dropFirst()).map({ Position($0) }) : nil,
            try isOpen(quarantined: position)
        else { throw .usage("no open quarantined message \(id): `daybook quarantine list` names them") }
        do throws(ProjectionError) { return try quarantined(at: position).listed } catch {
            throw .projection(error)
        }
    }

    func isOpen(quarantined position: Position) throws(StoreError) -> Bool {
        do throws(ProjectionError) {
            try trail.catchUp(to: log.headPosition)
            return try TrailReader(trail.view).openQuarantine().contains(position)
        } catch { throw .projection(error) }
    }

    private func quarantined(
        at position: Position
    ) throws(ProjectionError) -> (listed: Quarantined, bytes: [UInt8]) {
        let record: StoredRecord
        do throws(LogError) { record = try log.read(at: position) } catch { throw .log(error) }
        let (entry, bytes) = try opener.quarantined(of: record)
        return (
            Quarantined(
                id: "q\(position.value)", position: position, recordedAt: record.header.recordedAt,
                entry: entry),
            bytes
        )
    }

    /// Reads the message again, as the region is now. Taken, its records and the closing of the entry are one batch.
    ///
    /// - Throws: `usage`, with the reason, where it is still not fit to be taken.
    public func retryQuarantined(id: String) throws(StoreError) -> AppendOutcome.Appended {
        // Inside: else two at once would take it twice, and one that waits for an erasure would bring back what that took.
        intake.lock()
        defer { intake.unlock() }
        let position = try openQuarantined(id: id).position
        let found: (listed: Quarantined, bytes: [UInt8])
        do throws(ProjectionError) { found = try quarantined(at: position) } catch {
            throw .projection(error)
        }
        let entry = found.listed.entry
        let region = try regionDeclaration()
        guard let organisation = region.organisations[entry.source] else {
            throw .usage("the region no longer lists \(entry.source), whose message this is")
        }
        let reader = sourceReader(entry.source, organisation, region.settings)
        let type = MessageType(sniffing: found.bytes)
        switch reader.message(found.bytes, type, file: entry.file, line: entry.line) {
        case .failure(let reject): throw .usage("\(id) still cannot be taken: \(reject)")
        case .success(let draft):
            let key = keys.messageKey(
                source: draft.meta.source, id: draft.meta.messageID, raw: found.bytes, type: type)
            return try retake(
                PreparedMessage(
                    source: entry.source, name: entry.file ?? "-", line: entry.line, key: key,
                    outcome: .draft(draft), keys),
                from: position, settings: region.settings)
        }
    }
}
