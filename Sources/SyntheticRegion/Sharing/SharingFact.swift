import CareRecord
import Wire

/// One entry of a file for `policy record`. Flat: each kind uses the fields that its key of the file has.
public struct SharingFact: Sendable {
    public var kind: PatientFactKind
    public var id: String?
    public var patient: Patient?
    /// The pair of a link or a merge: a and b, or survivor and retired.
    public var pair: [SubjectName] = []
    public var org: String?
    public var workgroup: String?
    public var user: String?
    /// A relationship's or an override's kind, a permission's basis, a directive's outcome.
    public var word: String?
    public var once = false
    public var organisations: [String] = []
    public var categories: [String] = []
    public var item: String?
    public var label: String?
    public var locked: Bool?
    public var by: String?
    public var caseReference: String?
    public var authority: String?
    public var date: String?
    /// Of a replaced NHS number.
    public var numbers: (from: String, to: String)?
    /// Days or instants, as they stand in the file.
    public var from: String?
    public var to: String?
    /// An ISO 8601 duration.
    public var duration: String?
    public var evidence: String?
    public var reason: String?
    public var recordedBy: String?

    public enum Patient: Hashable, Sendable {
        case number(String)
        case subject(SubjectName)
    }

    init(_ kind: PatientFactKind, id: String? = nil, _ nhs: String? = nil) {
        self.kind = kind
        self.id = id
        patient = nhs.map { .number($0) }
    }

    /// The same with some of its fields set.
    func with(_ change: (inout SharingFact) -> Void) -> SharingFact {
        var copy = self
        change(&copy)
        return copy
    }
}

extension SharingFact {
    /// The file.
    public static func yaml(_ facts: [SharingFact]) -> String {
        facts.map { "- \($0.kind.rawValue): {\($0.members.joined(separator: ", "))}\n" }.joined()
    }

    private var members: [String] {
        var out: [String] = []
        func add(_ name: String, _ value: String?) { if let value { out.append("\(name): \(value)") } }
        add("id", id)
        switch patient {
        case .number(let digits): add("patient", "\"\(digits)\"")
        case .subject(let subject): add("patient", subject.yaml)
        case nil: break
        }
        if pair.count == 2 {
            let isMerge = kind == .merged || kind == .mergeReversed
            add(isMerge ? "survivor" : "a", pair[0].yaml)
            add(isMerge ? "retired" : "b", pair[1].yaml)
        }
        add("from", numbers.map { "\"\($0.from)\"" })
        add("to", numbers.map { "\"\($0.to)\"" })
        add(wordKey, word)
        add("org", org.map { "\"\($0)\"" })
        add("workgroup", workgroup)
        add("user", user)
        add("organisations", organisations.isEmpty ? nil : Self.list(organisations.map { "\"\($0)\"" }))
        add(kind == .sealApplied ? "category" : "categories", categories.isEmpty ? nil : listed)
        add("item", item.map { "\"\($0)\"" })
        add("label", label)
        add("locked", locked.map { $0 ? "true" : "false" })
        add("by", by)
        add("case", caseReference)
        add("authority", authority)
        add("date", date)
        add("once", once ? "true" : nil)
        add("from", from)
        add("to", to)
        add("for", duration)
        add("evidence", evidence.map { "\"\($0)\"" })
        add("reason", reason.map { "\"\($0)\"" })
        add("recordedBy", recordedBy)
        return out
    }

    private var listed: String { kind == .sealApplied ? categories[0] : Self.list(categories) }

    private var wordKey: String {
        switch kind {
        case .permissionToView: "basis"
        case .consentDirective: "outcome"
        default: "kind"
        }
    }

    private static func list(_ values: [String]) -> String { "[\(values.joined(separator: ", "))]" }
}

extension SubjectName {
    var yaml: String { "{org: \"\(ods)\", id: \"\(id)\"}" }
}
