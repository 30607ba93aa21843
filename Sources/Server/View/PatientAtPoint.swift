import CareRecord
import EventLog
import Projections
import Wire

/// A patient as identity and policy have them at a position.
struct PatientAtPoint {
    /// Nil where nobody of that name or number was seen by then.
    var union: PatientUnion?
    /// What the question named.
    var asked: StreamToken
    /// The subjects' own names, in the union's order.
    var subjects: [SubjectID]
    var facts: PatientFacts
    /// Facts by position, to find what a `once` permission is kept under.
    var stored: [StoredFact]

    /// Every stream whose movement would change an answer about the patient.
    var streams: [StreamToken] {
        Array(Set((union?.subjects ?? []) + (union?.numbers ?? []) + [asked])).sorted()
    }

    /// Whom a receipt names: the subjects, or what was asked for where nobody is known.
    var receipted: [StreamToken] { union.map(\.subjects) ?? [asked] }
}

extension Store {
    /// - Parameter position: one that identity and policy have reached.
    func patient(_ reference: PatientReference, at position: Position) throws(StoreError) -> PatientAtPoint {
        try StoreError.translating {
            let identity = RememberedIdentity(identityReader(at: position))
            let asked = keys.token(of: reference)
            let union: PatientUnion? =
                switch reference {
                case .nhs: try identity.union(bearing: asked)
                case .subject: try identity.union(of: asked)
                }
            var tokens = Set(union.map { $0.subjects + $0.numbers } ?? [])
            tokens.insert(asked)
            let stored = try policyReader(at: position).facts(under: tokens.sorted())
            let subjects = try (union?.subjects ?? []).map { try subjectName(of: $0) }
            let bearers = try bearers(union, identity)
            var entries = stored.map { fact in
                PatientFacts.Entry(
                    fact.fact, position: fact.position, recordedAt: fact.recordedAt,
                    scope: Self.scope(of: fact.under, union, bearers))
            }
            let known = Set(stored.map(\.position))
            for fact in try union.map({
                try CarriedFacts(store: self, union: $0, position: position, identity: identity).found()
            }
            ) ?? []
            where !known.contains(fact.position) {
                entries.append(
                    PatientFacts.Entry(
                        fact.fact, position: fact.position, recordedAt: fact.recordedAt, carried: true))
            }
            return PatientAtPoint(
                union: union, asked: asked, subjects: subjects,
                facts: PatientFacts(subjects: subjects, entries: entries), stored: stored)
        }
    }

    /// For each number of the union, the indices of the subjects that bear it.
    private func bearers(
        _ union: PatientUnion?, _ identity: RememberedIdentity
    ) throws(ProjectionError) -> [StreamToken: [Int]] {
        var out: [StreamToken: [Int]] = [:]
        for (index, subject) in (union?.subjects ?? []).enumerated() {
            for number in try identity.state(of: subject)?.borne ?? [] {
                out[number.token, default: []].append(index)
            }
        }
        return out
    }

    /// Which subjects a fact kept under that token names (decision 3, clause 10).
    private static func scope(
        of token: StreamToken, _ union: PatientUnion?, _ bearers: [StreamToken: [Int]]
    ) -> PatientFacts.Scope {
        if let index = union?.subjects.firstIndex(of: token) { return .subjects([index]) }
        return .subjects(bearers[token] ?? [])
    }

    /// A subject's own name, from the first update about it; after an erasure from the assertion in force, where one came since. With all
    /// of that gone the name is gone: the token stands in for it, under an organisation that is none.
    func subjectName(of token: StreamToken) throws(StoreError) -> SubjectID {
        if let known = subjectNames.withLock({ $0[token] }) { return known }
        let identity = identityReader(at: identity.position)
        let places: [Position]
        do throws(ProjectionError) {
            places = [try identity.firstSeen(token), try identity.state(of: token)?.position].compactMap(
                \.self)
        } catch { throw .projection(error) }
        for place in places {
            guard let meta = try assertion(at: place) else { continue }
            subjectNames.withLock { names in
                if names.count >= Self.maximumSubjectNames { names.removeAll() }
                names[token] = meta.subject
            }
            return meta.subject
        }
        return SubjectID(organisation: Self.erasedOrganisation, localID: token.description)
    }

    static let erasedOrganisation = "erased"
}
