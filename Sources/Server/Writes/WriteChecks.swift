import EventLog
import Intake
import Projections
import Wire

/// Compares a write with what is held before it is taken. The caller holds `intake`, so nothing moves meanwhile.
struct WriteChecks {
    let pipeline: IngestPipeline
    let held: HeldResources

    enum Checked {
        /// Take these bytes.
        case take([UInt8])
        case answered(WriteOutcome)
    }

    /// Whether the write has to be compared at all.
    static func isNeeded(_ write: SourceWrite) -> Bool {
        if write.ifMatch != nil || write.criteria != nil { return true }
        switch write.request {
        case .create: return bodyID(write) != nil
        case .updateMatching, .delete: return true
        case .update: return false
        case .message: return !entryMatches(write).isEmpty
        }
    }

    /// The id in the resource itself.
    static func bodyID(_ write: SourceWrite) -> String? {
        (try? JSONDocument(write.body))?.root["id"]?.string
    }

    func checked(_ write: SourceWrite) throws -> Checked {
        do {
            switch write.request {
            case .create(let type): return try create(write, type)
            case .update(let type, let id): return try update(write, type, held.ownID(id))
            case .updateMatching(let type): return try updateMatching(write, type)
            case .delete(let type, let id): return try delete(write, type, held.ownID(id))
            case .message: return try message(write)
            }
        } catch let conflict as WriteConflict { return .answered(.conflict(conflict)) }
    }

    private func create(_ write: SourceWrite, _ type: String) throws -> Checked {
        let bytes = WriteEnvelope().bytes(of: write)
        let (isKnown, draft) = try read(bytes)
        // What cannot be read goes to quarantine; what came before has its answer.
        guard !isKnown, let draft else { return .take(bytes) }
        if let criteria = write.criteria {
            let found = try held.matching(criteria, type, draft)
            if found.count > 1 { throw WriteConflict.several(found.count) }
            if let one = found.first { return .answered(standing(type, one.ownID, one.held.position)) }
        }
        if let id = Self.bodyID(write), let before = try held.held(type, ownID: id), !before.isTombstone {
            throw WriteConflict.exists(before.position)
        }
        return .take(bytes)
    }

    private func update(_ write: SourceWrite, _ type: String, _ id: String) throws -> Checked {
        let bytes = WriteEnvelope(id: id, ifMatch: write.ifMatch).bytes(of: write)
        if write.ifMatch == nil { return .take(bytes) }
        let (isKnown, draft) = try read(bytes)
        guard !isKnown, draft != nil else { return .take(bytes) }
        try match(write.ifMatch, try held.held(type, ownID: id))
        return .take(bytes)
    }

    private func updateMatching(_ write: SourceWrite, _ type: String) throws -> Checked {
        guard let criteria = write.criteria else { throw WriteConflict.notConditional }
        let bodyID = Self.bodyID(write).map { held.ownID($0) }
        let unresolved = WriteEnvelope(id: bodyID, ifMatch: write.ifMatch).bytes(of: write)
        guard let draft = try read(unresolved).draft else { return .take(unresolved) }
        let found = try held.matching(criteria, type, draft)
        if found.count > 1 { throw WriteConflict.several(found.count) }
        if let one = found.first, let bodyID, bodyID != one.ownID { throw WriteConflict.otherResource }
        let bytes = WriteEnvelope(id: found.first?.ownID ?? bodyID, ifMatch: write.ifMatch).bytes(of: write)
        if try read(bytes).isKnown { return .take(bytes) }
        if found.isEmpty, let bodyID, let before = try held.held(type, ownID: bodyID), !before.isTombstone {
            throw WriteConflict.exists(before.position)
        }
        try match(write.ifMatch, found.first?.held)
        return .take(bytes)
    }

    private func delete(_ write: SourceWrite, _ type: String, _ id: String) throws -> Checked {
        let before = try held.held(type, ownID: id)
        guard let before, !before.isTombstone else {
            return .answered(standing(type, id, before?.position))
        }
        try match(write.ifMatch, before)
        return .take(WriteEnvelope(id: id, ifMatch: before.position.value).bytes(of: write))
    }

    private func message(_ write: SourceWrite) throws -> Checked {
        let (isKnown, draft) = try read(write.body)
        guard !isKnown, draft != nil else { return .take(write.body) }
        for entry in Self.entryMatches(write) {
            try match(entry.version, try held.held(entry.type, ownID: held.ownID(entry.id)))
        }
        return .take(write.body)
    }

    private func match(_ version: UInt64?, _ before: HeldResources.Held?) throws(WriteConflict) {
        guard let version, before?.position.value != version else { return }
        throw .version(before?.position)
    }

    private func standing(_ type: String, _ ownID: String, _ version: Position?) -> WriteOutcome {
        .standing(type: type, id: held.daybookID(type, ownID), version: version)
    }

    /// Whether the message is in the log already, and what it says; nil where it cannot be read.
    private func read(_ bytes: [UInt8]) throws(StoreError) -> (isKnown: Bool, draft: MessageDraft?) {
        let cut = CutMessage(
            bytes: bytes, range: 0..<bytes.count, name: Store.writeName, line: nil, type: .fhir)
        let prepared = pipeline.prepare(cut)
        let known: Position?
        do throws(LogError) { known = try held.store.log.position(of: prepared.key) } catch {
            throw .log(error)
        }
        guard case .draft(let draft) = prepared.outcome else { return (known != nil, nil) }
        return (known != nil, draft)
    }

    /// The versions that a transaction's entries say must be in force.
    static func entryMatches(_ write: SourceWrite) -> [(type: String, id: String, version: UInt64?)] {
        guard let root = (try? JSONDocument(write.body))?.root else { return [] }
        return (root["entry"]?.elements ?? []).compactMap { entry in
            guard let request = entry["request"], let tag = request["ifMatch"]?.string,
                let parts = request["url"]?.string?.split(separator: "/"), parts.count == 2
            else { return nil }
            let digits = tag.filter { ("0"..."9").contains($0) }
            // What is no tag of ours matches nothing.
            return (String(parts[0]), String(parts[1]), UInt64(digits) ?? 0)
        }
    }
}
