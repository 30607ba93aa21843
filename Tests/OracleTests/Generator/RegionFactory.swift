/// Makes region files, and the changed ones that follow.
struct RegionFactory: Sendable {
    static let pool: [(ods: String, kind: String)] = [
        ("11J", "commissioner"), ("RBD", "acute"), ("RD3", "acute"), ("RDY", "community"), ("ZZ101", "gp"),
        ("809", "local-authority"),
    ]
    static let purposes = ["direct-care", "safeguarding"]
    /// Codes of roles; what each may do varies from history to history.
    static let roleCodes = ["R8000", "R8001", "R8008", "R0001"]
    static let workgroups = ["cardiology", "emergency"]

    /// Days around which everything happens, as `YYYY-MM-DD`.
    let days: [String]

    func region(rng: inout SplitMix64) -> RegionSpec {
        var region = RegionSpec()
        region.consentModel = rng.pick(["permission-to-view", "implied"])
        region.placeholders = rng.chance(1, in: 2) ? ["9990000018"] : []
        region.familyRule = rng.pick(["similar", "similar", "equal"])
        region.givenRule = rng.pick(["similar", "similar", "equal"])
        region.permissionDays = rng.pick([1, 7, 84])
        region.graceDays = rng.pick([0, 1, 42])
        overrides(&region, &rng)
        for (ods, kind) in Self.pool where kind != "gp" || rng.chance(4, in: 5) {
            region.organisations.append(
                .init(ods: ods, kind: kind, licences: 6, charterSigned: charter(&rng)))
        }
        for organisation in region.organisations where rng.chance(1, in: 3) {
            region.feeds.append(
                .init(organisation: organisation.ods, maxSilence: rng.pick(["PT2H", "P1D", "P8D"])))
        }
        for organisation in region.organisations where organisation.kind != "commissioner" {
            if rng.chance(6, in: 7) { region.agreements.append(agreement(organisation.ods, 1, region, &rng)) }
            if rng.chance(1, in: 5) { region.agreements.append(agreement(organisation.ods, 2, region, &rng)) }
        }
        region.roles = Self.roleCodes.map { role($0, &rng) }
        if rng.chance(1, in: 2) { region.terminology = terminology(&rng) }
        for index in 1...4 + rng.below(2) { region.users.append(user("user-\(index)", region, &rng)) }
        if rng.chance(1, in: 3) {
            region.exclusions = [
                .init(
                    name: "set-1", system: ResourceShapes.snomed, codes: ["76272004", "61977001"],
                    descendants: rng.chance(1, in: 2), withholdsNarrative: rng.chance(1, in: 2))
            ]
        }
        if rng.chance(1, in: 2) {
            region.sensitivities = [
                .init(
                    name: "PSY", system: ResourceShapes.snomed, codes: ["35489007"],
                    descendants: rng.chance(1, in: 2))
            ]
        }
        return region
    }

    /// What overrides pass, and for how long.
    private func overrides(_ region: inout RegionSpec, _ rng: inout SplitMix64) {
        region.overrideDays = rng.pick([nil, 1, 3])
        let passable = ["relationship", "permission", "dissent", "objection", "directive", "label"]
        for kind in ["emergency", "legal", "safeguarding"] where rng.chance(5, in: 6) {
            region.overrideMay[kind] = rng.subset(passable, 3, in: 4)
        }
    }

    /// A hierarchy with gaps, of the codes in use and others; now and then one that goes round.
    private func terminology(_ rng: inout SplitMix64) -> [RegionSpec.Below] {
        let pairs = [
            ("86406008", "76272004"), ("44054006", "86406008"), ("322236009", "100001"),
            ("100001", "61977001"),
            ("74732009", "35489007"), ("35489007", "100000"), ("76272004", "44054006"),
            ("44054006", "74732009"),
        ]
        return rng.subset(pairs, 2, in: 3).map { RegionSpec.Below(code: $0.0, parent: $0.1) }
    }

    private func charter(_ rng: inout SplitMix64) -> String? {
        rng.weighted([(30, "2017-05-01"), (1, nil), (1, days.first), (2, rng.pick(days))])
    }

    /// A period that mostly covers everything.
    func period(_ rng: inout SplitMix64) -> (from: String?, to: String?) {
        let from = rng.weighted([(12, "2017-06-01"), (3, nil), (2, rng.pick(days))])
        let to = rng.weighted([(12, nil), (2, "2030-12-31"), (2, rng.pick(days))])
        if let from, let to, to < from { return (to, from) }
        return (from, to)
    }

    private func agreement(
        _ controller: String, _ number: Int, _ region: RegionSpec, _ rng: inout SplitMix64
    ) -> RegionSpec.Agreement {
        let (from, to) = period(&rng)
        var recipients = ["all"]
        if rng.chance(1, in: 2) {
            let others = region.organisations.map(\.ods).filter { $0 != controller }
            recipients = rng.subset(others, 5, in: 6)
            if recipients.isEmpty { recipients = [others[0]] }
        }
        var categories = rng.subset(HeldItem.categoryOrder, 9, in: 10)
        if categories.isEmpty { categories = ["demographics"] }
        return RegionSpec.Agreement(
            id: "PISA-\(controller)-\(number)", controller: controller, recipients: recipients,
            categories: categories,
            purposes: rng.pick([
                ["direct-care"], ["direct-care", "after-death"], ["direct-care", "safeguarding"],
                ["safeguarding"],
            ]),
            from: from, to: to)
    }

    private func role(_ code: String, _ rng: inout SplitMix64) -> RegionSpec.Role {
        var categories = rng.weighted([
            (6, ["all"]), (6, rng.subset(HeldItem.categoryOrder, 5, in: 6)), (1, []),
        ])
        var activities = ["view-record"]
        if code == "R0001", rng.chance(1, in: 3) {
            activities = ["view-audit"]
            categories = []
        }
        if rng.chance(1, in: 2) { activities.append("view-withheld") }
        if rng.chance(1, in: 3) { activities.append("view-shielded") }
        for activity in [
            "open-seal", "emergency-override", "legal-override", "self-claim", "permission-to-view",
        ]
        where rng.chance(3, in: 5) {
            activities.append(activity)
        }
        if code != "R8001" { activities.append("find-patient") }
        return RegionSpec.Role(
            code: code, categories: categories, labels: rng.chance(1, in: 3) ? ["PSY"] : [],
            activities: activities)
    }

    private func user(_ id: String, _ region: RegionSpec, _ rng: inout SplitMix64) -> RegionSpec.User {
        var profiles: [RegionSpec.Profile] = []
        let count = rng.chance(1, in: 3) ? 2 : 1
        for index in 0..<count {
            let (from, to) = period(&rng)
            profiles.append(
                RegionSpec.Profile(
                    id: rng.chance(1, in: 3) ? "p\(index)" : nil,
                    organisation: rng.pick(region.organisations).ods,
                    code: rng.pick(Self.roleCodes), workgroups: rng.subset(Self.workgroups, 1, in: 3),
                    from: from,
                    to: to))
        }
        if profiles.count == 2, profiles[0].name == profiles[1].name { profiles.removeLast() }
        return RegionSpec.User(id: id, profiles: profiles)
    }

    /// The file changed in one to three places.
    func changed(_ region: RegionSpec, rng: inout SplitMix64) -> RegionSpec {
        var next = region
        for _ in 0..<1 + rng.below(3) { change(&next, &rng) }
        return next
    }

    /// One hospital closes, whole or split, or opens again.
    private func close(_ region: inout RegionSpec, _ rng: inout SplitMix64) {
        guard let at = region.organisations.firstIndex(where: { $0.ods == rng.pick(["RD3", "RDY"]) }) else {
            return
        }
        if region.organisations[at].closed != nil {
            region.organisations[at].closed = nil
            region.organisations[at].successors = []
            return
        }
        region.organisations[at].closed = rng.pick(days)
        let first = RegionSpec.Successor(ods: "RBD", subjects: rng.chance(1, in: 2) ? ["H1"] : nil)
        region.organisations[at].successors = rng.chance(4, in: 5) ? [first] : []
        if region.organisations[at].ods == "RD3", rng.chance(1, in: 2), first.subjects != nil {
            region.organisations[at].successors.append(.init(ods: "RDY", subjects: nil))
        }
    }

    private func change(_ region: inout RegionSpec, _ rng: inout SplitMix64) {
        switch rng.below(17) {
        case 0: region.consentModel = region.consentModel == "implied" ? "permission-to-view" : "implied"
        case 1: region.permissionDays = rng.pick([1, 7, 84])
        case 2, 3:
            guard let index = region.agreements.indices.randomElement(using: &rng) else { return }
            let old = region.agreements[index]
            var new = agreement(old.controller, 1, region, &rng)
            new.id = old.id
            region.agreements[index] = new
        case 4:
            if !region.agreements.isEmpty { region.agreements.remove(at: rng.below(region.agreements.count)) }
        case 5:
            let at = rng.below(region.organisations.count)
            region.organisations[at].charterSigned = charter(&rng)
        case 6:
            if region.users.count > 2 { region.users.remove(at: rng.below(region.users.count)) }
        case 7, 8:
            let at = rng.below(region.users.count)
            region.users[at] = user(region.users[at].id, region, &rng)
        case 9:
            let at = rng.below(region.roles.count)
            region.roles[at] = role(region.roles[at].code, &rng)
        case 10:
            region.exclusions =
                region.exclusions.isEmpty
                ? [.init(name: "set-1", system: ResourceShapes.snomed, codes: ["86408006"])] : []
        case 11:
            region.graceDays = rng.pick([0, 1, 42])
            overrides(&region, &rng)
        case 14: region.terminology = rng.chance(1, in: 4) ? nil : terminology(&rng)
        case 15:
            for index in region.exclusions.indices { region.exclusions[index].descendants.toggle() }
        case 12, 13:
            if !region.agreements.isEmpty {
                region.agreements[rng.below(region.agreements.count)].suspended.toggle()
            }
        default: close(&region, &rng)
        }
    }
}
