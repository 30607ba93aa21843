import CareRecord
import Wire

/// Reads the entries of a patient policy file, each `{kind: {fields}}`.
struct PatientPolicyReader {
    let calendar: StoreCalendar
    let declared: RegionDeclaration?

    /// Keys that every entry may carry.
    static let common = ["id", "recordedBy", "from", "to", "for", "evidence", "reason"]
    static let kinds = PatientFactKind.allCases.filter {
        ![.permissionSpent, .reviewOpened, .reviewDecided].contains($0)
    }

    func draft(_ value: PolicyValue) -> PatientFactDraft? {
        guard let outer = value.mapping(Self.kinds.map(\.rawValue)) else { return nil }
        guard outer.values.count == 1, let (key, inner) = outer.values.first,
            let kind = PatientFactKind(rawValue: key)
        else {
            value.report("must have one key, the kind of fact")
            return nil
        }
        guard let entry = inner.mapping(Self.keys(kind) + Self.common) else { return nil }
        var fact = PatientFact(kind)
        readCommon(entry, into: &fact)
        readPatients(entry, into: &fact)
        readFields(entry, into: &fact)
        check(entry, fact)
        return PatientFactDraft(fact: fact, line: inner.node.mark?.line ?? 1, field: inner.field)
    }

    /// The keys of a kind beside the common ones.
    static func keys(_ kind: PatientFactKind) -> [String] {
        switch kind {
        case .relationshipCreated: ["patient", "org", "workgroup", "user", "kind"]
        case .permissionToView: ["patient", "org", "workgroup", "user", "basis", "once"]
        case .permissionRefused, .permissionWithdrawn: ["patient", "org", "workgroup", "user"]
        case .consentDirective:
            ["patient", "outcome", "organisations", "org", "workgroup", "user", "categories"]
        case .sealApplied: ["patient", "category", "org", "item", "locked", "by", "workgroup"]
        case .sealLifted: ["patient", "by", "case"]
        case .itemLabelled: ["patient", "org", "item", "label"]
        case .staffExcluded: ["patient", "user"]
        case .overrideDeclared: ["patient", "user", "kind"]
        case .caseOpened: ["patient", "authority"]
        case .linked, .unlinked: ["a", "b"]
        case .merged, .mergeReversed: ["survivor", "retired"]
        case .nhsNumberReplaced, .relationshipEnded, .dissentSet, .dissentWithdrawn, .directiveWithdrawn,
            .shieldSet,
            .shieldCleared, .staffExclusionEnded, .objectionReceived, .objectionUpheld, .objectionDeclined,
            .overrideEnded, .caseClosed, .legalHold, .legalHoldEnded:
            ["patient"]
        case .deceased: ["patient", "date"]
        case .permissionSpent, .reviewOpened, .reviewDecided: []
        }
    }

    private func readCommon(_ entry: PolicyMapping, into fact: inout PatientFact) {
        fact.id = entry["id"]?.identifier()
        fact.recordedBy = entry["recordedBy"]?.identifier()
        fact.evidence = entry["evidence"]?.text()
        fact.reason = entry["reason"]?.text()
        fact.duration = entry["for"]?.duration()
        if fact.kind == .nhsNumberReplaced {
            fact.oldNumber = number(entry.required("from"))
            fact.newNumber = number(entry.required("to"))
            return
        }
        fact.from = entry["from"]?.instant(ends: false, in: calendar)
        fact.to = entry["to"]?.instant(ends: true, in: calendar)
        if let from = fact.from, let to = fact.to, from > to {
            entry["to"]?.report("it would end before it begins")
        }
        if fact.to != nil, let length = entry["for"] { length.report("give to or for, not both") }
    }

    private func number(_ value: PolicyValue?) -> NHSNumber? {
        guard let value, let text = value.text() else { return nil }
        guard let number = NHSNumber(text), !number.isPlaceholder else {
            value.report("\(text) is no NHS number: ten digits in quotes with a right check digit")
            return nil
        }
        return number
    }

    private func readPatients(_ entry: PolicyMapping, into fact: inout PatientFact) {
        switch fact.kind {
        case .linked, .unlinked: readPair(entry, "a", "b", into: &fact)
        case .merged, .mergeReversed: readPair(entry, "survivor", "retired", into: &fact)
        case .nhsNumberReplaced:
            fact.patient = patient(entry.required("patient"))
            if case .nhs? = fact.patient {
                entry["patient"]?.report("name the subject whose number is replaced: {org: ODS, id: LOCAL}")
            }
        default:
            // An ending names its fact by id; the patient is that fact's.
            let value = fact.kind.refersTo == nil ? entry.required("patient") : entry["patient"]
            fact.patient = patient(value)
        }
    }

    private func readPair(_ entry: PolicyMapping, _ a: String, _ b: String, into fact: inout PatientFact) {
        fact.patient = patient(entry.required(a))
        fact.other = patient(entry.required(b))
        for (key, found) in [(a, fact.patient), (b, fact.other)] {
            if case .nhs? = found { entry[key]?.report("name a subject: {org: ODS, id: LOCAL}") }
        }
        if fact.patient != nil, fact.patient == fact.other { entry[b]?.report("is the same subject as \(a)") }
    }

    /// An NHS number, or `{org: ODS, id: LOCAL}`.
    private func patient(_ value: PolicyValue?) -> PatientReference? {
        guard let value else { return nil }
        if case .scalar = value.node { return number(value).map { .nhs($0) } }
        guard let entry = value.mapping(["org", "id"]), let org = organisation(entry.required("org")),
            let id = entry.required("id")?.text()
        else { return nil }
        let subject = SubjectID(organisation: org, localID: id)
        guard subject.isWellFormed else {
            value.report("is no subject: the local id is at most \(SubjectID.maximumLocalIDBytes) bytes")
            return nil
        }
        return .subject(subject)
    }

    private func organisation(_ value: PolicyValue?) -> String? {
        guard let value, let ods = value.ods() else { return nil }
        if let declared, declared.organisations[ods] == nil {
            value.report("no organisation \(ods) is in the region: apply a region file that lists it")
            return nil
        }
        return ods
    }

    private func user(_ value: PolicyValue?) -> String? {
        guard let value, let id = value.identifier() else { return nil }
        if let declared, declared.users[id] == nil {
            value.report("no user \(id) is in the region: apply a region file that lists them")
            return nil
        }
        return id
    }

    private func readFields(_ entry: PolicyMapping, into fact: inout PatientFact) {
        fact.org = organisation(entry["org"])
        fact.workgroup = entry["workgroup"]?.identifier()
        fact.user = user(entry["user"])
        fact.item = entry["item"]?.text()
        fact.label = entry["label"]?.identifier()
        fact.caseReference = entry["case"]?.identifier()
        fact.authority = entry["authority"]?.text()
        fact.date = entry["date"]?.date()
        fact.once = entry["once"]?.flag() ?? false
        fact.locked = entry["locked"]?.flag() ?? false
        fact.outcome = entry["outcome"]?.choice(DirectiveOutcome.self)
        fact.permissionBasis = entry["basis"]?.choice(PermissionBasis.self)
        fact.organisations = entry["organisations"]?.distinct { organisation($0) } ?? []
        if let categories = entry["categories"] { fact.categories = categories.categories() ?? [] }
        if let value = entry["category"], let name = value.text() {
            if let category = Category(name: name) {
                fact.categories = CategorySet([category])
            } else {
                value.report(
                    "no category \(name): use one of \(Category.named.map(\.name).joined(separator: ", "))")
            }
        }
        switch fact.kind {
        case .relationshipCreated: fact.relationship = entry.required("kind")?.choice(RelationshipKind.self)
        case .overrideDeclared: fact.overrideKind = entry.required("kind")?.choice(OverrideKind.self)
        case .sealApplied: fact.by = organisation(entry["by"])
        case .sealLifted: fact.by = entry["by"]?.identifier()
        default: break
        }
    }

    private func check(_ entry: PolicyMapping, _ fact: PatientFact) {
        for key in Self.demanded(fact.kind) { _ = entry.required(key) }
        switch fact.kind {
        case .relationshipCreated, .permissionToView, .permissionRefused, .permissionWithdrawn:
            if entry["org"] == nil, entry["user"] == nil {
                entry.whole.report("name org, org and workgroup, or user")
            }
            needsOrganisation(entry, "workgroup", "org")
            if fact.relationship == .selfClaimed, entry["user"] == nil {
                entry.whole.report("a self-claimed relationship names the user who claims it")
            }
        case .caseOpened:
            if entry["to"] == nil, entry["for"] == nil { entry.whole.report("give its expiry: to, or for") }
        case .consentDirective:
            needsOrganisation(entry, "workgroup", "org")
            if entry["org"] != nil, entry["workgroup"] == nil {
                entry["org"]?.report("is for a workgroup: put organisations in organisations")
            }
        case .sealApplied:
            needsOrganisation(entry, "workgroup", "by")
            needsOrganisation(entry, "item", "org")
            if (entry["category"] == nil) == (entry["item"] == nil) {
                entry.whole.report("name category, or item")
            }
        default: break
        }
        if let value = entry["item"], let item = fact.item { checkItem(value, item) }
    }

    private func needsOrganisation(_ entry: PolicyMapping, _ key: String, _ organisation: String) {
        if entry[key] != nil, entry[organisation] == nil {
            entry.whole.report("\(key) needs \(organisation) too")
        }
    }

    private func checkItem(_ value: PolicyValue, _ item: String) {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count != 2 || parts.contains(where: \.isEmpty) { value.report("\(item) must be Type/id") }
    }

    /// Keys that a kind cannot do without.
    private static func demanded(_ kind: PatientFactKind) -> [String] {
        if kind.refersTo != nil { return ["id"] }
        return switch kind {
        case .itemLabelled: ["org", "item", "label"]
        case .staffExcluded: ["user"]
        case .overrideDeclared: ["user", "reason"]
        case .consentDirective: ["outcome"]
        case .caseOpened: ["id", "authority", "reason"]
        case .deceased: ["date"]
        default: []
        }
    }
}
