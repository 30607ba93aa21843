import CareRecord
import EventLog
import Projections
import Wire

/// The links that a message's assertion brings about (decision 3, clauses 7 to 9): pure over what identity looks like before it.
struct AutomaticLinks {
    /// A link to be appended in the message's batch.
    struct Link: Hashable, Sendable {
        var a: SubjectID
        var b: SubjectID
        var evidence: String
    }

    /// One subject that bears a number of the message's, as identity knows it.
    struct Candidate: Sendable {
        var subject: SubjectID
        var token: StreamToken
        var firstSeen: Position
        var assertion: PatientAssertion
        /// Everyone linked with it, itself included.
        var union: Set<StreamToken>
        /// Parted by hand from the message's subject, and not joined again since.
        var isKeptApart: Bool
    }

    let rule: RegionSettings.IdentityRule

    /// One link for each union of which a member agrees: to the member seen first.
    ///
    /// - Parameter union: everyone linked with the message's subject so far, itself included.
    func links(
        from subject: SubjectID, asserting assertion: PatientAssertion, union: Set<StreamToken>,
        candidates: [Candidate]
    ) -> [Link] {
        var joined = union
        var links: [Link] = []
        for candidate in candidates.sorted(by: { $0.firstSeen < $1.firstSeen })
        where !candidate.isKeptApart && !joined.contains(candidate.token)
            && agrees(assertion, candidate.assertion)
        {
            joined.formUnion(candidate.union)
            links.append(
                Link(
                    a: subject, b: candidate.subject,
                    evidence: "automatic: same verified NHS number and birth date, names agree"))
        }
        return links
    }

    func agrees(_ a: PatientAssertion, _ b: PatientAssertion) -> Bool {
        guard let born = a.birthDate, born == b.birthDate else { return false }
        return NameAgreement(rule.familyName).holds(a.family, b.family)
            && NameAgreement(rule.givenName).holds(a.given.first, b.given.first)
    }
}

extension NameAgreement {
    init(_ agreement: RegionSettings.IdentityRule.Agreement) {
        switch agreement {
        case .equal: self = .equal
        case .similar: self = .similar
        }
    }
}
