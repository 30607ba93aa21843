import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// The queue of links to review: pairs of patients who bear one number, and what feeds raised (decision 7).
extension Store {
    /// The activity that a role needs for it.
    static let reviewActivity = "review-alerts"

    /// All that is open, those found by number first. A receipt for each is durable before this returns.
    ///
    /// - Throws: `refused` where the operator's role has no part in it.
    public func identityReviews(_ asker: Asker) throws(StoreError) -> [IdentityReview] {
        intake.lock()
        defer { intake.unlock() }
        let head = try catchUp()
        let person = try reviewer(asker, head)
        let found = try openReviews(at: head.position)
        try recordReading(of: found, person, asker, head)
        return found
    }

    /// Decides one of them: two are one person, or they are kept apart. A review of one subject is closed either way.
    ///
    /// - Parameter reason: why, for whoever asks later.
    /// - Throws: `usage` where there is no such review, or one subject would be linked.
    public func decide(
        _ id: String, link: Bool, reason: String?, asker: Asker
    ) throws(StoreError) -> AppendOutcome.Appended {
        intake.lock()
        defer { intake.unlock() }
        let head = try catchUp()
        _ = try reviewer(asker, head)
        guard let review = try openReviews(at: head.position).first(where: { $0.id == id }) else {
            throw .usage("no open review \(id): `daybook identity review list` names them")
        }
        if link, review.subjects.count < 2 {
            throw .usage(
                "\(id) is about \(review.subjects[0]) alone: there is nobody to link it with; keep-apart closes it"
            )
        }
        if link, case .raised(.motherAndBaby) = review.reason {
            throw .refused("\(id): a mother and her child are never one patient; keep-apart closes it")
        }
        var facts: [(PatientFact, [StreamToken])] = []
        if review.subjects.count == 2 {
            var fact = PatientFact(link ? .linked : .unlinked, patient: .subject(review.subjects[0]))
            fact.other = .subject(review.subjects[1])
            fact.evidence = "identity review \(id)"
            facts.append((fact, review.tokens))
        }
        if let factID = review.factID {
            facts.append(
                (
                    PatientFact(.reviewDecided, id: factID, patient: .subject(review.subjects[0])),
                    review.tokens
                ))
        }
        return try StoreError.translating {
            for index in facts.indices {
                (facts[index].0.reason, facts[index].0.recordedBy) = (reason, asker.user)
            }
            var records = try facts.map { try factRecord($0, $1) }
            // Somebody may have seen two as one (decision 11).
            if !link, review.subjects.count == 2, try areLinked(review.tokens),
                let raised = try alert(for: facts[0].0, back: UInt64(records.count))
            {
                records.append(try alertRecord(raised, about: review.tokens))
            }
            return try appendOne(
                Proposal(records: records, conditions: [.classUnchanged(.identity, since: head.position)]))
        }
    }

    /// Whether the last word on a link between the two is that they are one.
    private func areLinked(_ tokens: [StreamToken]) throws -> Bool {
        let position = try log.head.position
        return try identityReader(at: position).edges(of: tokens[0])
            .last { $0.kind == .link && $0.other == tokens[1] }?.stands ?? false
    }

    private func reviewer(_ asker: Asker, _ head: LogHead) throws(StoreError) -> Receipt.Person? {
        guard let identity = try operatorIdentity(asker, head: head) else { return nil }
        guard identity.activities.contains(Self.reviewActivity) else {
            throw .refused(
                "\(identity.user) has no role in force with the activity \(Self.reviewActivity)")
        }
        return Receipt.Person(identity)
    }

    private func recordReading(
        of reviews: [IdentityReview], _ person: Receipt.Person?, _ asker: Asker, _ head: LogHead
    ) throws(StoreError) {
        if reviews.isEmpty { return }
        let policy = try regionState().version(at: head.position)
        let now = try clock()
        let proposals = try StoreError.translating {
            try reviews.map { review in
                let receipt = Receipt(
                    kind: .actual, question: .identityReview, viewer: person, operatorUser: asker.user,
                    systemUser: asker.systemUser, purpose: "identity-review", caseID: nil,
                    position: head.position, instant: now, isFinal: false, policy: policy, permitted: true,
                    rule: Self.reviewActivity, basis: [], shown: review.subjects.count, withheld: 0,
                    sources: Set(review.subjects.map(\.organisation)).sorted(), subjects: review.tokens,
                    items: .zero, body: .zero)
                let detail = ReceiptDetail(
                    patient: review.subjects.map(\.description).joined(separator: " "),
                    query: "identity review list \(review.id)", itemsSalt: [], bodySalt: [])
                return Proposal(records: [try receiptRecord(receipt, detail)])
            }
        }
        _ = try append(proposals)
    }

    // MARK: Finding them

    private func openReviews(at position: Position) throws(StoreError) -> [IdentityReview] {
        try StoreError.translating {
            let identity = identityReader(at: position)
            return try pairs(identity) + raised(identity)
        }
    }

    private func raised(_ identity: IdentityReader) throws -> [IdentityReview] {
        try identity.openReviews().compactMap { position in
            let record = try log.read(at: position)
            let sealed = try opener.sealedFact(of: record)
            // Whose key is gone is nobody whom a link could help.
            guard let fact = try? opener.wholeFact(of: record), case .subject(let first)? = fact.patient,
                let reason = fact.reason.flatMap({ ReviewReason(rawValue: $0) })
            else { return nil }
            var subjects = [first]
            if case .subject(let second)? = fact.other { subjects.append(second) }
            var review = IdentityReview(
                id: "r\(position.value)", reason: .raised(reason), subjects: subjects, opened: position,
                tokens: sealed.tokens, factID: fact.id)
            if sealed.tokens.count == 2 { try compare(&review, identity) }
            return review
        }
    }

    /// Unions that bear one number at the head: each later one with the first, unless somebody set them apart.
    private func pairs(_ identity: IdentityReader) throws -> [IdentityReview] {
        let placeholders = Set(
            self.placeholders(try regionState().history.declaration.settings).map { keys.numberToken($0) })
        var out: [IdentityReview] = []
        var listed: Set<String> = []
        for (number, subjects) in try identity.sharedNumbers() where !placeholders.contains(number) {
            var groups: [Bearers] = []
            for subject in subjects {
                guard let borne = try identity.state(of: subject)?.borne.first(where: { $0.token == number }),
                    let seen = try identity.firstSeen(subject)
                else { continue }
                if let known = groups.firstIndex(where: { $0.union.contains(subject) }) {
                    groups[known].add(subject, seen, borne.verified)
                } else {
                    groups.append(
                        Bearers(
                            union: try identity.linked(with: subject), subject: subject, seen: seen,
                            isVerified: borne.verified))
                }
            }
            groups.sort { $0.seen < $1.seen }
            for (index, later) in groups.enumerated() {
                for first in groups[..<index] where try !areSetApart(first.union, later.union, identity) {
                    var review = IdentityReview(
                        id: "p\(first.seen.value)-\(later.seen.value)", reason: .sameNumber,
                        subjects: [try subjectName(of: first.subject), try subjectName(of: later.subject)],
                        isVerified: first.isVerified && later.isVerified,
                        tokens: [first.subject, later.subject])
                    guard listed.insert(review.id).inserted else { continue }
                    try compare(&review, identity)
                    out.append(review)
                }
            }
        }
        return out.sorted { $0.id < $1.id }
    }

    private struct Bearers {
        var union: Set<StreamToken>
        /// The one first seen.
        var subject: StreamToken
        var seen: Position
        var isVerified: Bool

        mutating func add(_ other: StreamToken, _ at: Position, _ verified: Bool) {
            isVerified = isVerified || verified
            if at < seen { (subject, seen) = (other, at) }
        }
    }

    /// Whether the last word on a link between any two of them is that there is none.
    private func areSetApart(
        _ a: Set<StreamToken>, _ b: Set<StreamToken>, _ identity: IdentityReader
    ) throws -> Bool {
        for subject in a {
            var latest: [StreamToken: Bool] = [:]
            for edge in try identity.edges(of: subject) where edge.kind == .link && b.contains(edge.other) {
                latest[edge.other] = edge.stands
            }
            if latest.values.contains(false) { return true }
        }
        return false
    }

    private func compare(_ review: inout IdentityReview, _ identity: IdentityReader) throws {
        let assertions = try review.tokens.map { token -> PatientAssertion? in
            guard let state = try identity.state(of: token), state.asserted != nil else { return nil }
            return try assertion(at: state.position)?.patient
        }
        let (a, b) = (assertions[0], assertions[1])
        review.birthDates = Self.comparison(a?.birthDate, b?.birthDate) { $0 == $1 }
        review.familyNames = Self.comparison(a?.family, b?.family) { NameAgreement.similar.holds($0, $1) }
        review.givenNames = Self.comparison(a?.given.first, b?.given.first) {
            NameAgreement.similar.holds($0, $1)
        }
    }

    private static func comparison(
        _ a: String?, _ b: String?, _ agree: (String, String) -> Bool
    ) -> IdentityReview.Comparison {
        guard let a, let b else { return .unknown }
        if a == b { return .same }
        return agree(a, b) ? .similar : .different
    }
}
