import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// What a source's resources stand at, as of a position: what its writes are compared with.
struct HeldResources {
    struct Held: Hashable {
        var position: Position
        /// Deleted or entered in error.
        var isTombstone: Bool
    }

    let store: Store
    let intake: FHIRIntake
    /// Identity and records are folded to here.
    let position: Position

    func daybookID(_ type: String, _ ownID: String) -> String {
        String(
            decoding: intake.daybookID(type: type.utf8, id: intake.ownID(ownID.utf8)), as: UTF8.self)
    }

    func ownID(_ id: String) -> String { String(decoding: intake.ownID(id.utf8), as: UTF8.self) }

    /// The version in force of a resource; nil where none was ever held.
    func held(_ type: String, ownID: String) throws(StoreError) -> Held? {
        let id = daybookID(type, ownID)
        var newest: ItemPlace?
        for subject in try subjects(of: type, ownID: ownID, id: id) {
            let place = try places(type, id, under: subject, through: position, limit: 1).first
            if let place, place.position > newest?.position ?? .start { newest = place }
        }
        guard var newest else { return nil }
        // A late version is not in force: find the one that is.
        if !newest.wasInForce, let found = try inForce(type, ownID: ownID, id: id) { newest = found }
        return try StoreError.translating {
            let meta = try store.opener.itemMeta(
                of: try store.log.read(at: newest.position), index: newest.itemIndex)
            return Held(position: newest.position, isTombstone: meta.operation != .upsert)
        }
    }

    /// What a condition found, as the answer tells of it.
    func standing(_ type: String, ownID: String) throws(StoreError) -> WrittenResource {
        let version = try held(type, ownID: ownID)?.position ?? position
        return WrittenResource(
            type: type, id: daybookID(type, ownID), version: version,
            recordedAt: try StoreError.translating { try store.log.header(at: version).recordedAt },
            isNew: false, isDeletion: false, content: [], superseded: nil)
    }

    private func inForce(_ type: String, ownID: String, id: String) throws(StoreError) -> ItemPlace? {
        var newest: ItemPlace?
        for subject in try subjects(of: type, ownID: ownID, id: id) {
            let place = try StoreError.translating {
                try store.record.place(of: (type, id), under: subject, at: position)
            }
            if let place, place.position > newest?.position ?? .start { newest = place }
        }
        return newest
    }

    /// Whether another version of it came before that position.
    func wasHeld(_ type: String, _ id: String, ownID: String, before: Position) throws(StoreError) -> Bool {
        guard before > .start else { return false }
        for subject in try subjects(of: type, ownID: ownID, id: id) {
            let earlier = try places(
                type, id, under: subject, through: Position(before.value - 1), limit: 1)
            if !earlier.isEmpty { return true }
        }
        return false
    }

    private func places(
        _ type: String, _ id: String, under subject: StreamToken, through end: Position, limit: Int
    ) throws(StoreError) -> [ItemPlace] {
        try StoreError.translating {
            try store.record.places(of: (type, id), under: subject, through: end, limit: limit)
        }
    }

    /// Under whom it may stand: the patient whose it is, and itself.
    private func subjects(
        of type: String, ownID: String, id: String
    ) throws(StoreError) -> [StreamToken] {
        let own = type == "Patient" ? self.ownID(ownID) : "\(type)/\(self.ownID(ownID))"
        var tokens = [
            store.keys.token(of: .subject(SubjectID(organisation: intake.source, localID: own)))
        ]
        let identity = store.identityReader(at: position)
        let owner = try StoreError.translating {
            try identity.owner(of: store.keys.claim("\(type)/\(id)"))
        }
        if let owner, !tokens.contains(owner) { tokens.append(owner) }
        return tokens
    }

    // MARK: By criteria

    /// The source's resources of the type that the criteria find, as its own ids.
    ///
    /// Looked for among what the source sent of the patient whom the resource names: an identifier is not looked up across patients.
    /// - Throws: `WriteConflict.notConditional` where it names none.
    func matching(
        _ criteria: WriteCriteria, _ type: String, _ draft: MessageDraft?
    ) throws -> [(ownID: String, held: Held)] {
        if criteria.identifier == nil, let id = criteria.id {
            guard let held = try held(type, ownID: id), !held.isTombstone else { return [] }
            return [(ownID(id), held)]
        }
        guard let identifier = criteria.identifier else { throw WriteConflict.notConditional }
        var out: [String: Held] = [:]
        for subject in try candidates(type, identifier, draft, of: criteria.patient) {
            let records = try store.record.records(of: [subject], at: position).first ?? []
            for category in records {
                for version in category.versions where !version.isTombstone {
                    let meta = try category.decodedMeta(of: version)
                    guard meta.type == type, meta.daybookID.hasPrefix(intake.source + "."),
                        try Self.identifiers(in: Array(category.content(of: version)), at: version.position)
                            .contains(where: { identifier.matches($0) }),
                        criteria.id.map({ ownID($0) == meta.sourceID }) ?? true
                    else { continue }
                    out[meta.sourceID] = Held(position: version.position, isTombstone: false)
                }
            }
        }
        return out.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// - Throws: where what is held does not read: to pass over it would make a second one beside it.
    static func identifiers(in bytes: [UInt8], at position: Position) throws(StoreError) -> [TokenValue] {
        do throws(JSONError) {
            return FHIRPaths.values(try JSONDocument(bytes).root, ["identifier"]).flatMap(TokenValue.all)
        } catch { throw .projection(.record(position, what: "a resource that does not read: \(error)")) }
    }

    private func candidates(
        _ type: String, _ identifier: TokenValue, _ draft: MessageDraft?, of patient: String?
    ) throws -> Set<StreamToken> {
        let identity = store.identityReader(at: position)
        var found: Set<StreamToken> = []
        if let patient {
            let named = SubjectID(organisation: intake.source, localID: ownID(patient))
            guard named.isWellFormed else { return [] }
            let subject = store.keys.token(of: .subject(named))
            found.insert(subject)
            for linked in try identity.linked(with: subject) where try isOwn(linked) { found.insert(linked) }
        } else if let draft, draft.meta.isAboutPatient {
            let subject = store.keys.token(of: .subject(draft.meta.subject))
            found.insert(subject)
            for linked in try identity.linked(with: subject) where try isOwn(linked) { found.insert(linked) }
        } else if type != "Patient" {
            throw WriteConflict.notConditional
        }
        guard type == "Patient", let value = identifier.code else { return found }
        let named = SubjectID(organisation: intake.source, localID: value)
        if named.isWellFormed { found.insert(store.keys.token(of: .subject(named))) }
        if let number = NHSNumber(value) {
            for bearer in try identity.everBore(store.keys.numberToken(number)) where try isOwn(bearer) {
                found.insert(bearer)
            }
        }
        return found
    }

    private func isOwn(_ subject: StreamToken) throws(StoreError) -> Bool {
        try store.subjectName(of: subject).organisation == intake.source
    }
}
