/// What makes a relationship. The order is stored: new cases go at the end.
public enum RelationshipKind: String, Hashable, Sendable, Codable, CaseIterable {
    case registration, referral, encounter, workgroup, caseload
    case selfClaimed = "self-claimed"
}

/// On what ground a permission to view stands. The order is stored.
public enum PermissionBasis: String, Hashable, Sendable, Codable, CaseIterable {
    case asked
    case lacksCapacity = "lacks-capacity"
}

/// What a consent directive says. The order is stored.
public enum DirectiveOutcome: String, Hashable, Sendable, Codable, CaseIterable { case deny, permit }

/// The kinds of override. The order is stored.
public enum OverrideKind: String, Hashable, Sendable, Codable, CaseIterable {
    case emergency, legal, safeguarding
    case openSeal = "open-seal"
}
