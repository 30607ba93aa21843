import Wire

@testable import CareRecord

/// Sections D, E and the patient's part of F of docs/decisions/0002, read fact by fact.
struct NaivePatient {
    typealias Entry = PatientFacts.Entry

    let entries: [Entry]
    let subjects: Int
    let t: Instant
    let settings: RegionSettings?
    let calendar = StoreCalendar.london

    init(_ facts: PatientFacts, _ t: Instant, _ p: Position, _ settings: RegionSettings?) {
        entries = facts.entries.filter { $0.position <= p }.sorted { $0.position < $1.position }
        subjects = facts.subjects.count
        (self.t, self.settings) = (t, settings)
    }

    func begins(_ entry: Entry) -> Instant {
        entry.fact.from
            ?? (entry.fact.kind == .deceased ? calendar.start(of: entry.fact.date!) : entry.recordedAt)
    }

    func statedEnd(_ entry: Entry) -> Instant? {
        entry.fact.to ?? entry.fact.duration.map { calendar.end(of: $0, from: begins(entry)) }
    }

    func covers(_ entry: Entry) -> Bool {
        var end = statedEnd(entry)
        if entry.fact.kind == .permissionToView, let settings {
            let lapse = calendar.end(of: settings.permissionToViewPeriod, from: begins(entry))
            end = entry.fact.once ? min(end ?? lapse, lapse) : end ?? lapse
        }
        if entry.fact.kind == .overrideDeclared, end == nil, let settings {
            end = calendar.end(of: settings.overridePeriod, from: begins(entry))
        }
        return begins(entry) <= t && t <= end ?? .distantFuture
    }

    func ending(_ entry: Entry) -> Position? {
        guard let id = entry.fact.id else { return nil }
        return entries.first { other in
            guard other.position > entry.position, other.fact.id == id else { return false }
            switch (entry.fact.kind, other.fact.kind) {
            case (.relationshipCreated, .relationshipEnded):
                if other.fact.byFeed {
                    let end = statedEnd(other) ?? begins(other)
                    return t
                        > (settings.map { calendar.end(of: $0.relationshipGracePeriod, from: end) } ?? end)
                }
                return statedEnd(other).map { t > $0 } ?? (t >= begins(other))
            case (.staffExcluded, .staffExclusionEnded):
                return statedEnd(other).map { t > $0 } ?? (t >= begins(other))
            case (.overrideDeclared, .overrideEnded):
                return statedEnd(other).map { t > $0 } ?? (t >= begins(other))
            case (.consentDirective, .directiveWithdrawn), (.sealApplied, .sealLifted): return covers(other)
            default: return false
            }
        }?.position
    }

    func standing(_ kind: PatientFactKind) -> [Entry] {
        entries.filter { $0.fact.kind == kind && covers($0) && ending($0) == nil }
    }

    func names(_ entry: Entry, subject: Int) -> Bool {
        switch entry.scope {
        case .union: true
        case .subjects(let list): list.contains(subject)
        }
    }

    func binding(_ set: PatientFactKind, _ clear: PatientFactKind) -> [Position]? {
        var basis: Set<Position> = []
        for subject in 0..<subjects {
            let last = entries.last { entry in
                [set, clear].contains(entry.fact.kind) && covers(entry)
                    && (names(entry, subject: subject) || entry.scope == .subjects([]))
            }
            if let last, last.fact.kind == set { basis.insert(last.position) }
        }
        return basis.isEmpty ? nil : basis.sorted()
    }

    var objections: [Position]? {
        var basis: [Position] = []
        for received in entries where received.fact.kind == .objectionReceived && covers(received) {
            let decision = entries.last {
                [.objectionUpheld, .objectionDeclined].contains($0.fact.kind)
                    && $0.fact.id == received.fact.id
                    && received.fact.id != nil && $0.position > received.position && covers($0)
            }
            if decision?.fact.kind == .objectionDeclined { continue }
            basis.append(received.position)
            if let decision { basis.append(decision.position) }
        }
        return basis.isEmpty ? nil : basis
    }

    func names(_ fact: PatientFact, _ profile: RoleProfile) -> Bool {
        if fact.user == nil && fact.org == nil { return false }
        return (fact.user ?? profile.user) == profile.user && (fact.org ?? profile.org) == profile.org
            && (fact.workgroup.map { profile.workgroups.contains($0) } ?? true)
    }

    func names(_ fact: PatientFact, _ item: ItemDescriptor) -> Bool {
        fact.org == item.source
            && (fact.item == "\(item.type)/\(item.sourceID)" || fact.item == "\(item.type)/\(item.daybookID)")
    }

    func denial(_ profile: RoleProfile, _ item: ItemDescriptor) -> Position? {
        let matching = standing(.consentDirective).filter { entry in
            let fact = entry.fact
            if fact.outcome == .permit, entry.carried || !names(entry, subject: item.subject) { return false }
            if !fact.categories.isEmpty, !fact.categories.contains(item.category) { return false }
            if !fact.organisations.isEmpty, !fact.organisations.contains(profile.org) { return false }
            return fact.user == nil && fact.org == nil ? true : names(fact, profile)
        }
        let key: (Entry) -> [Int64] = { entry in
            let fact = entry.fact
            let who: Int64 =
                fact.user != nil
                ? 0 : fact.workgroup != nil ? 1 : !fact.organisations.isEmpty || fact.org != nil ? 2 : 3
            return [
                who, fact.categories.isEmpty ? 1 : 0, -begins(entry).microseconds,
                fact.outcome == .deny ? 0 : 1,
                Int64(entry.position.value),
            ]
        }
        let first = matching.min { key($0).lexicographicallyPrecedes(key($1)) }
        return first?.fact.outcome == .deny ? first?.position : nil
    }

    /// Overrides of the viewer's own, with what each passes.
    func overrides(_ profile: RoleProfile, _ role: RoleBaseline) -> [(position: Position, passes: [Rule])] {
        standing(.overrideDeclared).filter { entry in
            guard entry.fact.user == profile.user, entry.fact.recordedBy == profile.user, !entry.carried
            else { return false }
            let needed =
                switch entry.fact.overrideKind! {
                case .emergency: "emergency-override"
                case .legal, .safeguarding: "legal-override"
                case .openSeal: "open-seal"
                }
            return role.activities.contains(needed)
        }.map { entry in
            let kind = entry.fact.overrideKind!
            let may = settings?.overrideMay[kind.rawValue] ?? []
            return (entry.position, kind == .openSeal ? [.label, .seal] : may)
        }
    }

    func relationship(_ profile: RoleProfile, _ role: RoleBaseline, _ purpose: String) -> Decision {
        let mine = entries.filter {
            guard $0.fact.kind == .relationshipCreated && !$0.carried && names($0.fact, profile) else {
                return false
            }
            guard $0.fact.relationship == .selfClaimed else { return true }
            return $0.fact.user == profile.user && $0.fact.recordedBy == profile.user
                && role.activities.contains("self-claim")
        }
        let death = entries.last { $0.fact.kind == .deceased && covers($0) }
        let over = death.map { entry in
            let end = calendar.end(of: entry.fact.date!)
            return t > (settings.map { calendar.end(of: $0.relationshipGracePeriod, from: end) } ?? end)
        }
        let serves = purpose == "after-death" ? death != nil : over != true
        let alive = mine.filter { covers($0) && ending($0) == nil }
        if serves, let first = alive.first { return .permit(.relationship, [first.position]) }
        return .withhold(
            .relationship,
            mine.compactMap { entry in
                if !covers(entry) { return entry.position }
                if let ending = ending(entry) { return ending }
                return over == true && purpose != "after-death" ? death?.position : nil
            })
    }

    func permission(_ profile: RoleProfile, _ subject: Int) -> Decision {
        func spent(_ entry: Entry) -> Position? {
            guard entry.fact.once else { return nil }
            return entries.first {
                $0.fact.kind == .permissionSpent && $0.fact.spends == entry.position && $0.recordedAt <= t
            }?.position
        }
        let kinds: [PatientFactKind] = [.permissionToView, .permissionRefused, .permissionWithdrawn]
        let mine = entries.filter {
            kinds.contains($0.fact.kind) && !$0.carried && names($0, subject: subject)
                && names($0.fact, profile)
        }
        let candidates = mine.filter {
            covers($0) && !($0.fact.kind == .permissionToView && spent($0) != nil)
        }
        for level in [3, 2, 1] {
            let here = candidates.last {
                ($0.fact.user != nil ? 3 : $0.fact.workgroup != nil ? 2 : 1) == level
            }
            guard let here else { continue }
            return here.fact.kind == .permissionToView
                ? .permit(.permission, [here.position]) : .withhold(.permission, [here.position])
        }
        return .withhold(
            .permission,
            mine.filter { $0.fact.kind == .permissionToView }.compactMap {
                covers($0) ? spent($0) : $0.position
            })
    }
}
