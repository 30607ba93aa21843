/// A fact of a policy file as the generator means it.
struct FactSpec: Equatable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case relationshipCreated, relationshipEnded, permissionToView, permissionRefused, permissionWithdrawn
        case dissentSet, dissentWithdrawn, consentDirective, directiveWithdrawn, sealApplied, sealLifted
        case itemLabelled, shieldSet, shieldCleared, staffExcluded, staffExclusionEnded
        case objectionReceived, objectionUpheld, objectionDeclined
        case linked, unlinked, merged, mergeReversed, nhsNumberReplaced, deceased
        case caseOpened, caseClosed, overrideDeclared, overrideEnded, legalHold, legalHoldEnded
    }

    var kind: Kind
    var id: String?
    var patient: PatientName?
    var from: String?
    var to: String?
    /// A duration in days, `for: P7D`.
    var days: Int?
    var organisation: String?
    var workgroup: String?
    var user: String?
    /// A relationship's kind, a permission's basis, a directive's outcome, an override's kind.
    var word: String?
    var once = false
    var organisations: [String] = []
    var categories: [String] = []
    var item: String?
    var label: String?
    var locked = false
    var caseID: String?
    /// Whose authority a case has.
    var authority: String?
    /// The two subjects of an identity fact: a and b, or survivor and retired.
    var pair: [SubjectName] = []
    /// The numbers of a replacement: from and to; or the date of a death.
    var numbers: [String] = []
    var date: String?
    var by: String?
    var recordedBy: String?
    /// Of facts that a feed made: instants, in microseconds, where a file has days.
    var fromInstant: Int64?
    var toInstant: Int64?
    /// Said by a feed: what it ends is followed by grace.
    var byFeed = false
    /// When a feed's message said it, in microseconds.
    var asserted: Int64?
}

/// One source's local identity.
struct SubjectName: Hashable, Comparable, Sendable {
    var organisation: String
    var localID: String

    static func < (a: SubjectName, b: SubjectName) -> Bool {
        (a.organisation, a.localID) < (b.organisation, b.localID)
    }

    var yaml: String { "{org: \"\(organisation)\", id: \"\(localID)\"}" }
    var text: String { "\(organisation):\(localID)" }
}

/// How a fact or a question names a patient.
enum PatientName: Hashable, Sendable {
    case number(String)
    case subject(SubjectName)

    var isNumber: Bool {
        if case .number = self { true } else { false }
    }

    var yaml: String {
        switch self {
        case .number(let digits): "\"\(digits)\""
        case .subject(let subject): subject.yaml
        }
    }

    var text: String {
        switch self {
        case .number(let digits): digits
        case .subject(let subject): subject.text
        }
    }
}

extension FactSpec {
    /// The file that `policy record` reads.
    static func yaml(_ facts: [FactSpec]) -> String {
        facts.map {
            "- \($0.kind.rawValue): {\($0.members.map { "\($0.0): \($0.1)" }.joined(separator: ", "))}\n"
        }
        .joined()
    }

    private var members: [(String, String)] {
        var out: [(String, String)] = []
        func add(_ name: String, _ value: String?) { if let value { out.append((name, value)) } }
        add("id", id)
        add(kind == .nhsNumberReplaced ? "patient" : "patient", patient?.yaml)
        switch kind {
        case .linked, .unlinked:
            add("a", pair[0].yaml)
            add("b", pair[1].yaml)
        case .merged, .mergeReversed:
            add("survivor", pair[0].yaml)
            add("retired", pair[1].yaml)
        case .nhsNumberReplaced:
            add("from", "\"\(numbers[0])\"")
            add("to", "\"\(numbers[1])\"")
        case .relationshipCreated, .overrideDeclared: add("kind", word)
        case .permissionToView: add("basis", word)
        case .consentDirective: add("outcome", word)
        default: break
        }
        add("org", organisation.map { "\"\($0)\"" })
        add("workgroup", workgroup)
        add("user", user)
        add("organisations", organisations.isEmpty ? nil : RegionSpec.list(organisations))
        if kind == .sealApplied {
            add("category", categories.first)
            add("locked", locked ? "true" : "false")
        } else {
            add("categories", categories.isEmpty ? nil : RegionSpec.list(categories))
        }
        add("item", item.map { "\"\($0)\"" })
        add("label", label)
        add("once", once ? "true" : nil)
        add("for", days.map { "P\($0)D" })
        add("from", from)
        add("to", to)
        add("date", date)
        add("by", by)
        add("case", caseID)
        add("authority", authority)
        add("recordedBy", recordedBy)
        add("reason", reasoned ? "\"because\"" : nil)
        add("evidence", kind == .linked ? "\"seen\"" : nil)
        return out
    }

    private var reasoned: Bool {
        switch kind {
        case .unlinked, .mergeReversed, .nhsNumberReplaced, .sealApplied, .sealLifted, .shieldSet,
            .staffExcluded,
            .dissentSet, .caseOpened, .legalHold, .overrideDeclared, .objectionDeclined, .objectionUpheld:
            true
        default: false
        }
    }
}
