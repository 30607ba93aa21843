/// The kinds of fact about a patient's sharing and identity, each a key of a patient policy file except
/// `permissionSpent`, which the first receipt under a `once` permission leaves, and those of a review, which feeds open
/// and `identity review` decides.
///
/// The order of the cases is stored (`PatientFact` binary form): new kinds go at the end.
public enum PatientFactKind: String, Hashable, Sendable, Codable, CaseIterable {
    case relationshipCreated, relationshipEnded
    case permissionToView, permissionRefused, permissionWithdrawn
    case dissentSet, dissentWithdrawn
    case consentDirective, directiveWithdrawn
    case sealApplied, sealLifted
    case itemLabelled
    case shieldSet, shieldCleared
    case staffExcluded, staffExclusionEnded
    case objectionReceived, objectionUpheld, objectionDeclined
    case overrideDeclared, overrideEnded
    case caseOpened, caseClosed
    case linked, unlinked, merged, mergeReversed, nhsNumberReplaced
    case deceased
    case legalHold, legalHoldEnded
    case permissionSpent
    case reviewOpened, reviewDecided

    /// Facts that move identity or ask whether it should move, and are events of the identity class.
    public var isIdentity: Bool {
        switch self {
        case .linked, .unlinked, .merged, .mergeReversed, .nhsNumberReplaced, .deceased, .reviewOpened,
            .reviewDecided:
            true
        default: false
        }
    }

    /// Restrictions bind every subject linked with the one they name, and stay on both after an unlink.
    public var isRestriction: Bool {
        switch self {
        case .dissentSet, .consentDirective, .sealApplied, .itemLabelled, .shieldSet, .staffExcluded,
            .objectionReceived, .objectionUpheld:
            true
        default: false
        }
    }

    /// The kinds that this one, naming an id, ends or decides.
    public var refersTo: PatientFactKind? {
        switch self {
        case .relationshipEnded: .relationshipCreated
        case .directiveWithdrawn: .consentDirective
        case .sealLifted: .sealApplied
        case .staffExclusionEnded: .staffExcluded
        case .objectionUpheld, .objectionDeclined: .objectionReceived
        case .overrideEnded: .overrideDeclared
        case .caseClosed: .caseOpened
        case .legalHoldEnded: .legalHold
        case .reviewDecided: .reviewOpened
        default: nil
        }
    }

    /// The case's place in the order of cases, from 0.
    var storedIndex: Int { Self.indices[self] ?? 0 }

    private static let indices = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}
