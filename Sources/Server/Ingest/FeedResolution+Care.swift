import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Registrations, caseloads and referrals, as a feed tells them (decision 20).
extension FeedResolution {
    /// One statement on its way: whose it is, and what was recorded of the same before.
    private struct Asked {
        var statement: CareStatement
        var kind: RelationshipKind
        var draft: MessageDraft
        var subject: SubjectID
        var said: Instant
        var known: [FactKey: [FeedRelationship.Known]]
    }

    /// Whom a relationship serves, and by what it is told.
    private struct FactKey: Hashable, Comparable {
        var org: String
        var item: String

        static func < (a: FactKey, b: FactKey) -> Bool { (a.org, a.item) < (b.org, b.item) }
    }

    func care(_ statement: CareStatement, _ draft: MessageDraft, into found: inout Found) throws {
        guard let kind = region.relationship(of: statement.kind, from: draft.meta.source) else { return }
        var statement = statement
        // An id that is no code of the region's names nobody.
        statement.organisations.removeAll { $0 == .id($0.code) && region.organisations[$0.code] == nil }
        if statement.kind == .person, statement.organisations.isEmpty, statement.state == .open(until: nil) {
            return
        }
        let said = min(statement.asserted ?? draft.meta.asserted ?? now, now)
        let owner = try owner(of: statement)
        let subject: SubjectID
        if draft.meta.isAboutPatient {
            subject = draft.meta.subject
        } else {
            // A deletion names nobody: it is the patient's whose the resource is.
            guard let owner else { return }
            subject = try store.subjectName(of: owner)
            if subject.organisation == Store.erasedOrganisation { return }
        }
        let union = try identity.linked(with: token(subject))
        found.looksAt.formUnion(union)
        if let owner, !union.contains(owner) {
            guard try takeOver(statement, kind, from: owner, said, draft, into: &found) else { return }
        }
        let asked = Asked(
            statement: statement, kind: kind, draft: draft, subject: subject, said: said,
            known: try known(statement, kind, draft, under: union))
        try settle(asked, into: &found)
        if statement.kind == .person {
            found.words.append(.init(about: about(statement.item, draft.meta.source), said: said))
        }
    }

    /// Whose the resource is by what was said before; nil of a Patient, which is its own.
    private func owner(of statement: CareStatement) throws -> StreamToken? {
        statement.kind == .person ? nil : try identity.owner(of: store.keys.claim(statement.reference))
    }

    /// Makes the relationships with those it names what it says, and those with others over.
    private func settle(_ asked: Asked, into found: inout Found) throws {
        var served: Set<FactKey> = []
        let isOpen = if case .open = asked.statement.state { true } else { false }
        for org in recipients(asked, isOpen: isOpen, into: &found) {
            served.insert(FactKey(org: org, item: asked.statement.item))
        }
        let others = Set(asked.known.keys).subtracting(served)
        for key in served.sorted() { try add(word(asked), key, asked, into: &found) }
        // That the practice has the patient under one id says nothing against another.
        if asked.statement.kind == .person, isOpen, !served.isEmpty { return }
        for key in others.sorted() {
            let gone: RelationshipState = asked.statement.state == .neverWas ? .neverWas : .over
            try add(.init(state: gone), key, asked, into: &found)
        }
        guard served.isEmpty, others.isEmpty, asked.kind != .referral, asked.statement.kind != .person,
            !asked.statement.organisations.isEmpty
        else { return }
        // What it takes back may yet come, late: then this is the newer word.
        let org = asked.draft.meta.source
        try add(
            .init(state: .neverWas),
            FactKey(org: org, item: asked.statement.item), asked, into: &found
        )
    }

    private func word(_ asked: Asked) -> FeedRelationship.Word {
        var word = FeedRelationship.Word(state: asked.statement.state, from: asked.statement.from)
        if asked.statement.kind == .person { word.from = asked.said }
        if asked.kind == .referral {
            word.from = min(word.from ?? asked.said, asked.said)
            // What nobody ends is nobody's intent: it lasts for so long after it was last said.
            if case .open(nil) = word.state {
                let calendar = region.calendar
                let last = calendar.date(of: asked.said).adding(days: Self.referralDays)
                word.state = .open(until: calendar.end(of: last))
            }
        }
        return word
    }

    /// Days: a referral without an end lasts for a year from when it was last said to be active.
    private static let referralDays = 365

    /// Whom the statement gives sight of the patient: the sender, where it names itself; or those it refers to.
    private func recipients(_ asked: Asked, isOpen: Bool, into found: inout Found) -> Set<String> {
        let source = asked.draft.meta.source
        let named = asked.statement.organisations
        guard asked.kind == .referral else {
            return named.contains { $0.code == source } ? [source] : []
        }
        var out: Set<String> = []
        for one in named {
            let isKnown = region.organisations[one.code] != nil
            guard isOpen else {
                if isKnown { out.insert(one.code) }
                continue
            }
            if region.isInForce(one.code, at: now) {
                out.insert(one.code)
            } else {
                found.raised.append(
                    "\(asked.statement.told) refers to \(one.code.prefix(20)), which is no organisation in force here: it opens nothing"
                )
            }
        }
        return out
    }

    private func add(
        _ word: FeedRelationship.Word, _ key: FactKey, _ asked: Asked, into found: inout Found
    ) throws {
        let before = asked.known[key] ?? []
        let isPerson = asked.statement.kind == .person
        if isPerson, before.isEmpty {
            // Whom the practice says it doesn't have, and never said it had, it never had.
            guard case .open = word.state else { return }
        }
        // What is said of one id holds for those retired into it too; when that was said stands with its own alone.
        let relationship = FeedRelationship(
            kind: asked.kind, isSaidAgain: !isPerson || key.item != asked.statement.item, known: before,
            spoken: isPerson
                ? try identity.newestWord(about: about(key.item, asked.draft.meta.source)) : nil)
        for var fact in relationship.facts(word, asserted: asked.said, now: now) {
            fact.id = store.keys.relationshipID(
                asked.kind, source: asked.draft.meta.source, item: key.item, org: key.org)
            fact.patient = .subject(asked.subject)
            fact.org = key.org
            fact.evidence = "\(asked.statement.told) \(asked.draft.meta.messageID)"
            found.facts.append(Found.Fact(fact: fact, tokens: [token(asked.subject)]))
        }
    }

    /// What a word on whether a practice has a patient goes by, by the id it knows them by.
    private func about(_ item: String, _ source: String) -> UInt64 {
        store.keys.token(.view, Array("registration\u{0}\(source)\u{0}\(item)".utf8)).high
    }

    /// The resource was another patient's: what it said of them never was.
    ///
    /// - Returns: whether it is so; not where a newer word gave it to that patient.
    private func takeOver(
        _ statement: CareStatement, _ kind: RelationshipKind, from owner: StreamToken, _ said: Instant,
        _ draft: MessageDraft, into found: inout Found
    ) throws -> Bool {
        let subject = try store.subjectName(of: owner)
        if subject.organisation == Store.erasedOrganisation { return true }
        let union = try identity.linked(with: owner)
        found.looksAt.formUnion(union)
        let asked = Asked(
            statement: statement, kind: kind, draft: draft, subject: subject, said: said,
            known: try known(statement, kind, draft, under: union))
        if let newest = asked.known.values.joined().map(\.asserted).max(), said < newest { return false }
        for key in asked.known.keys.sorted() { try add(.init(state: .neverWas), key, asked, into: &found) }
        return true
    }

    // MARK: What was recorded

    /// The facts of the same statement at other times, by whom they serve. Who leaves a practice's list leaves it under the ids too
    /// that a merge retired into the one it names.
    private func known(
        _ statement: CareStatement, _ kind: RelationshipKind, _ draft: MessageDraft,
        under union: Set<StreamToken>
    ) throws -> [FactKey: [FeedRelationship.Known]] {
        var items = [statement.item]
        if statement.kind == .person, statement.state != .neverWas {
            items += try retired(into: draft.meta.subject)
        }
        var out: [FactKey: [FeedRelationship.Known]] = [:]
        for stored in try policy.facts(under: union.sorted()) {
            guard let id = stored.fact.id, id.hasPrefix(kind.rawValue), let org = stored.fact.org,
                let item = items.first(where: {
                    store.keys.relationshipID(kind, source: draft.meta.source, item: $0, org: org) == id
                })
            else { continue }
            out[FactKey(org: org, item: item), default: []].append(
                FeedRelationship.Known(fact: stored.fact, recordedAt: stored.recordedAt))
        }
        return out
    }

    /// The source's own ids that a merge which stands retired into that one, as items.
    private func retired(into survivor: SubjectID) throws -> [String] {
        var latest: [StreamToken: IdentityEdge] = [:]
        for edge in try identity.edges(of: token(survivor)) where edge.kind == .merge {
            latest[edge.other] = edge
        }
        return try latest.values.filter(\.stands).compactMap { edge in
            guard let fact = try store.identityFact(at: edge.position), fact.tokens.last == edge.other,
                try identity.firstSeen(edge.other) != nil
            else { return nil }
            let name = try store.subjectName(of: edge.other)
            return name.organisation == survivor.organisation ? "Patient/\(name.localID)" : nil
        }
    }
}

extension RegionDeclaration {
    /// What a statement of that kind makes where that source sends it; nil where it makes nothing.
    ///
    /// Practices have lists, and community services and councils caseloads; a hospital has visits. Anybody refers.
    func relationship(of kind: CareStatement.Kind, from source: String) -> RelationshipKind? {
        let holder = organisations[source]?.kind
        switch kind {
        case .referral: return .referral
        case .person: return holder == .gp ? .registration : nil
        case .episode where holder == .gp: return .registration
        case .episode, .team:
            switch holder {
            case .community, .localAuthority, .mentalHealth, .hospice, .careHome: return .caseload
            default: return nil
            }
        }
    }

    /// Whether the region lists it, and it has not closed.
    func isInForce(_ ods: String, at instant: Instant) -> Bool {
        guard organisations[ods] != nil else { return false }
        guard let closure = closures[ods] else { return true }
        return closure.from.map { instant < $0 } ?? false
    }

    var calendar: StoreCalendar { settings?.calendar ?? .london }
}

extension KeyStore {
    /// What a relationship goes by that a source's statement makes: a keyed hash, for the fact outlives the patient's erasure.
    func relationshipID(_ kind: RelationshipKind, source: String, item: String, org: String) -> String {
        let name = "\(kind.rawValue)\u{0}\(source)\u{0}\(item)\u{0}\(org)"
        return "\(kind.rawValue)-" + Hex.encode(token(.view, Array(name.utf8)).bytes)
    }
}
