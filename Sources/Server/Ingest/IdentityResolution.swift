import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Finds the links that a message brings about, in identity as of one position.
struct IdentityResolution {
    let store: Store
    let position: Position
    let settings: RegionSettings?

    /// What linking found, and whom it looked at: a message before it that moves one of them must be seen first.
    struct Found {
        var links: [AutomaticLinks.Link] = []
        /// Subjects whose assertions and links decided, all that are linked with them included.
        var looksAt: Set<StreamToken> = []
        /// Subjects whose assertions or links the message changes.
        var moves: Set<StreamToken> = []
    }

    func links(of message: PreparedMessage) throws(StoreError) -> [AutomaticLinks.Link] {
        try found(of: message).links
    }

    func found(of message: PreparedMessage) throws(StoreError) -> Found {
        guard case .draft(let draft) = message.outcome, let assertion = draft.meta.patient else {
            return Found()
        }
        return try StoreError.translating {
            let identity = store.identityReader(at: position)
            let token = store.keys.token(of: .subject(draft.meta.subject))
            let own = try ownNumbers(draft, assertion, token, identity)
            var found = Found(links: own.links, looksAt: own.union, moves: [token])
            for link in own.links { found.moves.insert(store.keys.token(of: .subject(link.b))) }
            guard let settings, try isInForce(assertion, of: token, identity) else { return found }
            let (candidates, bearers) = try candidates(assertion, besides: token, settings, identity)
            found.looksAt.formUnion(bearers)
            let linked = AutomaticLinks(rule: settings.identityRule).links(
                from: draft.meta.subject, asserting: assertion, union: own.union, candidates: candidates)
            for candidate in candidates {
                found.looksAt.insert(candidate.token)
                found.looksAt.formUnion(candidate.union)
            }
            for link in linked { found.moves.insert(store.keys.token(of: .subject(link.b))) }
            found.links += linked
            return found
        }
    }

    /// Whether the assertion will be in force once the message is taken.
    private func isInForce(
        _ assertion: PatientAssertion, of subject: StreamToken, _ identity: IdentityReader
    ) throws -> Bool {
        guard let asserted = assertion.asserted, let current = try identity.state(of: subject)?.asserted
        else {
            return true
        }
        return asserted >= current
    }

    /// Links with the subject's own MR numbers (decision 3, clause 9), and who is linked with it then.
    private func ownNumbers(
        _ draft: MessageDraft, _ assertion: PatientAssertion, _ token: StreamToken, _ identity: IdentityReader
    ) throws -> (links: [AutomaticLinks.Link], union: Set<StreamToken>) {
        var union = try identity.linked(with: token)
        var links: [AutomaticLinks.Link] = []
        for local in assertion.localIdentifiers {
            let other = SubjectID(organisation: draft.meta.source, localID: local)
            guard other.isWellFormed else { continue }
            let otherToken = store.keys.token(of: .subject(other))
            guard try identity.edge(.link, between: token, and: otherToken) == nil else { continue }
            union.formUnion(try identity.linked(with: otherToken))
            links.append(
                AutomaticLinks.Link(
                    a: draft.meta.subject, b: other, evidence: "the source's own record number"))
        }
        return (links, union)
    }

    /// - Returns: the bearers that may be linked, and all of them: one whose number is known by a fact alone has no record to agree with
    ///   until a message before this one brings it.
    private func candidates(
        _ assertion: PatientAssertion, besides subject: StreamToken, _ settings: RegionSettings,
        _ identity: IdentityReader
    ) throws -> (candidates: [AutomaticLinks.Candidate], bearers: Set<StreamToken>) {
        let placeholders = store.placeholders(settings)
        let removed = try identity.state(of: subject)?.removed ?? []
        var out: [AutomaticLinks.Candidate] = []
        var bearers: Set<StreamToken> = []
        for stated in assertion.numbers
        where stated.verified && !stated.number.isPlaceholder && !placeholders.contains(stated.number) {
            let number = store.keys.numberToken(stated.number)
            if removed.contains(number) { continue }
            for other in try identity.everBore(number) where other != subject {
                bearers.insert(other)
                guard let state = try identity.state(of: other),
                    state.borne.contains(where: { $0.token == number && $0.verified }),
                    let first = try identity.firstSeen(other),
                    let meta = try store.assertion(at: state.position), let patient = meta.patient
                else { continue }
                out.append(
                    AutomaticLinks.Candidate(
                        subject: meta.subject, token: other, firstSeen: first, assertion: patient,
                        union: try identity.linked(with: other),
                        isKeptApart: try identity.edge(.link, between: subject, and: other) == false))
            }
        }
        return (out, bearers)
    }
}
