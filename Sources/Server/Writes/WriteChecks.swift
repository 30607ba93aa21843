import EventLog
import Intake
import Projections
import Wire

/// Compares a write with what is held before it is taken. The caller holds `intake`, so nothing moves meanwhile.
struct WriteChecks {
    let pipeline: IngestPipeline
    let held: HeldResources

    enum Checked {
        /// Take these bytes; of a transaction's entries, those make nothing that are held already.
        case take([UInt8], standing: [Int: String] = [:])
        case answered(WriteOutcome)
    }

    /// Whether the write has to be compared at all.
    static func isNeeded(_ write: SourceWrite) -> Bool {
        if write.ifMatch != nil || write.criteria != nil { return true }
        switch write.request {
        case .create: return bodyID(write) != nil
        case .updateMatching, .delete, .deleteMatching: return true
        case .update: return false
        case .message: return !EntryConditions(write).isEmpty
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
            case .deleteMatching(let type): return try deleteMatching(write, type)
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
        if before == nil, Self.shared.contains(type) { throw WriteConflict.shared(type) }
        if before == nil { try match(write.ifMatch, nil) }
        guard let before, !before.isTombstone else {
            return .answered(standing(type, id, before?.position))
        }
        try match(write.ifMatch, before)
        return .take(WriteEnvelope(id: id, ifMatch: .exactly(before.position.value)).bytes(of: write))
    }

    /// Types of what several patients' messages bring along, each keeping its own copy: there is no one of them to delete.
    private static let shared: Set<String> = [
        "Device", "Endpoint", "HealthcareService", "Location", "Medication", "Organization", "Practitioner",
        "PractitionerRole", "Substance",
    ]

    private func deleteMatching(_ write: SourceWrite, _ type: String) throws -> Checked {
        guard let criteria = write.criteria else { throw WriteConflict.notConditional }
        let found = try held.matching(criteria, type, nil)
        if found.count > 1 { throw WriteConflict.several(found.count) }
        guard let one = found.first else { return .answered(.standing(type: type, id: "", version: nil)) }
        try match(write.ifMatch, one.held)
        return .take(
            WriteEnvelope(id: one.ownID, ifMatch: .exactly(one.held.position.value)).bytes(of: write))
    }

    private func message(_ write: SourceWrite) throws -> Checked {
        let (position, draft) = try place(write.body)
        let conditions = EntryConditions(write)
        // Also of what intake would not read for it.
        if position == nil, conditions.changesBySearch { throw WriteConflict.notInTransaction }
        guard let draft else { return .take(write.body) }
        let standing = try standing(conditions, draft, before: position)
        guard position == nil else { return .take(write.body, standing: standing.mapValues { $0.ownID }) }
        for entry in conditions.versions {
            guard let address = entry.address else { throw WriteConflict.notInTransaction }
            let before = try held.held(address.type, ownID: held.ownID(address.id))
            guard let version = entry.version else { throw WriteConflict.version(before?.position) }
            try match(version, before)
        }
        for one in conditions.named {
            if let before = try held.held(one.type, ownID: held.ownID(one.id)), !before.isTombstone {
                throw WriteConflict.exists(before.position)
            }
        }
        if !standing.isEmpty, standing.count == conditions.entries {
            let all = standing.sorted { $0.key < $1.key }.map { $0.value }
            return .answered(.allStanding(try all.map { try held.standing($0.type, ownID: $0.ownID) }))
        }
        return .take(write.body, standing: standing.mapValues { $0.ownID })
    }

    /// Entries whose `ifNoneExist` finds a resource. Of a message that came before, what it found then: what was held before it.
    private func standing(
        _ conditions: EntryConditions, _ draft: MessageDraft, before: Position?
    ) throws -> [Int: (type: String, ownID: String)] {
        var standing: [Int: (type: String, ownID: String)] = [:]
        for entry in conditions.creations {
            guard let criteria = entry.criteria else {
                if before == nil { throw WriteConflict.notConditional }
                continue
            }
            let found = try held.matching(criteria, entry.type, draft).filter { one in
                guard let before else { return true }
                return try held.wasHeld(
                    entry.type, held.daybookID(entry.type, one.ownID), ownID: one.ownID, before: before)
            }
            if before == nil, found.count > 1 { throw WriteConflict.several(found.count) }
            if let one = found.first { standing[entry.number] = (entry.type, one.ownID) }
        }
        return standing
    }

    private func match(
        _ condition: VersionCondition?, _ before: HeldResources.Held?
    ) throws(WriteConflict) {
        switch condition {
        case nil: return
        case .any:
            guard let before, !before.isTombstone else { throw .version(nil) }
        case .exactly(let version):
            guard before?.position.value == version else { throw .version(before?.position) }
        }
    }

    private func standing(_ type: String, _ ownID: String, _ version: Position?) -> WriteOutcome {
        .standing(type: type, id: held.daybookID(type, ownID), version: version)
    }

    /// Whether the message is in the log already, and what it says; nil where it cannot be read.
    private func read(_ bytes: [UInt8]) throws(StoreError) -> (isKnown: Bool, draft: MessageDraft?) {
        let (position, draft) = try place(bytes)
        return (position != nil, draft)
    }

    /// Where the message was taken before, and what it says; nil where it cannot be read.
    private func place(_ bytes: [UInt8]) throws(StoreError) -> (position: Position?, draft: MessageDraft?) {
        let cut = CutMessage(
            bytes: bytes, range: 0..<bytes.count, name: Store.writeName, line: nil, type: .fhir)
        let prepared = pipeline.prepare(cut)
        let known: Position?
        do throws(LogError) { known = try held.store.log.position(of: prepared.key) } catch {
            throw .log(error)
        }
        guard case .draft(let draft) = prepared.outcome else { return (known, nil) }
        // One in quarantine has no answer yet but that: were it taken now, it would be compared first.
        guard let known, case .taken(let place) = try held.store.standing(at: known) else {
            return (nil, draft)
        }
        return (place, draft)
    }
}
