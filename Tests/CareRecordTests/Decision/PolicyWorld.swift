import Wire

@testable import CareRecord

/// A region of four partners and a patient, written fact by fact at positions 1, 2, 3 …
struct PolicyWorld {
    var history = RegionHistory()
    var facts = PatientFacts(subjects: [SubjectID(organisation: "RBD", localID: "H1")], entries: [])
    var position = Position.start
    var now: Instant
    /// Every region fact, for models that read the list.
    var regionFacts: [(fact: RegionFact, position: Position, recordedAt: Instant)] = []

    static func instant(_ text: String) -> Instant {
        if let instant = Instant(rfc3339: text) { return instant }
        return StoreCalendar.london.start(of: CivilDate(text)!)
    }

    static func end(_ day: String) -> Instant { StoreCalendar.london.end(of: CivilDate(day)!) }

    init(now: String) { self.now = Self.instant(now) }

    @discardableResult mutating func region(_ fact: RegionFact, at time: String? = nil) -> Position {
        step(time)
        history.append(fact, position: position, recordedAt: now)
        regionFacts.append((fact, position, now))
        return position
    }

    @discardableResult mutating func patient(
        _ kind: PatientFactKind, at time: String? = nil, scope: PatientFacts.Scope = .union,
        carried: Bool = false,
        _ fill: (inout PatientFact) -> Void = { _ in }
    ) -> Position {
        step(time)
        var fact = PatientFact(kind, patient: PatientReference("9990000018"))
        fill(&fact)
        facts.entries.append(.init(fact, position: position, recordedAt: now, scope: scope, carried: carried))
        return position
    }

    private mutating func step(_ time: String?) {
        position = position.next
        now = time.map { Self.instant($0) } ?? Instant(microseconds: now.microseconds + 1)
    }

    /// `permit agreement [1, 2]`, `permit agreement [1, 2] redacted narrative`, `withhold dissent [7]`,
    /// `withhold exclusion-set [7] concealed`, `withhold staff-exclusion [8], told withhold relationship []`, `usage`.
    func ask(
        _ user: String, _ time: String, _ item: ItemDescriptor, profile: String? = nil,
        purpose: String = Purpose.directCare, knownAt: Position? = nil,
        activity: String = AccessRequest.viewRecord, byNumber: Bool = true
    ) -> String {
        let instant = Self.instant(time)
        let known = knownAt ?? positionAt(instant)
        let request = AccessRequest(
            viewer: Viewer(user: user, profile: profile), purpose: purpose, activity: activity,
            point: DecisionPoint(instant: instant, position: known), byNumber: byNumber)
        switch history.decide(request, patient: facts) {
        case .usage: return "usage"
        case .withhold(let decision, _): return Self.text(decision)
        case .concealed(let decision, let told, _):
            return "\(Self.text(decision)), told \(Self.text(told))"
        case .permit(let context): return Self.text(context.decide(item))
        }
    }

    /// The last position recorded by the instant.
    func positionAt(_ instant: Instant) -> Position {
        let all =
            regionFacts.map { ($0.position, $0.recordedAt) }
            + facts.entries.map { ($0.position, $0.recordedAt) }
        return all.filter { $0.1 <= instant }.map(\.0).max() ?? .start
    }

    static func text(_ decision: Decision) -> String {
        "\(decision.permit ? "permit" : "withhold") \(decision.rule.rawValue) "
            + "\(decision.basis.map { Int($0.value) })"
            + (decision.disclosure == .sealedItem ? " sealed item" : "")
            + (decision.disclosure == .nothing ? " concealed" : "")
            + (decision.redaction.contains(.narrative) ? " redacted narrative" : "")
            + (decision.redaction.contains(.location) ? " redacted location" : "")
    }

    static func item(
        _ source: String, _ category: CareRecord.Category, codes: [Coding] = [], subject: Int = 0,
        id: String = "c1"
    ) -> ItemDescriptor {
        ItemDescriptor(
            source: source, category: category, codes: codes, subject: subject, type: "Condition",
            sourceID: id,
            daybookID: "\(source).\(id)")
    }
}

extension PolicyWorld {
    // Positions of the sample: 1 settings; 2 RBD, 3 ZZ101, 4 809, 5 11J; 6…9 their charters; 10 the practice's agreement,
    // 11 the council's; 12 clinician, 13 nurse, 14 privacy officer; then each user's registration, licence and profile:
    // gp 15…17, consultant 18…20, social 21…23, commissioner 24…26; referral 27, permission 28.

    /// Applied on 1 November 2017: a hospital RBD, a practice ZZ101, a council 809 and a commissioner 11J; the practice
    /// shares documents, diagnoses and medications with all.
    static func sample(_ change: (inout RegionSettings) -> Void = { _ in }) -> PolicyWorld {
        var world = PolicyWorld(now: "2017-11-01")
        var settings = Sample.settings
        change(&settings)
        world.region(.settings(settings))
        let kinds: [(String, OrganisationDetails.Kind)] = [
            ("RBD", .acute), ("ZZ101", .gp), ("809", .localAuthority), ("11J", .commissioner),
        ]
        for (ods, kind) in kinds {
            world.region(
                .organisationOnboarded(OrganisationDetails(ods: ods, name: "The \(ods)", kind: kind)))
        }
        for (ods, _) in kinds { world.region(.charterSigned(.init(ods: ods, from: instant("2017-05-01")))) }
        world.region(.agreementSigned(practiceAgreement))
        world.region(
            .agreementSigned(
                AgreementTerms(
                    id: "PISA-809-1", controller: "809", recipients: ["RBD"],
                    categories: CategorySet([.socialCare]),
                    purposes: ["safeguarding"], from: instant("2017-10-01"))))
        world.region(
            .roleBaseline(
                RoleBaseline(
                    code: "R8000", name: "Clinician", categories: .all, labels: ["PSY"],
                    activities: ["view-record"])))
        world.region(
            .roleBaseline(
                RoleBaseline(
                    code: "R8001", name: "Nurse", categories: CategorySet([.diagnoses, .medications]),
                    activities: ["view-record"])))
        world.region(
            .roleBaseline(
                RoleBaseline(code: "R0001", name: "Privacy", categories: [], activities: ["view-audit"])))
        world.add(user: "gp", "ZZ101", "R8000")
        world.add(user: "consultant", "RBD", "R8000", workgroups: ["cardiology"])
        world.add(user: "social", "809", "R8000")
        world.add(user: "commissioner", "11J", "R8000")
        return world
    }

    static let practiceAgreement = AgreementTerms(
        id: "PISA-ZZ101-1", controller: "ZZ101", recipients: ["all"],
        categories: CategorySet([.documents, .diagnoses, .medications]), purposes: ["direct-care"],
        from: instant("2017-10-01"), to: end("2022-09-30"))

    /// Three facts: registered, licensed, role assigned.
    mutating func add(
        user: String, _ org: String, _ code: String, workgroups: [String] = [], from: String = "2017-10-01",
        to: String? = nil, id: String? = nil
    ) {
        region(.userRegistered(UserDetails(id: user, name: "The \(user)")))
        region(.licenceAssigned(LicenceAssignment(user: user, ods: org, from: Self.instant(from))))
        region(
            .roleProfileAssigned(
                RoleProfile(
                    user: user, id: id, org: org, code: code, workgroups: workgroups,
                    from: Self.instant(from),
                    to: to.map { Self.end($0) })))
    }

    /// A referral to the hospital and the consultant's permission: positions 27 and 28, on 1 February 2018.
    mutating func referConsultant() {
        patient(.relationshipCreated, at: "2018-02-01T09:00:00Z") {
            $0.id = "rel"
            $0.org = "RBD"
            $0.relationship = .referral
        }
        patient(.permissionToView, at: "2018-02-01T10:00:00Z") {
            $0.user = "consultant"
            $0.permissionBasis = .asked
        }
    }
}
