import CareRecord
import Ciphers
import Intake
import SyntheticRegion
import Wire

/// The synthetic region as the decision function is handed it: its policy over five years, each patient's facts and items, and every
/// access, at its time.
///
/// What a store works out of feeds' messages stands here as they say it: a visit is a relationship that begins and ends, and who ever sent
/// something has one. Items are those held at the end.
struct DemoDecisions {
    struct Access {
        var request: AccessRequest
        var patient: Int
    }

    struct Patient {
        var facts: PatientFacts
        var items: [ItemDescriptor]
    }

    private(set) var history = RegionHistory()
    private(set) var patients: [Patient] = []
    private(set) var accesses: [Access] = []

    private var position: UInt64 = 0
    private var calls: [(look: Look, point: DecisionPoint)] = []
    private var told: [(fact: PatientFact, position: Position, time: Instant, patient: PatientReference)] = []
    private var begun: [String: PatientReference] = [:]
    private var bearers: [NHSNumber: [SubjectID]] = [:]
    private var numbers: [SubjectID: NHSNumber] = [:]
    private var items: [SubjectID: [String: ItemMeta]] = [:]

    init(patients count: Int, seed: UInt64) throws {
        for step in SyntheticRegion(patients: count, seed: seed) { try take(step) }
        try gather()
    }

    private mutating func next() -> Position {
        position += 1
        return Position(position)
    }

    private mutating func take(_ step: Step) throws {
        switch step.action {
        case .region(_, let name, _):
            for fact in try RegionFile(step.file, file: name).facts(after: history.declaration) {
                history.append(fact, position: next(), recordedAt: step.time)
            }
        case .sharing(_, let name):
            for draft in try PatientPolicyFile(step.file, file: name, calendar: .london).drafts {
                tell(draft.fact, step.time)
            }
        case .messages(let delivery):
            for message in delivery.messages { take(message, delivery, step.time) }
        case .access(let look):
            calls.append((look, DecisionPoint(instant: step.time, position: Position(position))))
        }
    }

    private mutating func tell(_ fact: PatientFact, _ time: Instant) {
        let at = next()
        if fact.kind.isIdentity { return }
        let named = fact.patient ?? fact.id.flatMap { begun[$0] }
        guard let named else { return }
        if let id = fact.id, fact.patient != nil { begun[id] = named }
        told.append((fact, at, time, named))
    }

    private mutating func take(_ message: [UInt8], _ delivery: Delivery, _ time: Instant) {
        let read: Result<MessageDraft, IntakeReject>
        if delivery.format == .fhir {
            read = FHIRIntake(
                source: delivery.source, sourceIsLocalAuthority: delivery.source.first == "8",
                digest: { SHA256.hash($0).bytes }
            ).message(message)
        } else {
            read = HL7Intake(
                source: delivery.source, acceptsTraining: true, digest: { SHA256.hash($0).bytes }
            ).message(message)
        }
        // The feeds send some that nobody can take.
        guard case .success(let draft) = read, draft.meta.isAboutPatient else { return }
        let subject = draft.meta.subject
        if items[subject] == nil {
            var fact = PatientFact(
                .relationshipCreated, id: "sent \(subject)", patient: .subject(subject))
            (fact.org, fact.relationship) = (subject.organisation, .registration)
            tell(fact, time)
            items[subject] = [:]
        }
        if let number = draft.meta.patient?.numbers.first?.number, numbers[subject] == nil {
            numbers[subject] = number
            bearers[number, default: []].append(subject)
        }
        for item in draft.subjects.first?.items ?? [] {
            items[subject]?[item.meta.reference] = item.meta.operation == .upsert ? item.meta : nil
        }
        for case .visit(let visit) in draft.events { tell(visit, of: subject, time) }
    }

    private mutating func tell(_ visit: VisitChange, of subject: SubjectID, _ time: Instant) {
        var fact = PatientFact(
            .relationshipCreated, id: "visit \(subject.organisation) \(visit.visit)",
            patient: .subject(subject))
        (fact.org, fact.relationship, fact.byFeed) = (subject.organisation, .encounter, true)
        switch visit.state {
        case .open:
            fact.from = visit.from
            tell(fact, time)
        case .ended(let end):
            fact.kind = .relationshipEnded
            fact.to = end
            tell(fact, time)
        case .over, .neverWas:
            fact.kind = .relationshipEnded
            tell(fact, time)
        }
    }

    private mutating func gather() throws {
        var indices: [String: Int] = [:]
        for (number, subjects) in bearers.sorted(by: { $0.key.description < $1.key.description }) {
            indices[number.description] = patients.count
            let entries = told.compactMap { fact, position, time, named -> PatientFacts.Entry? in
                switch named {
                case .nhs(let said):
                    return said == number
                        ? PatientFacts.Entry(fact, position: position, recordedAt: time) : nil
                case .subject(let subject):
                    guard let index = subjects.firstIndex(of: subject) else { return nil }
                    return PatientFacts.Entry(
                        fact, position: position, recordedAt: time, scope: .subjects([index]))
                }
            }
            patients.append(
                Patient(
                    facts: PatientFacts(subjects: subjects, entries: entries),
                    items: subjects.enumerated().flatMap { index, subject in descriptors(subject, index) }))
        }
        accesses = calls.compactMap { look, point in
            indices[look.patient].map { patient in
                Access(
                    request: AccessRequest(
                        viewer: Viewer(user: look.user, profile: look.profile), purpose: look.purpose,
                        point: point),
                    patient: patient)
            }
        }
    }

    /// As a view asks for them: by category, a Patient's parts with it.
    private func descriptors(_ subject: SubjectID, _ index: Int) -> [ItemDescriptor] {
        let metas = (items[subject] ?? [:]).values.sorted {
            ($0.category.rawValue, $0.reference) < ($1.category.rawValue, $1.reference)
        }
        return metas.flatMap { meta in
            ([meta.category] + Set(meta.splits.map(\.category))).map {
                ItemDescriptor(meta, source: subject.organisation, subject: index, category: $0)
            }
        }
    }
}
