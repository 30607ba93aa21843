/// What a patient's facts say to one viewer at one instant (DOMAIN, "Who may see what, at T").
struct PatientRulesAsOf {
    let facts: PatientFactsAsOf
    let region: RegionSpec
    let viewer: ViewerDecision.Viewer
    let instant: Int64

    private typealias Held = PatientFactsAsOf.Held

    /// Whether a relationship or a permission serves the viewer: every one of user, workgroup and
    /// organisation named.
    func serves(_ fact: FactSpec) -> Bool {
        if let user = fact.user, user != viewer.user { return false }
        if let organisation = fact.organisation, organisation != viewer.profile.organisation { return false }
        if let workgroup = fact.workgroup, !viewer.profile.workgroups.contains(workgroup) { return false }
        return fact.user != nil || fact.organisation != nil
    }

    /// The fact that ended this one by the instant.
    func isEnded(_ held: PatientFactsAsOf.Held, by kind: FactSpec.Kind) -> Bool {
        ended(held, by: kind) != nil
    }

    private func ended(_ held: Held, by kind: FactSpec.Kind) -> Held? {
        facts.of(kind).first { ending in
            guard ending.fact.id == held.fact.id, ending.position > held.position else { return false }
            if kind == .directiveWithdrawn || kind == .sealLifted {
                return PatientFactsAsOf.covers(ending, instant)
            }
            if kind == .relationshipEnded, ending.fact.byFeed {
                let over = ending.fact.toInstant ?? PatientFactsAsOf.from(ending)
                return instant > PatientFactsAsOf.end(region.graceDays, after: over)
            }
            if ending.fact.to != nil || ending.fact.toInstant != nil {
                return instant > PatientFactsAsOf.to(ending)
            }
            return instant >= PatientFactsAsOf.from(ending)
        }
    }

    private func inForce(_ kind: FactSpec.Kind, endedBy ending: FactSpec.Kind?) -> [Held] {
        facts.of(kind).filter { held in
            guard PatientFactsAsOf.covers(held, instant) else { return false }
            return ending.flatMap { ended(held, by: $0) } == nil
        }
    }

    var staffExclusions: [UInt64] {
        inForce(.staffExcluded, endedBy: .staffExclusionEnded).filter { $0.fact.user == viewer.user }.map(
            \.position)
    }

    /// The earliest relationship that serves; else what ended those that did.
    var relationship: Verdict {
        let death = facts.of(.deceased).last { PatientFactsAsOf.from($0) <= instant }
        var over: [UInt64?] = []
        for held in facts.of(.relationshipCreated) where serves(held.fact) && servesAsClaimed(held.fact) {
            if !PatientFactsAsOf.covers(held, instant) {
                over.append(held.position)
            } else if let ended = ended(held, by: .relationshipEnded) {
                over.append(ended.position)
            } else if let death, let date = death.fact.date, viewer.purpose != "after-death",
                instant > PatientFactsAsOf.end(region.graceDays, after: LondonCalendar.end(of: date))
            {
                over.append(death.position)
            } else if death != nil || viewer.purpose != "after-death" {
                return .permit("relationship", [held.position])
            }
        }
        return .withhold("relationship", over)
    }

    /// The last instant of a permission: as stated, else the region's period; `once` lapses with that anyway.
    private func lapses(_ held: Held) -> Int64 {
        let period = PatientFactsAsOf.end(region.permissionDays, after: PatientFactsAsOf.from(held))
        let stated = PatientFactsAsOf.to(held)
        if held.fact.once { return min(stated, period) }
        return stated == .max ? period : stated
    }

    /// What decides for one subject's items: the most specific grantee, and of those the latest. The
    /// permission to be
    /// spent, where it is for once.
    func permission(for subject: SubjectName) -> (Verdict, spends: UInt64?) {
        var over: [UInt64?] = []
        for level in [3, 2, 1] {
            var latest: Held?
            for held in facts.of(.permissionToView, .permissionRefused, .permissionWithdrawn) {
                let at = held.fact.user != nil ? 3 : held.fact.workgroup != nil ? 2 : 1
                guard at == level, serves(held.fact), held.names.contains(subject) else { continue }
                let grants = held.fact.kind == .permissionToView
                let last = grants ? lapses(held) : PatientFactsAsOf.to(held)
                if instant < PatientFactsAsOf.from(held) || instant > last {
                    if grants { over.append(held.position) }
                } else if let receipt = facts.spent[held.position] {
                    over.append(receipt)
                } else {
                    latest = held
                }
            }
            if let latest {
                guard latest.fact.kind == .permissionToView else {
                    return (.withhold("permission", [latest.position]), nil)
                }
                return (.permit("permission", [latest.position]), latest.fact.once ? latest.position : nil)
            }
        }
        return (.withhold("permission", over), nil)
    }
}
