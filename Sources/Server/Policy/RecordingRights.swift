import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Who may record what (decision 11, clause 2). What the same file records before counts. The owner of a simulated store
/// records for everybody.
struct RecordingRights {
    private let store: Store
    private let asker: Asker
    private let position: Position
    private let state: RegionState
    /// Facts of this file, by the token each is kept under.
    private var earlier: [(fact: PatientFact, under: StreamToken?)] = []

    init(_ store: Store, _ asker: Asker, head: LogHead) throws(StoreError) {
        (self.store, self.asker, position) = (store, asker, head.position)
        let now = DecisionPoint(instant: try store.clock(), position: head.position)
        state = try store.regionState().history.state(at: now)
    }

    private var isOwner: Bool { store.isSimulated && asker.user == nil }

    /// Who recorded the fact: whoever the file says, else whoever asks. An override and a self-claim are their own user's
    /// word: nobody records one for another.
    ///
    /// - Throws: `usage` where somebody else would.
    func attribute(_ fact: inout PatientFact, _ draft: PatientFactDraft) throws(StoreError) {
        let isOwn =
            fact.kind == .overrideDeclared
            || (fact.kind == .relationshipCreated && fact.relationship == .selfClaimed)
        if fact.recordedBy == nil { fact.recordedBy = asker.user ?? (isOwn && isOwner ? fact.user : nil) }
        guard isOwn else { return }
        if let user = fact.user, fact.recordedBy == user, isOwner || asker.user == user { return }
        throw .usage(
            "line \(draft.line): \(draft.field): only \(fact.user ?? "the user it names") may declare it: "
                + "name that user, and no other as recordedBy or --operator")
    }

    /// - Throws: `refused` for a case opened, or a seal lifted, by somebody who may not.
    mutating func check(
        _ fact: PatientFact, _ draft: PatientFactDraft, under token: StreamToken?
    ) throws(StoreError) {
        defer { earlier.append((fact, token)) }
        if isOwner { return }
        let here = "line \(draft.line): \(draft.field): "
        switch fact.kind {
        case .caseOpened where !has(Activity.openCase, fact.authority):
            throw .refused(here + "authority: name a user with a role in force that may open a case")
        case .sealLifted:
            guard let by = fact.by else { throw .usage(here + "by: say which user lifts it") }
            if let user = asker.user, user != by { throw .refused(here + "by: \(by) must be the operator") }
            try lift(fact, by, here, under: token)
        default: break
        }
    }

    /// Its author's workgroup may lift a seal; anybody else takes the activity and an open case.
    private func lift(
        _ fact: PatientFact, _ by: String, _ here: String, under token: StreamToken?
    ) throws(StoreError) {
        let facts = try facts(fact, under: token)
        let seal = facts.last { $0.kind == .sealApplied && $0.id == fact.id }
        if let seal, state.isAuthor(by, of: seal) { return }
        guard has(Activity.liftSeal, by) else {
            throw .refused(
                here + "\(by) is not of the workgroup that sealed, and has no role in force with lift-seal")
        }
        guard let reference = fact.caseReference else {
            throw .refused(here + "case: lifting another's seal takes an open case for this patient")
        }
        let mine = earlier.filter { $0.under == token && $0.fact.id == reference }.map(\.fact.kind)
        if mine.last == .caseOpened { return }
        guard mine.last != .caseClosed, try isOpen(reference, fact, under: token) else {
            throw .refused(here + "case \(reference) is not open for this patient")
        }
    }

    private func has(_ activity: String, _ user: String?) -> Bool {
        user.map { state.activities(of: $0).contains(activity) } ?? false
    }

    private func isOpen(
        _ reference: String, _ fact: PatientFact, under token: StreamToken?
    ) throws(StoreError) -> Bool {
        state.openCases(PatientFacts(subjects: [], entries: try entries(fact, under: token))).contains(
            reference)
    }

    private func facts(_ fact: PatientFact, under token: StreamToken?) throws(StoreError) -> [PatientFact] {
        try entries(fact, under: token).map(\.fact) + earlier.filter { $0.under == token }.map(\.fact)
    }

    /// The patient's facts: all of the union's where the fact names a patient, else those kept where what it ends is.
    private func entries(
        _ fact: PatientFact, under token: StreamToken?
    ) throws(StoreError) -> [PatientFacts.Entry] {
        if let patient = fact.patient { return try store.patient(patient, at: position).facts.entries }
        guard let token else { return [] }
        do throws(ProjectionError) {
            return try store.policyReader(at: position).facts(under: [token]).map {
                PatientFacts.Entry($0.fact, position: $0.position, recordedAt: $0.recordedAt)
            }
        } catch { throw .projection(error) }
    }
}
