extension Rule {
    /// The rule in plain words, as what it asks.
    public var words: String {
        switch self {
        case .user: "the user must be known to the region, and not have left"
        case .organisation: "the viewer's organisation must be a partner, and open"
        case .charter: "the viewer's organisation must have signed the information sharing charter"
        case .licence: "the viewer must hold a licence of their organisation"
        case .role: "the role profile chosen must be in force, and its role published"
        case .activity: "the role must have the activity asked for"
        case .staffExclusion: "the patient may keep a member of staff out by name"
        case .agreement:
            "an agreement must name who controls the item, the viewer's organisation, the category and the purpose"
        case .category: "the viewer's role must have the category"
        case .exclusionSet: "what the region never shares is not shown to another organisation"
        case .dissent: "a patient may say no to sharing"
        case .objection: "an objection withholds from its receipt until it is declined"
        case .directive: "of the patient's directives the most specific decides, then the latest"
        case .relationship: "the viewer must have a relationship with the patient that is in force"
        case .permission: "the patient must have given permission, or lack the capacity to"
        case .label: "a sensitive item needs a role that has its label"
        case .seal: "what a patient sealed stays closed to all but the workgroup that sealed it"
        case .shield: "of a shielded patient, where they are is not shown"
        case .ownOrganisation: "it is the viewer's own organisation's item"
        case .override: "the viewer declared an override that passes what would withhold"
        case .unknownPatient: "nobody of that name or number is known"
        }
    }
}

extension Decision {
    /// `shown, by agreement`; `withheld, by permission`.
    public var words: String { "\(permit ? "shown" : "withheld"), by \(rule.rawValue)" }
}
