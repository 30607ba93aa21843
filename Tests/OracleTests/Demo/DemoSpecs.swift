import CareRecord
import SyntheticRegion

/// The demo's region files and facts in the oracle's words, field by field.
extension RegionSpec {
    init(_ document: RegionDocument) {
        consentModel = document.consentModel
        placeholders = RegionDocument.placeholders
        permissionDays = RegionDocument.permissionDays
        graceDays = RegionDocument.graceDays
        let passes = ["relationship", "permission", "dissent", "objection", "directive"]
        overrideMay = ["emergency": ["relationship", "permission"], "legal": passes, "safeguarding": passes]
        organisations = document.organisations.map { one in
            Organisation(
                ods: one.ods, kind: one.kind, licences: one.licences, charterSigned: one.charterSigned,
                closed: one.closed,
                successors: one.successors.map { Successor(ods: $0.ods, subjects: $0.subjects) })
        }
        feeds = document.feeds.map { Feed(organisation: $0.ods, maxSilence: $0.maxSilence) }
        agreements = document.agreements.map { one in
            // The oracle knows no legal bases. A purpose that nobody asks for stands for them, since a change of theirs is an
            // amendment too.
            let bases = "bases:" + one.bases.map { "\($0.from ?? "")/\($0.to ?? "")" }.joined(separator: ",")
            return Agreement(
                id: one.id, controller: one.controller, recipients: one.recipients,
                categories: one.categories, purposes: one.purposes + [bases], from: one.from, to: one.to,
                suspended: one.suspended)
        }
        roles = document.roles.map {
            Role(code: $0.code, categories: $0.categories, labels: $0.labels, activities: $0.activities)
        }
        users = document.users.map { user in
            User(
                id: user.id,
                profiles: user.profiles.map {
                    Profile(
                        id: $0.id, organisation: $0.ods, code: $0.code, workgroups: $0.workgroups,
                        from: $0.from, to: $0.to)
                })
        }
        exclusions = document.exclusions.flatMap { set in
            set.lists.map {
                CodeSet(name: set.name, system: $0.system, codes: $0.codes, withholdsNarrative: true)
            }
        }
        sensitivities = document.sensitivities.flatMap { set in
            set.lists.map { CodeSet(name: set.name, system: $0.system, codes: $0.codes) }
        }
    }
}

extension FactSpec {
    /// nil for what decides about nobody's sight: legal holds.
    init?(_ fact: SharingFact) {
        guard let kind = Kind(rawValue: fact.kind.rawValue) else { return nil }
        self.init(kind: kind, id: fact.id)
        switch fact.patient {
        case .number(let digits): patient = .number(digits)
        case .subject(let name): patient = .subject(SubjectName(organisation: name.ods, localID: name.id))
        case nil: break
        }
        pair = fact.pair.map { SubjectName(organisation: $0.ods, localID: $0.id) }
        (organisation, workgroup, user, word) = (fact.org, fact.workgroup, fact.user, fact.word)
        (once, organisations, categories) = (fact.once, fact.organisations, fact.categories)
        (item, label, locked) = (fact.item, fact.label, fact.locked ?? false)
        (by, caseID, date, recordedBy) = (fact.by, fact.caseReference, fact.date, fact.recordedBy)
        (from, to) = (fact.from, fact.to)
        numbers = fact.numbers.map { [$0.from, $0.to] } ?? []
        if let duration = fact.duration { days = Int(duration.dropFirst().dropLast()) }
    }

    /// A fact that the store made of a feed's message, as it stands in the log.
    init?(_ fact: PatientFact, recordedAt: Int64, graceDays: Int) {
        guard let kind = Kind(rawValue: fact.kind.rawValue) else { return nil }
        self.init(kind: kind, id: fact.id)
        patient = fact.patient.map(PatientName.init)
        if fact.kind.isIdentity, let a = fact.patient, let b = fact.other,
            case .subject(let first) = PatientName(a), case .subject(let second) = PatientName(b)
        {
            (patient, pair) = (nil, [first, second])
        }
        (organisation, workgroup, user) = (fact.org, fact.workgroup, fact.user)
        word = fact.relationship?.rawValue
        fromInstant = fact.from?.microseconds
        toInstant = fact.to?.microseconds
        // What a feed ends lasts for the grace after it.
        if fact.byFeed, kind == .relationshipEnded {
            toInstant = PatientFactsAsOf.end(graceDays, after: toInstant ?? fromInstant ?? recordedAt)
        }
    }
}

extension PatientName {
    init(_ reference: PatientReference) {
        switch reference {
        case .nhs(let number): self = .number(number.description)
        case .subject(let subject):
            self = .subject(
                SubjectName(organisation: subject.organisation, localID: subject.localID))
        }
    }
}
