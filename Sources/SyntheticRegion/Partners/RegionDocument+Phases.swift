/// The region's file as it stood on a day.
extension RegionDocument {
    /// Days on which a new file is applied: partners join or close, terms change; and each quarter for the staff.
    static let phases: [(day: Day, why: String)] = {
        var out: [(Day, String)] = [
            (Day(0), "start"), (Day(2017, 11, 1), "partners"), (Day(2018, 1, 2), "partners"),
            (Day(2018, 5, 25), "gdpr"),
            (Day(2018, 6, 4), "partners"), (Day(2019, 1, 7), "partners"), (Day(2019, 4, 1), "councils-merge"),
            (Day(2019, 9, 2), "suspension"), (Day(2019, 10, 7), "resumption"),
            (Day(2020, 3, 23), "implied-consent"),
            (Day(2020, 10, 1), "trusts-merge"), (Day(2021, 7, 5), "sensitive-codes"),
            (Day(2022, 4, 4), "permission-again"),
            (Day(2022, 7, 1), "commissioner-ends"), (Day(2022, 9, 26), "renewal"),
        ]
        for year in 2018...2022 {
            for month in [1, 4, 7, 10] {
                let day = Day(year, month, 15).workday
                if day.index < Day.count { out.append((day, "staff")) }
            }
        }
        return out.sorted { $0.0 < $1.0 }
    }()

    private static let gdpr = Day(2018, 5, 25)
    private static let suspended = Day(2019, 9, 2)..<Day(2019, 10, 7)
    private static let impliedConsent = Day(2020, 3, 23)..<Day(2022, 4, 4)
    private static let wider = Day(2019, 1, 7)
    private static let moreCodes = Day(2021, 7, 5)
    fileprivate static let renewal = Day(2022, 9, 26)

    /// - Parameter moved: the county's subjects that go to the other council, once it closes.
    init(on day: Day, staff: Staff, moved: [String]) {
        consentModel = Self.impliedConsent.contains(day) ? "implied" : "permission-to-view"
        let joined = Partner.all.filter { $0.joins <= day }
        let people = staff.members.compactMap { member -> User? in
            let posts = member.listed(on: day).filter { post in joined.contains { $0.ods == post.ods } }
            return posts.isEmpty ? nil : User(member, posts, on: day)
        }
        let commissioner = day < Partner.commissionerEnds ? "11J" : "QVV"
        let held = Dictionary(grouping: people.flatMap { user in Set(user.profiles.map(\.ods)) }, by: { $0 })
            .mapValues(\.count)
        organisations = joined.map { partner in
            var entry = Organisation(
                ods: partner.ods, name: partner.name, kind: partner.kind.rawValue,
                licences: max(partner.licences, held[partner.ods] ?? 0), charterSigned: partner.charter,
                guardian: partner.ods == "RBD" ? "guardian-rbd" : "guardian-ccg",
                privacyOfficer: partner.ods == "RBD" ? "privacy-rbd" : "privacy-1")
            if let closes = partner.closes, closes <= day {
                entry.closed = closes.text
                entry.successors = Self.successors(of: partner, moved)
                // What is gone for good is taken off the charter when that is renewed.
                if day >= Self.renewal { entry.charterSigned = nil }
            }
            if partner.ods == "ZZ102", day >= Self.moreCodes { entry.name += " and Branch" }
            return entry
        }
        feeds = joined.filter { $0.ods != commissioner && $0.kind != .commissioner && $0.isOpen(on: day) }
            .map(Self.feed)
        agreements =
            joined.filter { $0.kind != .commissioner }.map { Self.agreement(of: $0, on: day, joined: joined) }
            + (Self.impliedConsent.contains(day) ? [Self.pandemic] : [])
        roles = Self.roles(on: day)
        users = people
        exclusions = [Self.excluded(on: day)] + (Self.apart.contains(day) ? [Self.fertility] : [])
        clients = Self.clients(on: day)
        sensitivities = [
            CodeSet(
                name: "PSY",
                lists: [
                    (
                        "http://snomed.info/sct",
                        ["35489007", "74732009"] + (day < Self.wider ? [] : ["197480006"])
                    )
                ])
        ]
        if Self.sexualHealth.contains(day) {
            sensitivities.append(CodeSet(name: "SEX", lists: [("http://snomed.info/sct", ["8098009"])]))
        }
    }

    // What stood for a time: each is taken out of the file again.

    /// The surgery that shares the least shares more while nobody can come.
    private static let pandemic = Agreement(
        id: "PISA-ZZ102-2", controller: "ZZ102", recipients: ["all"],
        categories: ["diagnoses", "immunisations", "observations"], purposes: ["direct-care"],
        bases: [(nil, nil, "Health Service (Control of Patient Information) Regulations 2002, regulation 3")],
        from: impliedConsent.lowerBound.text, to: "2022-09-30")
    /// Codes that were a set of their own until they went into the other.
    private static let apart = gdpr..<moreCodes
    private static let fertility = CodeSet(
        name: "fertility-set", lists: [("http://snomed.info/sct", ["165816005"])])
    /// A label that no role ever carried, until what it names was found to be diagnoses as any other.
    private static let sexualHealth = gdpr..<Day(2019, 4, 1)
    private static let students = Day(0)..<wider

    private static func clients(on day: Day) -> [Client] {
        var out: [Client] = []
        if day >= wider {
            out.append(Client(id: "ward-app", name: "Ward Rounds", ods: "RBD", scopes: ["user/*.rs"]))
        }
        // Tried for a year and a half.
        if (Day(2018, 1, 2)..<Day(2019, 9, 2)).contains(day) {
            out.append(
                Client(id: "clinic-pilot", name: "Clinic Pilot", ods: "RBD", scopes: ["user/Patient.rs"]))
        }
        return out
    }

    private static func successors(of partner: Partner, _ moved: [String]) -> [Successor] {
        guard let successor = partner.successor else { return [] }
        if partner.ods == "809", !moved.isEmpty {
            return [Successor(ods: "839", subjects: moved), Successor(ods: successor)]
        }
        return [Successor(ods: successor)]
    }

    private static func feed(_ partner: Partner) -> Feed {
        let silence = [Partner.Kind.acute: "P3D", .gp: "P7D", .community: "P7D"][partner.kind] ?? "P21D"
        return Feed(ods: partner.ods, maxSilence: silence)
    }

    private static let hospitalShares = [
        "demographics", "next-of-kin", "encounters", "appointments", "allergies", "alerts", "diagnoses",
        "medications",
        "procedures", "blood-tests", "pathology", "imaging", "observations", "documents",
    ]
    private static let practiceShares = [
        "demographics", "gp-practice", "allergies", "diagnoses", "medications", "immunisations",
        "blood-tests",
        "care-preferences",
    ]

    private static func agreement(of partner: Partner, on day: Day, joined: [Partner]) -> Agreement {
        func open(_ kinds: [Partner.Kind]) -> [String] {
            joined.filter { kinds.contains($0.kind) && $0.ods != partner.ods && $0.isOpen(on: day) }.map(
                \.ods)
        }
        var terms = Agreement(
            id: "PISA-\(partner.ods)-1", controller: partner.ods, recipients: ["all"], categories: [],
            purposes: ["direct-care"], bases: bases(on: day, lapses: partner.ods == "809"),
            from: partner.joins.text, to: day < renewal ? "2022-09-30" : "2027-09-30")
        switch partner.kind {
        case .acute:
            terms.categories = hospitalShares
            // Signed anew when partners come that take another's place: `all` reaches those of the day.
            if day >= Partner.councilsMerge { terms.purposes.append("safeguarding") }
            if day >= Partner.trustsMerge { terms.purposes.append("after-death") }
        case .gp:
            // Hilltop shares the least, and with everybody; the others with hospitals and community services.
            terms.categories =
                partner.ods == "ZZ102"
                ? ["demographics", "gp-practice", "allergies", "medications"] : practiceShares
            if partner.ods != "ZZ102" { terms.recipients = open([.acute, .community]) }
        case .community:
            terms.categories = [
                "demographics", "encounters", "appointments", "care-preferences", "observations", "documents",
            ]
            terms.purposes.append("safeguarding")
            if day >= Partner.trustsMerge { terms.purposes.append("after-death") }
            // Not everything is renewed as it was.
            if day >= renewal { terms.categories.removeAll { $0 == "documents" } }
        default:
            terms.categories = ["demographics", "next-of-kin", "social-care"]
            terms.purposes.append("safeguarding")
            terms.recipients = open([.acute, .community, .gp])
        }
        if partner.ods == "ZZ102", suspended.contains(day) { terms.suspended = true }
        // A closed partner's agreement is not renewed.
        if let closes = partner.closes, closes <= day { terms.to = "2022-09-30" }
        return terms
    }

    private static func bases(on day: Day, lapses: Bool) -> [(from: String?, to: String?, text: String)] {
        let old = (
            from: String?.none, to: "2018-05-24" as String?,
            text: "Data Protection Act 1998, schedules 2 and 3"
        )
        if day < gdpr { return [(nil, nil, old.text)] }
        return lapses ? [old] : [old, ("2018-05-25", nil, "GDPR articles 6(1)(e) and 9(2)(h)")]
    }

    private static func excluded(on day: Day) -> CodeSet {
        let more = day < moreCodes ? [] : ["165816005"]
        return CodeSet(
            name: "sensitive-set",
            lists: [
                ("http://snomed.info/sct", ["76272004", "86406008", "61977001"] + more),
                ("http://hl7.org/fhir/sid/icd-10", ["A53", "B20", "B18.1"]),
            ])
    }

    private static func roles(on day: Day) -> [Role] {
        let nurse = [
            "demographics", "next-of-kin", "allergies", "alerts", "diagnoses", "medications", "encounters",
            "appointments",
            "blood-tests", "observations", "care-preferences", "immunisations",
        ]
        let care = ["view-record", "find-patient", "permission-to-view", "self-claim"]
        return [
            Role(
                code: "R8000", name: "Clinical Practitioner", categories: ["all"], labels: ["PSY"],
                activities: care + ["emergency-override", "legal-override", "open-seal", "view-withheld"]),
            Role(
                code: "R8001", name: "Nurse", categories: nurse + (day < wider ? [] : ["documents"]),
                labels: [],
                activities: care + ["emergency-override"]),
            Role(
                code: "R8003", name: "Health Professional", categories: nurse, labels: [], activities: care),
            Role(
                code: "R8008", name: "Administrator",
                categories: ["demographics", "gp-practice", "encounters", "appointments"],
                // Clerks could claim a relationship until it was seen what that led to.
                labels: [],
                activities: ["view-record", "find-patient"] + (day < moreCodes ? ["self-claim"] : [])),
            Role(
                code: "R8014", name: "Social Worker",
                categories: ["demographics", "next-of-kin", "social-care", "care-preferences", "encounters"],
                labels: [],
                activities: care),
            Role(
                code: "R0001", name: "Privacy Officer", categories: [], labels: [],
                activities: ["view-audit", "explain", "view-withheld", "review-alerts", "replay"]),
            Role(
                code: "R5105", name: "Caldicott Guardian", categories: ["all"], labels: ["PSY"],
                activities: [
                    "view-audit", "explain", "view-withheld", "replay", "open-case", "lift-seal",
                    "view-shielded",
                    "view-record",
                ]),
            Role(
                code: "AUD1", name: "Auditor", categories: [], labels: [],
                activities: ["view-audit", "explain", "view-withheld", "replay", "export-evidence"]),
        ]
            + (students.contains(day)
                ? [
                    Role(
                        code: "R8016", name: "Student Practitioner", categories: ["demographics"], labels: [],
                        activities: ["view-record"])
                ] : [])
    }
}

extension RegionDocument.User {
    fileprivate init(_ member: Member, _ posts: [Member.Post], on day: Day) {
        self.init(
            id: member.id, name: member.name,
            regionWide: member.regionWide || (member.id == "privacy-rbd" && day >= RegionDocument.renewal),
            profiles: posts.map { post in
                RegionDocument.Profile(
                    id: post.profile, ods: post.ods, code: member.role, workgroups: post.workgroups,
                    from: post.from.text,
                    to: post.to?.text)
            })
    }
}
