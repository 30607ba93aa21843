/// Makes facts about patients, in legal orders and in odd ones.
struct FactFactory: Sendable {
    let people: People
    let days: [String]
    private var made = 0
    private var open: [(kind: FactSpec.Kind, id: String, patient: PatientName)] = []
    /// Every case ever opened, and for whom.
    private(set) var cases: [(id: String, patient: PatientName)] = []

    init(people: People, days: [String]) {
        self.people = people
        self.days = days
    }

    mutating func facts(region: RegionSpec, rng: inout SplitMix64) -> [FactSpec] {
        (0..<1 + rng.below(4)).map { _ in fact(region, &rng) }
    }

    /// What most patients have: relationships with the organisations where users work, and permissions for
    /// some.
    mutating func opening(region: RegionSpec, rng: inout SplitMix64) -> [FactSpec] {
        var facts: [FactSpec] = []
        for person in people.persons {
            for user in region.users where rng.chance(3, in: 4) {
                made += 1
                let organisation = rng.pick(user.profiles).organisation
                facts.append(
                    started(
                        FactSpec(
                            kind: .relationshipCreated, id: "rel-\(made)", patient: .number(person.number),
                            from: "2017-06-01", organisation: organisation, word: "registration")))
                if rng.chance(1, in: 2) {
                    facts.append(
                        FactSpec(
                            kind: .permissionToView, patient: .number(person.number), to: "2030-01-01",
                            user: user.id,
                            word: "asked"))
                }
            }
        }
        return facts
    }

    func patient(_ rng: inout SplitMix64) -> PatientName {
        if rng.chance(3, in: 4) {
            let person = rng.pick(people.persons)
            return .number(rng.chance(1, in: 10) ? person.secondNumber : person.number)
        }
        return .subject(rng.pick(people.subjects).name)
    }

    private mutating func fact(_ region: RegionSpec, _ rng: inout SplitMix64) -> FactSpec {
        made += 1
        if rng.chance(1, in: 5), let index = open.indices.randomElement(using: &rng) {
            return ending(at: index, region, &rng)
        }
        switch rng.below(46) {
        case 0...12: return relationship(region, &rng)
        case 13...18: return permission(region, &rng)
        case 19...23: return identity(&rng)
        case 24: return FactSpec(kind: .dissentSet, patient: patient(&rng))
        case 25: return FactSpec(kind: .dissentWithdrawn, patient: patient(&rng))
        case 26: return started(directive(region, &rng))
        case 27: return started(seal(region, &rng))
        case 28:
            return FactSpec(kind: rng.chance(1, in: 2) ? .shieldSet : .shieldCleared, patient: patient(&rng))
        case 29:
            let user = rng.pick(region.users).id
            return started(
                FactSpec(kind: .staffExcluded, id: "ex-\(made)", patient: patient(&rng), user: user))
        case 30, 31:
            return started(FactSpec(kind: .objectionReceived, id: "obj-\(made)", patient: patient(&rng)))
        case 33...39: return started(override(region, &rng))
        case 40: return started(seal(region, &rng))
        case 42, 43: return opened(region, &rng)
        case 44, 45:
            var hold = FactSpec(kind: .legalHold, id: "hold-\(made)", patient: patient(&rng))
            (hold.from, hold.to) = period(&rng)
            return started(hold)
        case 32:
            return FactSpec(kind: .deceased, patient: patient(&rng), date: rng.pick(days))
        default:
            let subject = rng.pick(people.subjects).name
            return FactSpec(
                kind: .itemLabelled, patient: .subject(subject), organisation: subject.organisation,
                item: ResourceShapes.own(
                    "Condition/\(rng.pick(ResourceShapes.ids("Condition")))", of: subject), label: "PSY")
        }
    }

    private mutating func started(_ fact: FactSpec) -> FactSpec {
        if let id = fact.id, let patient = fact.patient { open.append((fact.kind, id, patient)) }
        return fact
    }

    private mutating func opened(_ region: RegionSpec, _ rng: inout SplitMix64) -> FactSpec {
        var fact = FactSpec(kind: .caseOpened, id: "case-\(made)", patient: patient(&rng))
        fact.authority = rng.pick(region.users).id
        if rng.chance(2, in: 3) { fact.days = rng.pick([1, 7, 30]) } else { fact.to = rng.pick(days) }
        if let id = fact.id, let patient = fact.patient { cases.append((id, patient)) }
        return started(fact)
    }

    private mutating func relationship(_ region: RegionSpec, _ rng: inout SplitMix64) -> FactSpec {
        var fact = FactSpec(
            kind: .relationshipCreated, id: "rel-\(made)", patient: patient(&rng),
            organisation: rng.pick(region.organisations).ods, word: rng.pick(["referral", "registration"]))
        switch rng.below(5) {
        case 0:
            fact.workgroup = rng.pick(RegionFactory.workgroups)
            fact.word = "workgroup"
        case 1:
            fact.organisation = nil
            fact.user = rng.pick(region.users).id
            fact.word = "self-claimed"
            fact.recordedBy = fact.user
        default: break
        }
        (fact.from, fact.to) = period(&rng)
        return started(fact)
    }

    private func override(_ region: RegionSpec, _ rng: inout SplitMix64) -> FactSpec {
        let user = rng.pick(region.users).id
        var fact = FactSpec(
            kind: .overrideDeclared, id: "ov-\(made)", patient: patient(&rng), user: user,
            word: rng.pick(["emergency", "legal", "safeguarding", "open-seal"]))
        fact.recordedBy = user
        switch rng.below(4) {
        case 0: fact.days = rng.pick([1, 7])
        case 1: (fact.from, fact.to) = period(&rng)
        default: break
        }
        return fact
    }

    private func period(_ rng: inout SplitMix64) -> (String?, String?) {
        let from = rng.weighted([(4, nil), (3, "2017-06-01"), (2, rng.pick(days))])
        let to = rng.weighted([(6, nil), (1, rng.pick(days))])
        if let from, let to, to < from { return (to, from) }
        return (from, to)
    }

    private func grantee(_ fact: inout FactSpec, _ region: RegionSpec, _ rng: inout SplitMix64) {
        switch rng.below(4) {
        case 0, 1: fact.user = rng.pick(region.users).id
        case 2: fact.organisation = rng.pick(region.organisations).ods
        default:
            fact.organisation = rng.pick(region.organisations).ods
            fact.workgroup = rng.pick(RegionFactory.workgroups)
        }
    }

    private func permission(_ region: RegionSpec, _ rng: inout SplitMix64) -> FactSpec {
        let kind: FactSpec.Kind = rng.weighted([
            (6, .permissionToView), (1, .permissionRefused), (1, .permissionWithdrawn),
        ])
        var fact = FactSpec(kind: kind, patient: patient(&rng))
        grantee(&fact, region, &rng)
        guard kind == .permissionToView else { return fact }
        fact.word = rng.pick(["asked", "lacks-capacity"])
        switch rng.below(4) {
        case 0: fact.once = true
        case 1: fact.days = rng.pick([1, 7, 84])
        case 2: fact.to = rng.pick(days)
        default: break
        }
        if fact.to != nil, rng.chance(1, in: 2) { fact.from = "2017-06-01" }
        return fact
    }

    private func directive(_ region: RegionSpec, _ rng: inout SplitMix64) -> FactSpec {
        var fact = FactSpec(
            kind: .consentDirective, id: "dir-\(made)", patient: patient(&rng),
            word: rng.chance(3, in: 4) ? "deny" : "permit",
            organisations: rng.chance(1, in: 2) ? [rng.pick(region.organisations).ods] : [],
            categories: rng.chance(1, in: 2) ? rng.subset(HeldItem.categoryOrder, 1, in: 3) : [])
        switch rng.below(5) {
        case 0: fact.user = rng.pick(region.users).id
        case 1:
            fact.organisation = rng.pick(region.organisations).ods
            fact.workgroup = rng.pick(RegionFactory.workgroups)
        default: break
        }
        if rng.chance(1, in: 4) { (fact.from, fact.to) = period(&rng) }
        return fact
    }

    private func seal(_ region: RegionSpec, _ rng: inout SplitMix64) -> FactSpec {
        var fact = FactSpec(
            kind: .sealApplied, id: "seal-\(made)", patient: patient(&rng), locked: rng.chance(1, in: 3))
        if rng.chance(1, in: 2) {
            fact.categories = [rng.pick(HeldItem.categoryOrder)]
            fact.by = rng.pick(region.organisations).ods
            fact.workgroup = rng.chance(1, in: 2) ? rng.pick(RegionFactory.workgroups) : nil
        } else {
            let type = rng.pick(["Condition", "Observation", "Patient", "Encounter"])
            let subject = rng.pick(people.subjects).name
            fact.organisation = subject.organisation
            fact.item =
                type == "Patient"
                ? "Patient/\(subject.localID)"
                : ResourceShapes.own("\(type)/\(rng.pick(ResourceShapes.ids(type)))", of: subject)
        }
        return fact
    }

    private mutating func ending(
        at index: Int, _ region: RegionSpec, _ rng: inout SplitMix64
    ) -> FactSpec {
        let (kind, id, patient) = open[index]
        open.remove(at: index)
        switch kind {
        case .relationshipCreated:
            let to = rng.chance(1, in: 3) ? rng.pick(days) : nil
            return FactSpec(kind: .relationshipEnded, id: id, to: to)
        case .consentDirective: return FactSpec(kind: .directiveWithdrawn, id: id, patient: patient)
        case .sealApplied:
            return FactSpec(kind: .sealLifted, id: id, patient: patient, by: rng.pick(region.users).id)
        case .overrideDeclared:
            return FactSpec(kind: .overrideEnded, id: id, to: rng.chance(1, in: 3) ? rng.pick(days) : nil)
        case .caseOpened:
            return FactSpec(kind: .caseClosed, id: id, to: rng.chance(1, in: 3) ? rng.pick(days) : nil)
        case .legalHold:
            return FactSpec(kind: .legalHoldEnded, id: id, to: rng.chance(1, in: 3) ? rng.pick(days) : nil)
        case .staffExcluded: return FactSpec(kind: .staffExclusionEnded, id: id, patient: patient)
        default:
            return FactSpec(
                kind: rng.chance(1, in: 2) ? .objectionUpheld : .objectionDeclined, id: id, patient: patient)
        }
    }

    private func identity(_ rng: inout SplitMix64) -> FactSpec {
        let a = rng.pick(people.subjects).name
        let b = rng.pick(people.subjects).name
        let kind: FactSpec.Kind = rng.weighted([
            (3, .linked), (2, .unlinked), (3, .merged), (2, .mergeReversed), (1, .nhsNumberReplaced),
        ])
        if kind == .nhsNumberReplaced || a == b {
            let person = rng.pick(people.persons)
            let numbers =
                rng.chance(4, in: 5)
                ? [person.number, person.secondNumber] : [person.secondNumber, person.number]
            return FactSpec(kind: .nhsNumberReplaced, patient: .subject(a), numbers: numbers)
        }
        return FactSpec(kind: kind, pair: [a, b])
    }
}
