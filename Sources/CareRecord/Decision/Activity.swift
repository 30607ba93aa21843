/// Activities with a meaning of their own; a role's baseline lists those it has.
public enum Activity {
    public static let viewRecord = "view-record"
    public static let findPatient = "find-patient"
    public static let permissionToView = "permission-to-view"
    public static let selfClaim = "self-claim"
    /// B0168.
    public static let emergencyOverride = "emergency-override"
    /// B0082: overrides of the kinds legal and safeguarding.
    public static let legalOverride = "legal-override"
    /// B0083.
    public static let openSeal = "open-seal"
    public static let liftSeal = "lift-seal"
    public static let openCase = "open-case"
    public static let viewWithheld = "view-withheld"
    /// B1611.
    public static let viewShielded = "view-shielded"
    public static let explain = "explain"
    public static let viewAudit = "view-audit"
    public static let reviewAlerts = "review-alerts"
}

extension OverrideKind {
    /// The activity that whoever declares such an override must have.
    public var activity: String {
        switch self {
        case .emergency: Activity.emergencyOverride
        case .legal, .safeguarding: Activity.legalOverride
        case .openSeal: Activity.openSeal
        }
    }
}
