/// What a viewer may do about being denied (DOMAIN, "Clinical safety": Denied care).
extension PatientRulesAsOf {
    /// The viewer's own standing: some subject's permission is asked for, and missing.
    var lacksPermission: Bool {
        guard region.consentModel == "permission-to-view",
            !overrides.contains(where: { $0.passes.contains("permission") })
        else { return false }
        let subjects =
            facts.subjects.isEmpty ? [SubjectName(organisation: "", localID: "")] : facts.subjects
        return subjects.contains { !permission(for: $0).0.permit }
    }

    /// The steps offered: those that would pass one of the rules, and for which the role has the activity.
    func offers(deniedBy rules: Set<String>) -> Set<String> {
        var steps: Set<String> = []
        func offer(_ step: String, _ activity: String, passes: Set<String>) {
            if viewer.role.activities.contains(activity), !rules.isDisjoint(with: passes) {
                steps.insert(step)
            }
        }
        offer("permission", "permission-to-view", passes: ["permission"])
        offer("self-claim", "self-claim", passes: ["relationship"])
        offer("emergency-override", "emergency-override", passes: Set(region.overrideMay["emergency"] ?? []))
        offer("legal-override", "legal-override", passes: Set(region.overrideMay["legal"] ?? []))
        offer(
            "safeguarding-override", "legal-override", passes: Set(region.overrideMay["safeguarding"] ?? []))
        offer("open-seal-override", "open-seal", passes: ["label", "seal"])
        return steps
    }
}
