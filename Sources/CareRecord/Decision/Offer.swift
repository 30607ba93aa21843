/// What a viewer may do about a denial: a fact that they may record themself, ready but for the reason they have to give
/// (DOMAIN, "Clinical safety": Denied care).
public struct Offer: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        /// Ask the patient, and record the permission.
        case permission
        /// Say that one cares for the patient.
        case selfClaim
        case override(OverrideKind)
    }

    public var step: Step
    public var user: String
    /// The organisation of the viewer's role.
    public var organisation: String

    /// The activity that the viewer's role has for it.
    public var activity: String {
        switch step {
        case .permission: Activity.permissionToView
        case .selfClaim: Activity.selfClaim
        case .override(let kind): kind.activity
        }
    }

    /// `emergency-override`, `safeguarding-override`: the step in words.
    public var name: String {
        switch step {
        case .permission: "permission"
        case .selfClaim: "self-claim"
        case .override(let kind): "\(kind.rawValue)-override"
        }
    }

    /// What recording it means.
    public var words: String {
        switch step {
        case .permission: "ask the patient; if they agree, or lack the capacity to, record it"
        case .selfClaim: "say that you are caring for this patient; it raises an alert"
        case .override(.openSeal): "open what the patient sealed, for a limited time; it raises an alert"
        case .override(.emergency): "look because it is an emergency, for a limited time; it raises an alert"
        case .override(.legal):
            "look because the law asks or allows it, for a limited time; it raises an alert"
        case .override(.safeguarding):
            "look to keep somebody from harm, for a limited time; it raises an alert"
        }
    }

    /// An override goes with a reason; the others may.
    public var needsReason: Bool { step != .permission }
}

extension RegionState {
    /// What this viewer may do about being denied by these rules. A function of the viewer, the region and what the viewer
    /// is told anyway: it says nothing of the patient.
    ///
    /// - Parameter rules: those that the answer itself names as withholding.
    public func offers(to viewer: ViewerIdentity, deniedBy rules: Set<Rule>) -> [Offer] {
        guard let organisation = viewer.organisation, !rules.isEmpty else { return [] }
        var steps: [Offer.Step] = []
        if rules.contains(.permission) { steps.append(.permission) }
        if rules.contains(.relationship) { steps.append(.selfClaim) }
        for kind in OverrideKind.allCases where !passable(by: kind).isDisjoint(with: rules) {
            steps.append(.override(kind))
        }
        return steps.map { Offer(step: $0, user: viewer.user, organisation: organisation) }
            .filter { viewer.activities.contains($0.activity) }
    }

    /// What an override of the kind passes: as the region says, and never agreement, role, staff exclusion or exclusion set.
    private func passable(by kind: OverrideKind) -> Set<Rule> {
        if kind == .openSeal { return [.label, .seal] }
        let said = settings.terms?.overrideMay[kind.rawValue] ?? []
        return Set(said).intersection([.relationship, .permission, .dissent, .objection, .directive, .label])
    }
}

extension ViewerContext {
    /// The store's days at the point.
    public var calendar: StoreCalendar { rules.calendar }

    /// Categories that the viewer's role has.
    public var grantedCategories: CategorySet { resolved.role.categories }

    /// The consent model asks for a permission, and the viewer has none for some subject of the patient, nor an override in
    /// its place: the viewer's own standing, whatever is held.
    public var lacksPermission: Bool {
        guard needsPermission, overrides.passing(.permission) == nil else { return false }
        return (0..<max(1, subjects.count)).contains {
            !rules.permission(resolved.profile, subject: $0).permit
        }
    }
}
