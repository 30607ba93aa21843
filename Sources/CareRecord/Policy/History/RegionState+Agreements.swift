import Wire

extension RegionState {
    /// Who is controller of a source's subject: the source itself, or, where it is closed, its successor's successor …
    public enum Controller: Hashable, Sendable {
        case organisation(String)
        /// The source split, and no successor takes this subject.
        case none(decidedBy: Position)
    }

    /// Closures followed before giving up: a chain longer than this is a ring.
    static let maximumSuccessions = 16

    public func controller(source: String, localID: String) -> Controller {
        var ods = source
        for _ in 0..<Self.maximumSuccessions {
            guard let closed = history.organisations[ods]?.closure(at: point),
                !closed.closure.successors.isEmpty
            else { return .organisation(ods) }
            let named = closed.closure.successors.first { $0.subjects?.contains(localID) ?? false }
            guard let next = named ?? closed.closure.successors.first(where: { $0.subjects == nil }) else {
                return .none(decidedBy: closed.position)
            }
            ods = next.ods
        }
        return .organisation(ods)
    }

    /// What the agreements of a controller say to one recipient, category and purpose.
    public struct AgreementAnswer: Hashable, Sendable {
        /// The agreement that shares, and the event that states its terms: of several, the earliest by position.
        public var permit: (id: String, position: Position)?
        /// Where none shares: the events that ended or suspended those that would, or whose period does not cover the
        /// instant; ascending.
        public var decidedBy: [Position] = []

        public static func == (a: Self, b: Self) -> Bool {
            a.permit?.position == b.permit?.position && a.decidedBy == b.decidedBy
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(permit?.position)
            hasher.combine(decidedBy)
        }
    }

    public func agreement(
        controller: String, recipient: String, category: Category, purpose: String
    ) -> AgreementAnswer {
        let all = agreements(controller: controller, recipient: recipient, purpose: purpose)
        return Self.answer(all, category)
    }

    /// An agreement that names controller, recipient and purpose.
    struct AgreementFound {
        var id: String
        var categories: CategorySet
        var position: Position
        /// Nil: in force.
        var overBy: Position?
    }

    func agreements(controller: String, recipient: String, purpose: String) -> [AgreementFound] {
        var out: [AgreementFound] = []
        let all = history.agreements
        for id in history.organisations[controller]?.agreements ?? [] {
            guard let agreement = all[id], let place = agreement.terms.place(at: point) else { continue }
            let versions = agreement.terms.spans[place.span].versions
            guard versions[place.version].terms.controller == controller,
                Self.covers(versions[place.version].terms.purposes, purpose),
                names(recipient, in: versions, place.version)
            else { continue }
            out.append(
                AgreementFound(
                    id: id, categories: versions[place.version].terms.categories,
                    position: versions[place.version].position,
                    overBy: place.overBy ?? agreement.suspension(at: point, since: versions[0].position)))
        }
        return out
    }

    /// The first of the agreements in force that share the category.
    static func permit(_ agreements: [AgreementFound], _ category: Category) -> Position? {
        var permit: Position?
        for index in agreements.indices
        where agreements[index].overBy == nil && agreements[index].categories.contains(category) {
            permit = min(permit ?? agreements[index].position, agreements[index].position)
        }
        return permit
    }

    static func answer(_ agreements: [AgreementFound], _ category: Category) -> AgreementAnswer {
        var answer = AgreementAnswer()
        for found in agreements where found.categories.contains(category) {
            if let over = found.overBy {
                answer.decidedBy.append(over)
            } else if answer.permit.map({ found.position < $0.position }) ?? true {
                answer.permit = (found.id, found.position)
            }
        }
        if answer.permit != nil { answer.decidedBy = [] } else { answer.decidedBy.sort() }
        return answer
    }

    /// Whether any agreement of the controller is in force, whatever it shares.
    public func hasAgreement(controller: String) -> Bool {
        let all = history.agreements
        return (history.organisations[controller]?.agreements ?? []).contains { id in
            guard let agreement = all[id], let place = agreement.terms.place(at: point), place.overBy == nil
            else { return false }
            let versions = agreement.terms.spans[place.span].versions
            return versions[place.version].terms.controller == controller
                && agreement.suspension(at: point, since: versions[0].position) == nil
        }
    }

    /// An emergency is direct care as far as agreements go.
    private static func covers(_ purposes: [String], _ purpose: String) -> Bool {
        purposes.contains(purpose) || (purpose == Purpose.emergency && purposes.contains(Purpose.directCare))
    }

    /// - Parameters:
    ///   - versions: of one span.
    ///   - index: the version that holds.
    private func names(
        _ recipient: String, in versions: [Spans<AgreementTerms>.Version], _ index: Int
    ) -> Bool {
        let recipients = versions[index].terms.recipients
        if recipients.contains(recipient) { return true }
        guard recipients.contains("all"), let organisation = details(of: recipient),
            organisation.kind != .commissioner
        else { return false }
        // An amendment is signed when it is recorded.
        let signed =
            index > 0
            ? versions[index].recordedAt : versions[index].terms.from ?? versions[index].recordedAt
        let then = DecisionPoint(instant: signed, position: point.position)
        return history.organisations[recipient]?.charters.standing(at: then).terms != nil
    }
}
