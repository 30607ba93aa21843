import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Finds the facts that a feed's messages make beside their resources: relationships, merges, links, reviews (decisions 8 and 20), in
/// identity and policy as of one position.
struct FeedResolution {
    let store: Store
    let identity: IdentityReader
    let policy: PolicyReader
    let region: RegionDeclaration
    /// The store's clock.
    let now: Instant

    /// Facts to be appended in the message's batch, and what somebody should know.
    struct Found: Sendable {
        struct Fact: Sendable {
            var fact: PatientFact
            var tokens: [StreamToken]
            /// Whether it ends what joined two: somebody should know (decision 11).
            var parts = false
        }

        var facts: [Fact] = []
        /// What it says whether or not that changes anything: a word on the same that comes late is known for the older one.
        var words: [UpdateFacts.Word] = []
        var raised: [String] = []
        /// As `IdentityResolution.Found` has them.
        var looksAt: Set<StreamToken> = []
        var moves: Set<StreamToken> = []
    }

    /// - Parameter messages: policy is folded only where one of them says something of a relationship.
    init(_ messages: [PreparedMessage], store: Store, position: Position) throws(StoreError) {
        let region = try store.regionDeclaration()
        (self.store, self.region) = (store, region)
        let saysMore = messages.contains { message in
            guard case .draft(let draft) = message.outcome else { return false }
            return draft.events.contains { event in
                guard case .care(let statement) = event else { return true }
                return region.relationship(of: statement.kind, from: draft.meta.source) != nil
            }
        }
        if saysMore {
            do throws(ProjectionError) { try store.policy.catchUp(to: position) } catch {
                throw .projection(error)
            }
        }
        identity = store.identityReader(at: position)
        policy = store.policyReader(at: position)
        now = try store.clock()
    }

    func found(of message: PreparedMessage) throws(StoreError) -> Found {
        guard case .draft(let draft) = message.outcome else { return Found() }
        return try StoreError.translating {
            var found = Found()
            if draft.meta.isAboutPatient { try raiseRetired(draft, into: &found) }
            for event in draft.events {
                switch event {
                case .visit(let change): try visit(change, draft, into: &found)
                case .care(let statement): try care(statement, draft, into: &found)
                case .merged(let survivor, let retired):
                    try join(.merged, survivor, retired, draft, into: &found)
                case .linked(let a, let b, let born):
                    try join(.linked, a, b, otherBorn: born, draft, into: &found)
                case .unlinked(let a, let b): try part(a, b, draft, into: &found)
                case .review(let reason, let a, let b): try review(reason, a, b, draft, into: &found)
                }
            }
            return found
        }
    }

    func asserted(_ draft: MessageDraft) -> Instant { min(draft.meta.asserted ?? now, now) }

    func token(_ subject: SubjectID) -> StreamToken { store.keys.token(of: .subject(subject)) }

    // MARK: Visits

    private func visit(_ change: VisitChange, _ draft: MessageDraft, into found: inout Found) throws {
        let subject = draft.meta.subject
        let id = store.keys.visitID(source: draft.meta.source, visit: change.visit)
        let own = token(subject)
        let union = try identity.linked(with: own)
        found.looksAt.formUnion(union)
        let others = try policy.everKeptUnder(.relationshipCreated, id: id).filter { !union.contains($0) }
            .map { (token: $0, relationship: FeedRelationship(known: try facts(id, under: [$0]))) }
        // What is older than the newest word on whose visit it is changes nothing.
        let newest = others.compactMap(\.relationship.newest).max()
        if let newest, asserted(draft) < newest { return }
        var relationship = FeedRelationship(known: try facts(id, under: union.sorted()))
        for (elsewhere, theirs) in others where theirs.standing != .undone {
            try takeOver(change, id, theirs, from: elsewhere, draft, into: &found)
            // That it was given away is taken back with that.
            if relationship.standing == .undone, relationship.newest.map({ $0 <= asserted(draft) }) ?? true {
                relationship = FeedRelationship(known: [])
            }
        }
        if case .neverWas = change.state, relationship.isUnknown {
            found.raised.append(
                "\(change.event) cancels a visit that was never told of; should its beginning come late, it stays cancelled"
            )
        }
        for var fact in relationship.facts(change, asserted: asserted(draft), now: now) {
            fact.id = id
            fact.patient = .subject(subject)
            fact.org = draft.meta.source
            fact.evidence = "\(change.event) \(draft.meta.messageID)"
            found.facts.append(Found.Fact(fact: fact, tokens: [own]))
        }
    }

    /// The visit was another patient's: it never was theirs.
    private func takeOver(
        _ change: VisitChange, _ id: String, _ theirs: FeedRelationship, from elsewhere: StreamToken,
        _ draft: MessageDraft, into found: inout Found
    ) throws {
        let subject = try store.subjectName(of: elsewhere)
        if subject.organisation == Store.erasedOrganisation { return }
        var undo = change
        undo.state = .neverWas
        for var fact in theirs.facts(undo, asserted: asserted(draft), now: now) {
            fact.id = id
            fact.patient = .subject(subject)
            fact.org = draft.meta.source
            fact.evidence = "\(change.event) \(draft.meta.messageID) gives the visit to another patient"
            found.facts.append(Found.Fact(fact: fact, tokens: [elsewhere]))
        }
    }

    private func facts(_ id: String, under tokens: [StreamToken]) throws -> [FeedRelationship.Known] {
        try policy.facts(under: tokens).filter { $0.fact.id == id }.map {
            FeedRelationship.Known(fact: $0.fact, recordedAt: $0.recordedAt)
        }
    }

    // MARK: Reviews

    func review(
        _ reason: ReviewReason, _ a: SubjectID, _ b: SubjectID?, _ draft: MessageDraft,
        into found: inout Found
    ) throws {
        // One that a message to a retired id opens stays one, whoever it is merged into and whether they were seen yet; any other
        // is asked for by each message anew.
        let isRetired = reason == .retiredID
        let id = store.keys.reviewID(
            reason, a, isRetired ? nil : b, occasion: isRetired ? "" : draft.meta.messageID)
        let isOpen = try identity.isOpen(review: id)
        if isOpen == true || (isOpen != nil && isRetired) { return }
        var fact = PatientFact(.reviewOpened, id: id, patient: .subject(a))
        fact.other = b.map { .subject($0) }
        fact.org = draft.meta.source
        fact.reason = reason.rawValue
        fact.asserted = asserted(draft)
        fact.byFeed = true
        found.facts.append(Found.Fact(fact: fact, tokens: [a, b].compactMap(\.self).map(token)))
        found.raised.append("\(reason.words(a, b)): daybook identity review list")
    }

    /// A message to an id that a merge retired is taken under it, and somebody should tell the sender.
    private func raiseRetired(_ draft: MessageDraft, into found: inout Found) throws {
        // FHIR feeds say of themselves what replaced what (Patient.link).
        guard draft.meta.mediaType == HL7Intake.mediaType else { return }
        let own = token(draft.meta.subject)
        // Of the merges that stand the last: one that was reversed leaves the others as they were.
        var merges: [StreamToken: IdentityEdge] = [:]
        for edge in try identity.edges(of: own) where edge.kind == .merge { merges[edge.other] = edge }
        guard let last = merges.values.filter(\.stands).max(by: { $0.position < $1.position }),
            let fact = try store.identityFact(at: last.position), fact.tokens.last == own
        else { return }
        // A message that itself speaks of the two is no slip.
        if draft.events.contains(where: \.namesAnother) { return }
        // Of somebody who was never seen there is no name.
        let survivor = try fact.tokens.first.flatMap { token in
            try identity.firstSeen(token) == nil ? nil : store.subjectName(of: token)
        }
        try review(.retiredID, draft.meta.subject, survivor, draft, into: &found)
        if found.facts.isEmpty {
            found.raised.append(ReviewReason.retiredID.words(draft.meta.subject, survivor))
        }
    }
}

extension Store {
    /// The facts' records, and after them one alert for all that the message parts: somebody may have seen two as one (decision 11).
    func feedRecords(
        _ said: FeedResolution.Found, from source: String
    ) throws(LogError) -> [SealedRecord] {
        var records: [SealedRecord] = []
        for one in said.facts { records.append(try factRecord(one.fact, one.tokens)) }
        guard let index = said.facts.firstIndex(where: \.parts) else { return records }
        let alert = Alert(
            .unlinked, back: UInt64(said.facts.count - index), user: nil, organisations: [source])
        records.append(try alertRecord(alert, about: said.facts[index].tokens))
        return records
    }
}

extension FeedEvent {
    /// Whether it speaks of who is whom.
    fileprivate var namesAnother: Bool {
        switch self {
        case .visit, .care: false
        case .merged, .linked, .unlinked, .review: true
        }
    }
}

extension ReviewReason {
    func words(_ a: SubjectID, _ b: SubjectID?) -> String {
        let other = b.map(\.description) ?? "another"
        return switch self {
        case .deletePerson: "\(a.organisation) says that \(a) should not be there; nothing was deleted"
        case .motherAndBaby: "\(a) and \(other) are mother and child: they were not joined"
        case .birthDatesDiffer: "the birth dates of \(a) and \(other) differ: they were not joined"
        case .setApart: "\(a) and \(other) were set apart: they were not joined again"
        case .retiredID: "\(a) was merged into \(other), and is still used; the message was taken"
        }
    }
}

extension KeyStore {
    /// What the relationship of a visit goes by: a keyed hash, for the fact outlives the patient's erasure.
    func visitID(source: String, visit: String) -> String {
        "visit-" + Hex.encode(token(.view, Array("visit\u{0}\(source)\u{0}\(visit)".utf8)).bytes)
    }

    func reviewID(_ reason: ReviewReason, _ a: SubjectID, _ b: SubjectID?, occasion: String) -> String {
        let other = b.map { Array($0.canonicalBytes) } ?? []
        let name =
            Array("review\u{0}\(reason.rawValue)\u{0}\(occasion)\u{0}".utf8) + a.canonicalBytes + [0] + other
        return "review-" + Hex.encode(token(.view, name).bytes)
    }
}
