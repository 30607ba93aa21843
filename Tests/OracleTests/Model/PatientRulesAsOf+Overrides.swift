extension PatientRulesAsOf {
    /// An override in force of the viewer's own, and the rules it passes.
    struct Override {
        var position: UInt64
        var passes: [String]
    }

    /// What declares itself must be declared by its own user, in a role with the activity.
    private func isOwn(_ fact: FactSpec, needing activity: String) -> Bool {
        fact.user == viewer.user && fact.recordedBy == viewer.user
            && viewer.role.activities.contains(activity)
    }

    var overrides: [Override] {
        let activities = [
            "emergency": "emergency-override", "legal": "legal-override", "safeguarding": "legal-override",
            "open-seal": "open-seal",
        ]
        return facts.of(.overrideDeclared).compactMap { held in
            let kind = held.fact.word ?? ""
            guard isOwn(held.fact, needing: activities[kind] ?? "?"), lasts(held),
                !isEnded(held, by: .overrideEnded)
            else { return nil }
            return Override(
                position: held.position,
                passes: kind == "open-seal" ? ["label", "seal"] : region.overrideMay[kind] ?? [])
        }
    }

    /// An override without an end of its own lasts for the region's period.
    private func lasts(_ held: PatientFactsAsOf.Held) -> Bool {
        guard PatientFactsAsOf.covers(held, instant) else { return false }
        if held.fact.to != nil || held.fact.days != nil { return true }
        let from = PatientFactsAsOf.from(held)
        return instant
            <= (region.overrideDays.map { PatientFactsAsOf.end($0, after: from) } ?? from + 3_600_000_000)
    }

    /// A relationship that somebody claims for themself serves them alone, while their role may.
    func servesAsClaimed(_ fact: FactSpec) -> Bool {
        fact.word != "self-claimed" || isOwn(fact, needing: "self-claim")
    }

    var isLocationHidden: Bool { !shields.isEmpty && !viewer.role.activities.contains("view-shielded") }
}
