/// What ended a decision, or carried it. Viewer-level rules first, then the item rules, each in the order asked.
public enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
    // Per viewer.
    case user, organisation, charter, licence, role, activity
    case staffExclusion = "staff-exclusion"
    // Per item.
    case agreement, category
    case exclusionSet = "exclusion-set"
    case dissent, objection, directive, relationship, permission, label, seal, shield
    /// Permits the viewer's own organisation's items.
    case ownOrganisation = "own-organisation"
    /// Permits what a rule that an override passes would have withheld.
    case override
    /// Nobody of that name or number was known.
    case unknownPatient = "unknown-patient"
}
