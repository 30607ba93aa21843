import CareRecord
import Intake
import Wire

/// Plays a history on the decision function alone: no store, no log, the oracle's own identity and items.
struct DecisionRun {
    private(set) var history = RegionHistory()
    private var facts: [(fact: PatientFact, position: UInt64, time: Int64)] = []
    private(set) var prediction = Prediction()
    private(set) var time: Int64
    private(set) var disagreements: [String] = []
    private(set) var counts: [String: Int] = [:]

    init(_ played: History) throws {
        time = played.start
        prediction.other(time: time)
        for (index, step) in played.steps.enumerated() {
            time += 1
            let before = disagreements.count
            try play(step)
            if disagreements.count > before { disagreements.append("… at step \(index): \(step)") }
        }
    }

    private mutating func play(_ step: Step) throws {
        switch step {
        case .clock(let by): time += by
        case .clockTo(let moment): time = max(time, moment)
        case .region(let spec): try apply(spec)
        case .policy(let specs):
            let file = try PatientPolicyFile(Array(FactSpec.yaml(specs).utf8), file: "p", calendar: .london)
            for (index, draft) in file.drafts.enumerated() {
                facts.append((draft.fact, UInt64(prediction.events.count + index) + 1, time))
            }
            prediction.record(specs, time: time)
        case .ingest(_, let files):
            for message in files.joined() where !prediction.isDuplicate(message, line: nil) {
                time += 1
                let before = prediction.events.count
                _ = prediction.take(message, line: nil, time: time)
                for event in prediction.events.dropFirst(before) {
                    guard case .fact(let spec) = event.what, spec.pair.isEmpty else { continue }
                    facts.append((PatientFact(ofVisit: spec), event.position, time))
                }
            }
        case .reopen, .compare, .find, .review: break
        case .ask(var question):
            // A case changes what is told, never what is decided.
            question.caseReference = nil
            ask(Asked(question, events: prediction.events))
        }
    }

    mutating func apply(_ spec: RegionSpec) throws {
        let made = try RegionFile(Array(spec.yaml.utf8), file: "r", beside: spec.beside).facts(
            after: history.declaration)
        var keys: [String: UInt64] = [:]
        for (index, fact) in made.enumerated() {
            let position = UInt64(prediction.events.count + index) + 1
            history.append(fact, position: Position(position), recordedAt: Instant(microseconds: time))
            keys[RegionFactKey.of(fact.kind.rawValue, fact.summary.id)] = position
        }
        prediction.apply(spec, facts: keys, count: made.count, time: time)
    }

    private mutating func ask(_ asked: Asked) {
        let model = ViewModel(events: prediction.events, clock: time)
        let asOf = AsOf(asked.when, events: prediction.events, clock: time)
        guard let known = model.known(asked, asOf) else { return }
        let expected = model.decisions(asked)
        let point = DecisionPoint(
            instant: Instant(microseconds: asOf.instant), position: Position(known))
        let request = AccessRequest(
            viewer: Viewer(user: asked.user, profile: asked.role), purpose: asked.purpose ?? "direct-care",
            point: point, byNumber: asked.patient.isNumber)
        let held = model.facts(asked, Array(prediction.events.prefix(Int(known))))
        let patient = patientFacts(held)
        holds(held, patient, point, asked)
        switch (history.decide(request, patient: patient), expected) {
        case (.usage, .usage): counts["usage", default: 0] += 1
        case (.withhold(let decision, _), .withheld(let verdict)):
            compare(asked, "viewer", decision, verdict)
            if !patient.subjects.isEmpty {
                tryChanges(asked, asOf, request, patient, nil, verdict, nil)
            }
        case (.concealed(let decision, let told, _), .concealed(let verdict, let expected)):
            compare(asked, "viewer", decision, verdict)
            compare(asked, "viewer as told", told, expected)
            if !patient.subjects.isEmpty {
                tryChanges(asked, asOf, request, patient, nil, verdict, nil)
            }
        case (.permit(let context), .decided(let relationship, let items)):
            compare(asked, "relationship", context.relationship, relationship)
            var tried = 0
            for (item, category, verdict) in items {
                let subject = patient.subjects.firstIndex {
                    $0.organisation == item.subject.organisation && $0.localID == item.subject.localID
                }
                guard let subject, let category = Category(name: category) else { continue }
                let descriptor = ItemDescriptor(
                    source: item.subject.organisation, category: category,
                    codes: item.codes.flatMap { set in set.codes.map { Coding(system: set.system, code: $0) }
                    },
                    subject: subject, type: item.type, sourceID: item.localID, daybookID: item.daybookID)
                compare(asked, "\(item.key) as \(category)", context.decide(descriptor), verdict)
                if relationship.permit, let wrong = Self.reasons(context.steps(descriptor), verdict) {
                    disagreements.append("\(asked) \(item.key) as \(category): \(wrong)")
                }
                guard tried < Self.triedItems, relationship.permit else { continue }
                tried += 1
                let name = (key: item.key, subject: item.subject, category: category.name)
                tryChanges(asked, asOf, request, patient, descriptor, verdict, name)
            }
            if !patient.subjects.isEmpty, relationship.permit == context.decision.permit {
                tryChanges(asked, asOf, request, patient, nil, relationship, nil)
            }
        case (let decided, _): disagreements.append("\(asked): decided \(decided), expected \(expected)")
        }
    }

    /// Legal holds move no view: they are asked for by themselves.
    private mutating func holds(
        _ held: PatientFactsAsOf, _ patient: PatientFacts, _ point: DecisionPoint, _ asked: Asked
    ) {
        let found = history.state(at: point).legalHolds(patient).map(\.value)
        let wanted = held.inForce(.legalHold, endedBy: .legalHoldEnded, at: point.instant.microseconds)
            .map(\.position)
        if found.sorted() != wanted {
            disagreements.append("\(asked) legal holds \(found), expected \(wanted)")
        }
        counts["legal holds in force", default: 0] += wanted.count
        counts["legal holds over", default: 0] += held.of(.legalHold).count - wanted.count
    }

    private mutating func tryChanges(
        _ asked: Asked, _ asOf: AsOf, _ request: AccessRequest, _ patient: PatientFacts,
        _ item: ItemDescriptor?,
        _ verdict: Verdict, _ name: (key: String, subject: SubjectName, category: String)?
    ) {
        // The explanation needs the region's facts up to the point, and none after it.
        guard history.head <= request.point.position else { return }
        let changes = Counterfactual(history, patient, request, item: item).changes
        let wrong = Self.changes(
            changes, subjects: patient.subjects, from: verdict,
            ChangeTrial(prediction.events, asked, asOf, known: request.point.position.value),
            on: name,
            &counts)
        if asked.knownAt != nil, !changes.isEmpty {
            counts["explained with what is known later", default: 0] += 1
        }
        disagreements += wrong.map { "\(asked) \(name?.key ?? "the whole"): \($0)" }
    }

    private mutating func compare(_ asked: Asked, _ what: String, _ decision: Decision, _ verdict: Verdict) {
        counts["\(decision.permit ? "+" : "-") \(decision.rule.rawValue)", default: 0] += 1
        let same =
            decision.permit == verdict.permit && decision.rule.rawValue == verdict.rule
            && decision.basis.map(\.value) == verdict.basis && Self.told(decision) == verdict.told
            && decision.redaction.contains(.narrative) == verdict.without.contains("narrative")
            && decision.redaction.contains(.location) == verdict.without.contains("location")
        if !same { disagreements.append("\(asked) \(what): decided \(decision), expected \(verdict)") }
    }

    private static func told(_ decision: Decision) -> String {
        switch decision.disclosure {
        case .counted: "counted"
        case .sealedItem: "sealed item"
        case .nothing: "nothing"
        }
    }

    /// The patient's facts as the store must hand them to the decision.
    private func patientFacts(_ held: PatientFactsAsOf) -> PatientFacts {
        let subjects = held.subjects
        var entries: [PatientFacts.Entry] = []
        for one in held.facts {
            guard let (fact, position, time) = facts.first(where: { $0.position == one.position }) else {
                continue
            }
            let named = subjects.indices.filter { one.names.contains(subjects[$0]) }
            entries.append(
                PatientFacts.Entry(
                    fact, position: Position(position), recordedAt: Instant(microseconds: time),
                    scope: one.carried ? .union : .subjects(named), carried: one.carried))
        }
        for (permission, receipt) in held.spent {
            var fact = PatientFact(.permissionSpent)
            fact.spends = Position(permission)
            let time = prediction.events[Int(receipt) - 1].time
            entries.append(
                PatientFacts.Entry(
                    fact, position: Position(receipt), recordedAt: Instant(microseconds: time), scope: .union)
            )
        }
        return PatientFacts(
            subjects: subjects.map { SubjectID(organisation: $0.organisation, localID: $0.localID) },
            entries: entries)
    }
}

extension PatientFact {
    /// A fact that a feed's message made.
    fileprivate init(ofVisit spec: FactSpec) {
        self.init(
            spec.kind == .relationshipCreated ? .relationshipCreated : .relationshipEnded, id: spec.id,
            patient: spec.patient.flatMap { PatientReference($0.text) })
        if kind == .relationshipCreated {
            relationship = spec.word.flatMap { RelationshipKind(rawValue: $0) }
        }
        (org, byFeed) = (spec.organisation, spec.byFeed)
        from = spec.fromInstant.map { Instant(microseconds: $0) }
        to = spec.toInstant.map { Instant(microseconds: $0) }
        asserted = spec.asserted.map { Instant(microseconds: $0) }
    }
}
