import CareRecord
import Wire

/// Items decided on one core, under a policy with something for every rule to look at: exclusion sets and labels with
/// hundreds of codes, seals, directives, an override in force, a shield and permissions.
enum Decide {
    static let rounds = 5
    private static let items = 2_000
    private static let passes = 500

    static var benchmark: Benchmark {
        Benchmark("decide") { run in
            run.line("decide") {
                let (history, patient) = Self.world()
                let all = Self.descriptors()
                let request = AccessRequest(
                    viewer: Viewer(user: "u"),
                    point: DecisionPoint(instant: day(20), position: Position(1_000)))
                var rates: [Double] = []
                for round in 0...rounds {
                    var permitted = 0
                    let spent = seconds {
                        for _ in 0..<passes {
                            // A view decides the viewer once, then each item.
                            guard case .permit(let context) = history.decide(request, patient: patient) else {
                                continue
                            }
                            for item in all where context.decide(item).permit { permitted += 1 }
                        }
                    }
                    let rate = Double(items * passes) / spent
                    Report.note("  round \(round): \(Report.plain(rate)) decisions/s, \(permitted) permitted")
                    guard permitted > 0, permitted < items * passes else { throw Alike() }
                    if round > 0 { rates.append(rate) }
                }
                Report.value("decide", median(rates), unit: "decisions/s")
            }
        }
    }

    /// Every item came out alike: the rules had nothing to look at.
    private struct Alike: Error {}

    private static func day(_ number: Int64) -> Instant {
        Instant(microseconds: 1_517_443_200_000_000 + number * 86_400_000_000)
    }

    private static func codes(_ system: String, _ count: Int) -> [CodeList] {
        [CodeList(system: system, values: (0..<count).map { "\(1_000_000 + $0 * 7)" })]
    }

    private static func world() -> (RegionHistory, PatientFacts) {
        var history = RegionHistory()
        var position: UInt64 = 0
        func add(_ fact: RegionFact) {
            position += 1
            history.append(fact, position: Position(position), recordedAt: day(0))
        }
        let period = { (text: String) in CalendarDuration(text) ?? CalendarDuration("P1D")! }
        add(
            .settings(
                RegionSettings(
                    name: "Bench", timeZone: "Europe/London", nhsNumberSystem: "urn:nhs",
                    placeholderNumbers: [],
                    identityRule: .init(), consentModel: .permissionToView,
                    permissionToViewPeriod: period("P84D"),
                    relationshipGracePeriod: period("P42D"), overridePeriod: period("P30D"),
                    overrideMay: ["legal": [.dissent, .objection, .directive]],
                    auditRetention: "life-of-record")))
        for ods in ["H", "G", "C"] {
            add(.organisationOnboarded(OrganisationDetails(ods: ods, name: ods, kind: .acute)))
            add(.charterSigned(CharterSignature(ods: ods, from: day(-300))))
            add(
                .agreementSigned(
                    AgreementTerms(
                        id: "A-\(ods)", controller: ods, recipients: ["all"], categories: .all,
                        purposes: ["direct-care"], from: day(-100))))
        }
        add(
            .roleBaseline(
                RoleBaseline(
                    code: "R", name: "Clinician", categories: .all,
                    activities: [Activity.viewRecord, Activity.legalOverride, Activity.viewWithheld])))
        add(.userRegistered(UserDetails(id: "u", name: "U")))
        add(.licenceAssigned(LicenceAssignment(user: "u", ods: "H", from: day(-50))))
        add(
            .roleProfileAssigned(
                RoleProfile(user: "u", org: "H", code: "R", workgroups: ["w"], from: day(-50))))
        add(.exclusionSetPublished(ExclusionSet(id: "e", reason: "r", codes: codes("sct", 600))))
        add(.sensitivityPublished(SensitivitySet(label: "PSY", codes: codes("lab", 300))))
        var facts: [PatientFact] = []
        var fact = PatientFact(.relationshipCreated, id: "r")
        fact.org = "H"
        facts.append(fact)
        fact = PatientFact(.permissionToView)
        fact.user = "u"
        facts.append(fact)
        fact = PatientFact(.dissentSet)
        facts.append(fact)
        fact = PatientFact(.shieldSet)
        facts.append(fact)
        fact = PatientFact(.overrideDeclared, id: "o")
        (fact.user, fact.recordedBy, fact.overrideKind) = ("u", "u", .legal)
        facts.append(fact)
        fact = PatientFact(.sealApplied, id: "s")
        (fact.by, fact.workgroup, fact.org, fact.item) = ("G", "x", "G", "Condition/7")
        facts.append(fact)
        fact = PatientFact(.consentDirective, id: "d")
        (fact.outcome, fact.categories) = (.deny, CategorySet([.imaging]))
        facts.append(fact)
        let entries = facts.enumerated().map { index, fact in
            PatientFacts.Entry(fact, position: Position(UInt64(100 + index)), recordedAt: day(1))
        }
        let subjects = ["H", "G", "C"].map { SubjectID(organisation: $0, localID: "1") }
        return (history, PatientFacts(subjects: subjects, entries: entries))
    }

    /// As a view gives them: runs of one source, its categories in order, a code or two each.
    private static func descriptors() -> [ItemDescriptor] {
        let categories = Category.named.filter { $0 != .gpPractice && $0 != .nextOfKin }
        return (0..<items).map { number in
            let subject = number * 3 / items
            let category = categories[number * 3 % items * categories.count / items]
            let excluded = number % 97 == 0
            return ItemDescriptor(
                source: ["H", "G", "C"][subject], category: category,
                codes: [Coding(system: "sct", code: "\(excluded ? 1_000_007 : 9_000_000 + number)")],
                subject: subject, type: "Condition", sourceID: "\(number)", daybookID: "G.\(number)")
        }
    }
}
