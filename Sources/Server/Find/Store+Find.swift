import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Finding a patient, before any relationship with them: only by what says enough, at most a few, a receipt for each.
extension Store {
    public static let maximumMatches = 5
    /// Subjects of one family name and birth date that are looked at.
    static let maximumCandidates = 64

    /// Who matches, of those that may be found. The receipts are durable when this returns.
    ///
    /// The role must have the activity `find-patient`. Items of demographics are decided as in a view, but for relationship
    /// and permission, which come later; whoever is shielded, or has excluded the user, is found by nobody or not by them.
    /// - Throws: `usage`, where a real store's command line asks as somebody; `busy`.
    public func findPatient(_ request: FindRequest) throws(StoreError) -> FindAnswer {
        try TypedIDs.insist(
            user: request.user, profile: request.profile, purpose: request.purpose, asker: request.asker)
        guard request.isAuthenticated || isSimulated else {
            throw .usage(
                "find-patient --as \(request.user) is that user's own access, which on a real store goes through the server"
            )
        }
        if let asker = request.asker.user, asker != request.user {
            throw .usage("find-patient is the user's own access: --operator is \(request.user), or left out")
        }
        for _ in 0..<Self.maximumDecisions {
            if let answer = try findOnce(request) { return answer }
        }
        throw .busy("patients and policy kept moving; ask again")
    }

    /// - Returns: nil where something moved before the receipts were durable: nothing was served.
    private func findOnce(_ request: FindRequest) throws(StoreError) -> FindAnswer? {
        let head = try catchUp()
        let region = try regionState()
        let now = DecisionPoint(instant: head.recordedAt, position: head.position)
        let point = try point(nil, head: head, calendar: region.history.state(at: now).calendar)
        let asked = AccessRequest(
            viewer: Viewer(user: request.user, profile: request.profile), purpose: request.purpose,
            activity: Activity.findPatient, point: point.decision)
        var draft = FindDraft(
            search: request.search, viewer: nil, point: point, isSimulatedClock: isSimulated,
            purpose: request.purpose, rule: Rule.unknownPatient.rawValue)
        switch region.history.decide(asked, patient: PatientFacts(subjects: [], entries: [])) {
        case .usage(let text): throw .usage(text + ": --role PROFILE")
        case .withhold(let decision, let identity), .concealed(let decision, _, let identity):
            draft.viewer = Receipt.Person(identity)
            draft.refuse(decision.rule.rawValue, decision.basis)
        case .permit(let context):
            draft.viewer = Receipt.Person(context.viewer)
            let candidates = try candidates(request.search, head)
            for patient in candidates.patients {
                try weigh(patient, region.history.decide(asked, patient: patient.facts), &draft)
            }
            // Subjects' tokens are in no order that anybody knows.
            draft.matches.sort { $0.found.precedes($1.found) }
            if draft.matches.count > Self.maximumMatches || candidates.areMore {
                draft.refuse(FindDraft.tooManyRule)
            } else if draft.permitted {
                (draft.rule, draft.basis) = (FindDraft.foundRule, context.decision.basis)
            }
        }
        return try receipted(draft, request, policy: region.version(at: point.position), head)
    }

    // MARK: Who it may be

    private struct Candidates {
        var patients: [PatientAtPoint] = []
        /// The name and birth date are of more than are looked at.
        var areMore = false
    }

    /// Each patient once, whatever the number of their subjects.
    private func candidates(_ search: PatientSearch, _ head: LogHead) throws(StoreError) -> Candidates {
        switch search.by {
        case .number(let number):
            let found = try patient(.nhs(number), at: head.position)
            return Candidates(patients: found.union == nil ? [] : [found])
        case .person(let person):
            guard
                let key = PersonKey.token(
                    family: person.family, birthDate: person.birthDate.description, keys)
            else { return Candidates() }
            let tokens = try StoreError.translating {
                let updates = try log.classHead(.sourceUpdate)
                try people.catchUp(toAtLeast: max(updates, log.classHead(.housekeeping)), head: head.position)
                return try PeopleReader(people.view).subjects(under: key, limit: Self.maximumCandidates + 1)
            }
            var out = Candidates(areMore: tokens.count > Self.maximumCandidates)
            var known: Set<StreamToken> = []
            for token in tokens.prefix(Self.maximumCandidates) where !known.contains(token) {
                let found = try patient(.subject(try subjectName(of: token)), at: head.position)
                guard let union = found.union else { continue }
                known.formUnion(union.subjects)
                out.patients.append(found)
            }
            return out
        }
    }

    // MARK: Who may be found

    /// Takes the patient into the matches, or among the concealed.
    private func weigh(
        _ patient: PatientAtPoint, _ decision: ViewerDecision, _ draft: inout FindDraft
    ) throws(StoreError) {
        guard let union = patient.union else { return }
        var matched: FindDraft.Match?
        var hidden: Decision?
        for index in union.subjects.indices {
            let subject = union.subjects[index]
            guard let assertion = try assertion(inForce: subject, draft.point.position),
                draft.search.names(assertion)
            else { continue }
            switch decision {
            case .usage: return
            case .withhold(let decision, _), .concealed(let decision, _, _): hidden = decision
            case .permit(let context):
                switch try demographics(of: patient, index, context, draft.point.position) {
                case nil: continue
                case .withheld(let decision): hidden = hidden ?? decision
                case .shown(let item):
                    let found = try FoundPatient(
                        item, number: try number(assertion, of: subject, draft))
                    guard draft.search.matches(found) else { continue }
                    if matched == nil || matched?.found.number == nil && found.number != nil {
                        matched = FindDraft.Match(found: found, patient: patient, item: item)
                    }
                }
            }
        }
        if let matched {
            draft.matches.append(matched)
        } else if let hidden {
            draft.concealed.append((patient, hidden))
        }
    }
}

extension Store {
    /// What a subject's own Patient says, where it may be shown.
    private enum Demographics {
        case shown(ViewItem)
        case withheld(Decision)
    }

    /// What is in force of who the subject is; nil where that was never said, or is erased.
    private func assertion(
        inForce subject: StreamToken, _ position: Position
    ) throws(StoreError) -> PatientAssertion? {
        let state: IdentityState?
        do throws(ProjectionError) { state = try identityReader(at: position).state(of: subject) } catch {
            throw .projection(error)
        }
        guard let state else { return nil }
        return try assertion(at: state.position)?.patient
    }

    /// - Parameter index: of the union's subjects.
    private func demographics(
        of patient: PatientAtPoint, _ index: Int, _ context: ViewerContext, _ position: Position
    ) throws(StoreError) -> Demographics? {
        guard let union = patient.union else { return nil }
        var withheld: Decision?
        do throws(ProjectionError) {
            let records = try record.records(of: [union.subjects[index]], at: position)
            let assembly = try ViewAssembly(
                records: records.map { $0.filter { $0.category == .demographics } }, needs: .everything,
                decide: { descriptor in
                    var descriptor = descriptor
                    descriptor.subject = index
                    let decision = context.decide(descriptor)
                    if !decision.permit, withheld == nil { withheld = decision }
                    return decision
                }, lastCodes: { (_, _, _) throws(ProjectionError) in [] })
            if let item = assembly.items.first(where: {
                $0.category == .demographics && $0.reference.hasPrefix("Patient/")
            }) {
                return .shown(item)
            }
        } catch { throw .projection(error) }
        return withheld.map { .withheld($0) }
    }

    /// The number to show: the one searched for; else one that the subject bears, a verified one first.
    private func number(
        _ assertion: PatientAssertion, of subject: StreamToken, _ draft: FindDraft
    ) throws(StoreError) -> NHSNumber? {
        if case .number(let number) = draft.search.by { return number }
        let borne: [IdentityState.Number]
        do throws(ProjectionError) {
            borne = try identityReader(at: draft.point.position).state(of: subject)?.borne ?? []
        } catch { throw .projection(error) }
        let placeholders = placeholders(try regionDeclaration().settings)
        let stated = assertion.numbers.filter { stated in
            !stated.number.isPlaceholder && !placeholders.contains(stated.number)
                && borne.contains { $0.token == keys.numberToken(stated.number) }
        }
        return (stated.first(where: \.verified) ?? stated.first)?.number
    }
}

extension PatientSearch {
    /// Whether what the source says of the person is what is looked for, as far as that goes.
    fileprivate func names(_ assertion: PatientAssertion) -> Bool {
        guard case .person(let person) = by else { return true }
        guard NameAgreement.equal.holds(person.family, assertion.family),
            assertion.birthDate == person.birthDate.description
        else { return false }
        guard let given = person.given else { return true }
        return NameAgreement.equal.holds(given, assertion.given.first)
    }

    /// Whether the rest is, too.
    fileprivate func matches(_ found: FoundPatient) -> Bool {
        guard case .person(let person) = by else { return true }
        if let gender = person.gender, gender != found.gender { return false }
        if let postcode = person.postcode, postcode != found.postcode?.description { return false }
        return true
    }
}
