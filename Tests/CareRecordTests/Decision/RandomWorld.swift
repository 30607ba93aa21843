import Seeded
import Wire

@testable import CareRecord

/// A seeded random region and patient, over few names, so that facts meet.
struct RandomWorld {
    var world = PolicyWorld(now: "2018-01-01")
    var rng: SplitMix64
    static let orgs = ["A", "B", "C"]
    static let users = ["u", "v"]
    static let codes = ["1", "2"].map { Coding(system: "s", code: $0) }
    static let some: [CareRecord.Category] = [.diagnoses, .documents, .socialCare, .gpPractice]
    static let activities = [
        "emergency-override", "legal-override", "open-seal", "self-claim", "view-shielded",
    ]

    init(seed: UInt64) {
        rng = SplitMix64(seed: seed)
        world.facts.subjects = [
            SubjectID(organisation: "A", localID: "1"), SubjectID(organisation: "B", localID: "2"),
        ]
        // A ground on which most questions get as far as the items.
        world.region(.settings(settings()))
        for ods in Self.orgs { world.region(.organisationOnboarded(details(ods))) }
        for ods in Self.orgs where !rng.chance(10) {
            world.region(.charterSigned(.init(ods: ods, from: before())))
        }
        for _ in 0..<4 { world.region(.agreementSigned(terms())) }
        for code in ["R", "S"] { world.region(.roleBaseline(role(code))) }
        for user in Self.users {
            world.region(
                .userRegistered(UserDetails(id: user, name: user, from: rng.chance(50) ? day() : nil)))
            for ods in Self.orgs {
                world.region(.licenceAssigned(.init(user: user, ods: ods, from: before())))
            }
            world.region(.roleProfileAssigned(profile(user)))
        }
        for ods in Self.orgs where rng.chance(60) {
            world.patient(.relationshipCreated) { ($0.id, $0.org) = ("1", ods) }
        }
        for _ in 0..<Int.random(in: 3...30, using: &rng) { step() }
    }

    mutating func day() -> Instant {
        PolicyWorld.instant("2018-01-0\(Int.random(in: 1...9, using: &rng))")
    }

    /// Mostly before everything else.
    mutating func before() -> Instant { rng.chance(92) ? PolicyWorld.instant("2017-05-01") : day() }

    mutating func maybeDay(_ percent: Int) -> Instant? { rng.chance(percent) ? day() : nil }

    mutating func categories() -> CategorySet {
        rng.chance(40) ? .all : CategorySet(Self.some.filter { _ in rng.chance(70) })
    }

    mutating func settings() -> RegionSettings {
        var settings = Sample.settings
        settings.consentModel = rng.chance(30) ? .implied : .permissionToView
        settings.permissionToViewPeriod = CalendarDuration(rng.pick(["P1D", "P3D", "PT30H"]))!
        for kind in [OverrideKind.emergency, .legal, .safeguarding] {
            settings.overrideMay[kind.rawValue] = Override.passable.sorted { $0.rawValue < $1.rawValue }
                .filter { _ in rng.chance(60) }
        }
        settings.overridePeriod = CalendarDuration(rng.pick(["PT20H", "P2D"]))!
        settings.relationshipGracePeriod = CalendarDuration(rng.pick(["P0D", "P2D"]))!
        return settings
    }

    mutating func details(_ ods: String) -> OrganisationDetails {
        OrganisationDetails(ods: ods, name: ods, kind: rng.chance(20) ? .commissioner : .acute)
    }

    mutating func terms() -> AgreementTerms {
        AgreementTerms(
            id: rng.pick(["X", "Y", "Z"]), controller: rng.pick(Self.orgs),
            recipients: rng.pick([["all"], ["A", "B", "C"], ["C"], ["all", "C"]]), categories: categories(),
            purposes: rng.pick([["direct-care"], ["direct-care", "after-death"]]), from: maybeDay(50),
            to: maybeDay(20))
    }

    mutating func role(_ code: String) -> RoleBaseline {
        RoleBaseline(
            code: code, name: code, categories: rng.chance(60) ? .all : categories(),
            labels: rng.chance(50) ? ["L"] : [],
            activities: rng.chance(95)
                ? ["view-record"] + Self.activities.filter { _ in rng.chance(60) } : [])
    }

    mutating func profile(_ user: String) -> RoleProfile {
        RoleProfile(
            user: user, id: rng.chance(85) ? "p" : "q", org: rng.pick(Self.orgs), code: rng.pick(["R", "S"]),
            workgroups: rng.chance(50) ? ["w"] : [], from: maybeDay(15), to: maybeDay(5))
    }

    /// Some hours later, something happens.
    mutating func step() {
        let hours = Int64.random(in: 0...12, using: &rng)
        world.now.microseconds += hours * 3_600_000_000
        if rng.chance(25) { world.region(regionFact()) } else { patientFact() }
    }

    mutating func regionFact() -> RegionFact {
        let (org, user, code) = (rng.pick(Self.orgs), rng.pick(Self.users), rng.pick(["R", "S"]))
        let agreement = RegionEnd(id: rng.pick(["X", "Y", "Z"]))
        let list = [
            CodeList(
                system: "s", values: [rng.pick(["1", "3"])], descendants: true,
                expanded: rng.chance(50) ? ["2"] : nil)
        ]
        switch Int.random(in: 0..<21, using: &rng) {
        case 0: return .settings(settings())
        case 1: return .organisationOnboarded(details(org))
        case 2: return .organisationChanged(details(org))
        case 3:
            let subjects: [String]? = rng.chance(50) ? ["1"] : nil
            let successors =
                rng.chance(60)
                ? [OrganisationClosure.Successor(ods: rng.pick(Self.orgs), subjects: subjects)] : []
            return .organisationClosed(
                OrganisationClosure(ods: org, from: maybeDay(60), successors: successors))
        case 4: return .charterSigned(.init(ods: org, from: before()))
        case 5: return .charterEnded(RegionEnd(id: org))
        case 6: return .agreementSigned(terms())
        case 7, 8: return .agreementAmended(terms())
        case 9: return .agreementEnded(agreement)
        case 10: return .agreementSuspended(agreement)
        case 11: return .agreementResumed(agreement)
        case 12: return .roleBaseline(role(code))
        case 13: return .roleWithdrawn(RegionEnd(id: code))
        case 14:
            return rng.chance(50)
                ? .userLeft(RegionEnd(id: user)) : .userRegistered(UserDetails(id: user, name: user))
        case 15: return .roleProfileAssigned(profile(user))
        case 16: return .roleProfileRevoked(RegionEnd(id: rng.pick(["p", "q"]), user: user))
        case 17:
            return rng.chance(50)
                ? .licenceReleased(RegionEnd(id: org, user: user))
                : .licenceAssigned(.init(user: user, ods: org, from: maybeDay(50)))
        case 18:
            return .exclusionSetPublished(
                ExclusionSet(
                    id: rng.pick(["e", "f"]), reason: "r", narrative: rng.pick([.withhold, .keep]),
                    codes: list))
        case 19: return .sensitivityPublished(SensitivitySet(label: rng.pick(["L", "M"]), codes: list))
        default:
            return rng.chance(50)
                ? .exclusionSetEnded(RegionEnd(id: "e")) : .sensitivityEnded(RegionEnd(id: "L"))
        }
    }

    static let kinds: [PatientFactKind] = [
        .relationshipCreated, .relationshipCreated, .relationshipCreated, .relationshipEnded,
        .permissionToView,
        .permissionToView, .permissionToView, .permissionRefused, .permissionWithdrawn, .permissionSpent,
        .dissentSet,
        .dissentWithdrawn, .dissentWithdrawn, .consentDirective, .consentDirective, .directiveWithdrawn,
        .sealApplied,
        .sealLifted, .itemLabelled, .shieldSet, .shieldCleared, .shieldCleared, .staffExcluded,
        .staffExclusionEnded,
        .objectionReceived, .objectionUpheld, .objectionDeclined, .objectionDeclined, .deceased,
        .overrideDeclared, .overrideDeclared, .overrideDeclared, .overrideDeclared, .overrideEnded,
        .sealApplied,
    ]

    mutating func patientFact() {
        let kind = rng.pick(Self.kinds)
        var fact = PatientFact(kind, id: rng.chance(85) ? rng.pick(["1", "2"]) : nil)
        (fact.from, fact.to) = (maybeDay(30), maybeDay(15))
        if fact.to == nil, rng.chance(15) { fact.duration = CalendarDuration(rng.pick(["P1D", "PT20H"])) }
        switch rng.pick(0..<5) {
        case 0: fact.user = rng.pick(Self.users)
        case 1: (fact.org, fact.workgroup) = (rng.pick(Self.orgs), "w")
        case 2: (fact.org, fact.user) = (rng.pick(Self.orgs), rng.pick(Self.users))
        default: fact.org = rng.pick(Self.orgs)
        }
        if kind == .staffExcluded { fact.user = rng.pick(Self.users) }
        if kind == .relationshipCreated, rng.chance(25) {
            (fact.relationship, fact.user, fact.org) = (.selfClaimed, rng.pick(Self.users), nil)
            fact.workgroup = nil
        }
        if kind == .overrideDeclared {
            fact.overrideKind = rng.pick(OverrideKind.allCases)
            fact.user = rng.pick(Self.users)
        }
        if fact.user != nil { fact.recordedBy = rng.chance(85) ? fact.user : "another" }
        fact.once = rng.chance(40)
        fact.byFeed = rng.chance(40)
        if kind == .consentDirective {
            fact.outcome = rng.pick(DirectiveOutcome.allCases)
            if rng.chance(50) { fact.categories = categories() }
            if rng.chance(40) { (fact.org, fact.workgroup) = (nil, nil) }
            if rng.chance(30) { fact.organisations = [rng.pick(Self.orgs)] }
        }
        if kind == .sealApplied || kind == .itemLabelled {
            (fact.org, fact.label) = (rng.pick(Self.orgs), rng.pick(["L", "M"]))
            fact.locked = rng.chance(40)
            fact.by = rng.chance(60) ? rng.pick(Self.orgs) : nil
            fact.workgroup = rng.chance(50) ? "w" : nil
            if kind == .itemLabelled || rng.chance(50) {
                fact.item = rng.pick(["T/1", "T/2", "T/A.1"])
            } else {
                fact.categories = CategorySet([rng.pick(Self.some)])
            }
        }
        if kind == .deceased { fact.date = CivilDate("2018-01-0\(Int.random(in: 1...9, using: &rng))") }
        if kind == .permissionSpent {
            fact.spends = world.facts.entries.filter { $0.fact.once }.randomElement(using: &rng)?.position
        }
        let scope: PatientFacts.Scope = rng.pick([.union, .subjects([0]), .subjects([1]), .subjects([])])
        world.patient(kind, scope: scope, carried: rng.chance(8)) { $0 = fact }
    }

    mutating func item() -> ItemDescriptor {
        let source = rng.pick(Self.orgs)
        let id = rng.pick(["1", "2"])
        return ItemDescriptor(
            source: source, category: rng.pick(Self.some),
            codes: rng.chance(30) ? [rng.pick(Self.codes)] : [],
            subject: rng.pick([0, 1]), type: rng.chance(90) ? "T" : "Location", sourceID: id,
            daybookID: "\(source).\(id)")
    }

    mutating func request() -> AccessRequest {
        let start = PolicyWorld.instant("2018-01-01").microseconds
        let hours = Int64.random(in: 0...(world.now.microseconds - start) / 3_600_000_000 + 24, using: &rng)
        let instant = Instant(microseconds: start + 60_000_000 + hours * 3_600_000_000)
        let position =
            rng.chance(70)
            ? world.positionAt(instant) : Position(.random(in: 0...world.position.value, using: &rng))
        return AccessRequest(
            viewer: Viewer(user: rng.pick(Self.users), profile: rng.chance(85) ? nil : rng.pick(["p", "q"])),
            purpose: rng.pick(["direct-care", "direct-care", "emergency", "after-death"]),
            point: DecisionPoint(instant: instant, position: position), byNumber: rng.chance(80))
    }
}
