import Wire

/// An event that would change a decision, and what the decision would become. It was tried before it is named.
public struct ChangingEvent: Hashable, Sendable {
    public enum Event: Hashable, Sendable {
        /// - scope: which subjects of the patient it names.
        case patient(PatientFact, [Int])
        case region(RegionFact)
    }

    public var event: Event
    public var then: Decision

    /// `relationshipCreated`, `agreementSigned`: the event's kind.
    public var kind: String {
        switch event {
        case .patient(let fact, _): fact.kind.rawValue
        case .region(let fact): fact.kind.rawValue
        }
    }

    /// What it would say, in words.
    public var words: String {
        switch event {
        case .patient(let fact, _): fact.words
        case .region(let fact): fact.words
        }
    }
}

extension PatientFact {
    /// The fact without the person: what happened, to whom of the staff, of what.
    public var words: String {
        var parts = [id.map { "\(kind.rawValue) \($0)" } ?? kind.rawValue]
        let whom = [user, org.map { workgroup == nil ? $0 : "\($0) \(workgroup ?? "")" }].compactMap(\.self)
        if !whom.isEmpty { parts.append("for \(whom.joined(separator: " of "))") }
        let what: [String?] = [
            relationship?.rawValue, overrideKind?.rawValue, outcome?.rawValue, label,
            categories.isEmpty ? nil : categories.names.joined(separator: " "),
            organisations.isEmpty ? nil : "of viewers at " + organisations.joined(separator: " "),
            once ? "once" : nil, locked ? "locked" : nil, by.map { "by \($0)" },
        ]
        parts += what.compactMap(\.self)
        if let spends { parts.append("a permission used once, of \(spends)") }
        return parts.joined(separator: ", ")
    }
}

extension RegionFact {
    public var words: String {
        let (kind, id) = summary
        switch self {
        case .agreementSigned(let terms), .agreementAmended(let terms):
            return
                "\(kind.rawValue) \(id): \(terms.controller) shares \(terms.categories.names.joined(separator: " ")) "
                + "with \(terms.recipients.joined(separator: " ")) for \(terms.purposes.joined(separator: " "))"
        case .roleBaseline(let role):
            return "\(kind.rawValue) \(id) (\(role.name))"
        default: return "\(kind.rawValue) \(id)"
        }
    }
}
