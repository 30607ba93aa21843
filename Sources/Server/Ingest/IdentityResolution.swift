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

    func links(of message: PreparedMessage) throws(StoreError) -> [AutomaticLinks.Link] {
        guard case .draft(let draft) = message.outcome, let assertion = draft.meta.patient else { return [] }
        return try StoreError.translating {
            let identity = store.identityReader(at: position)
            let token = store.keys.token(of: .subject(draft.meta.subject))
            let own = try ownNumbers(draft, assertion, token, identity)
            guard let settings, try isInForce(assertion, of: token, identity) else { return own.links }
            let candidates = try candidates(assertion, besides: token, settings, identity)
            let linked = AutomaticLinks(rule: settings.identityRule).links(
                from: draft.meta.subject, asserting: assertion, union: own.union, candidates: candidates)
            return own.links + linked
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

    private func candidates(
        _ assertion: PatientAssertion, besides subject: StreamToken, _ settings: RegionSettings,
        _ identity: IdentityReader
    ) throws -> [AutomaticLinks.Candidate] {
        let placeholders = store.placeholders(settings)
        let removed = try identity.state(of: subject)?.removed ?? []
        var out: [AutomaticLinks.Candidate] = []
        for stated in assertion.numbers
        where stated.verified && !stated.number.isPlaceholder && !placeholders.contains(stated.number) {
            let number = store.keys.numberToken(stated.number)
            if removed.contains(number) { continue }
            for other in try identity.everBore(number) where other != subject {
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
        return out
    }
}
