import Wire

/// The turns that patients' sharing takes, each in steps some weeks apart.
extension Simulation {
    mutating func feature(_ person: Person, _ day: Day, _ step: Int, _ dice: inout Dice) {
        guard let feature = Feature.of(person.number, patients: patients) else { return }
        // The practice has not joined yet: later.
        if step == 0, !states[person.number].flags.contains(.registered) {
            return schedule(Due(patient: Int32(person.number), kind: .feature), on: day.adding(150).workday)
        }
        let facts = self.facts(of: feature, person, day, step, &dice)
        for fact in facts { sheet.add(fact, at: day.at(11, 5)) }
        if feature == .death, step == 0 { dies(person, day, &dice) }
        if feature == .messageMerge { mergeByMessage(person, day, step, &dice) }
        if step < Self.lastStep(feature) {
            let weeks =
                feature == .wrongLink || feature == .wrongMerge ? dice.from(2, to: 6) : dice.from(4, to: 30)
            schedule(
                Due(patient: Int32(person.number), kind: .feature, data: UInt16(step + 1)),
                on: day.adding(7 * weeks).workday)
        }
    }

    private static func lastStep(_ feature: Feature) -> Int {
        switch feature {
        case .death, .newNumber, .lockedSeal, .messageMerge: 0
        case .openSeal: 2
        default: 1
        }
    }

    private func facts(of feature: Feature, _ person: Person, _ day: Day, _ step: Int, _ dice: inout Dice)
        -> [SharingFact]
    {
        switch feature {
        case .dissent, .directive, .shield, .objectionDeclined, .objectionUpheld, .legalHold,
            .permitDirective:
            preference(feature, person, step)
        case .openSeal, .lockedSeal, .label, .staffExclusion: sensitivity(feature, person, day, step, &dice)
        case .wrongLink, .wrongMerge, .newNumber, .death: identity(feature, person, day, step)
        case .permissions, .workgroup, .latePaperwork: relationship(feature, person, day, step, &dice)
        case .messageMerge: []
        }
    }

    private func preference(_ feature: Feature, _ person: Person, _ step: Int) -> [SharingFact] {
        let (nhs, n) = (person.nhs, person.number)
        let doctor = "gp-1"
        switch (feature, step) {
        case (.dissent, 0):
            return [
                SharingFact(.dissentSet, nhs).with {
                    ($0.reason, $0.recordedBy) = ("asked at the practice", doctor)
                }
            ]
        case (.dissent, _): return [SharingFact(.dissentWithdrawn, nhs).with { $0.recordedBy = doctor }]
        case (.directive, 0):
            return [
                SharingFact(.consentDirective, id: "dir-\(n)", nhs).with {
                    $0.word = "deny"
                    $0.organisations = ["809", "RDY"]
                    $0.categories = ["diagnoses", "medications"]
                }
            ]
        case (.permitDirective, 0):
            return [
                SharingFact(.consentDirective, id: "dir-\(n)", nhs).with {
                    ($0.word, $0.categories) = ("deny", ["observations"])
                },
                SharingFact(.consentDirective, id: "dir-\(n)-p", nhs).with {
                    ($0.word, $0.categories, $0.organisations) = ("permit", ["observations"], ["RBD"])
                },
            ]
        case (.directive, _): return [SharingFact(.directiveWithdrawn, id: "dir-\(n)", nhs)]
        case (.permitDirective, _):
            return [
                SharingFact(.directiveWithdrawn, id: "dir-\(n)-p"),
                SharingFact(.directiveWithdrawn, id: "dir-\(n)"),
            ]
        case (.shield, 0): return [SharingFact(.shieldSet, nhs).with { $0.reason = "protected address" }]
        case (.shield, _): return [SharingFact(.shieldCleared, nhs)]
        case (.legalHold, 0):
            return [SharingFact(.legalHold, id: "hold-\(n)", nhs).with { $0.reason = "inquest" }]
        case (.legalHold, _): return [SharingFact(.legalHoldEnded, id: "hold-\(n)")]
        case (_, 0):
            return [SharingFact(.objectionReceived, id: "obj-\(n)", nhs).with { $0.recordedBy = "privacy-1" }]
        case (.objectionDeclined, _):
            return [
                SharingFact(.objectionDeclined, id: "obj-\(n)", nhs).with {
                    ($0.recordedBy, $0.reason) = ("privacy-1", "safeguarding")
                }
            ]
        default:
            return [SharingFact(.objectionUpheld, id: "obj-\(n)", nhs).with { $0.recordedBy = "privacy-1" }]
        }
    }

    private func sensitivity(
        _ feature: Feature, _ person: Person, _ day: Day, _ step: Int, _ dice: inout Dice
    ) -> [SharingFact] {
        let (nhs, n) = (person.nhs, person.number)
        let practice = Partner.practices[person.practice]
        switch (feature, step) {
        case (.openSeal, 0), (.lockedSeal, _):
            return [
                SharingFact(.sealApplied, id: "seal-\(n)", nhs).with {
                    $0.categories = [feature == .openSeal ? "diagnoses" : "medications"]
                    $0.locked = feature == .lockedSeal
                    ($0.by, $0.workgroup, $0.reason) = ("RBD", "cardiology", "patient's request")
                }
            ]
        case (.openSeal, 1):
            return [
                SharingFact(.caseOpened, id: "CASE-\(n)", nhs).with {
                    ($0.reason, $0.authority, $0.duration) = (
                        "the patient asks for it", "guardian-rbd", "P30D"
                    )
                },
                SharingFact(.sealLifted, id: "seal-\(n)", nhs).with {
                    ($0.by, $0.caseReference, $0.reason) = ("guardian-rbd", "CASE-\(n)", "patient's request")
                },
            ]
        case (.openSeal, _): return [SharingFact(.caseClosed, id: "CASE-\(n)")]
        case (.label, 0):
            let problem: Int = (0..<Vocabulary.everyday).first { states[n].problems & (1 << $0) != 0 } ?? 0
            return [
                SharingFact(.itemLabelled, nhs).with {
                    ($0.org, $0.label, $0.recordedBy) = (practice, "PSY", "gp-1")
                    $0.item = "Condition/c-\(n)-\(problem)"
                }
            ]
        case (.staffExclusion, 0):
            let member = someone(at: practice, ["R8000", "R8001", "R8008"], &dice)?.id ?? "gp-1"
            return [
                SharingFact(.staffExcluded, id: "ex-\(n)", nhs).with {
                    ($0.user, $0.reason) = (member, "a relative")
                }
            ]
        case (.staffExclusion, _): return [SharingFact(.staffExclusionEnded, id: "ex-\(n)", nhs)]
        default: return []
        }
    }

    private func identity(_ feature: Feature, _ person: Person, _ day: Day, _ step: Int) -> [SharingFact] {
        let practice = Partner.practices[person.practice]
        let hospital = openHospital(person, day)
        let other = Person((person.number + 5) % patients, seed: seed)
        switch (feature, step) {
        case (.wrongLink, 0):
            return [
                SharingFact(.linked).with {
                    $0.pair = [person.subject(at: practice), other.subject(at: hospital)]
                    $0.evidence = "same name on the letter"
                }
            ]
        case (.wrongLink, _):
            return [
                SharingFact(.unlinked).with {
                    $0.pair = [person.subject(at: practice), other.subject(at: hospital)]
                    $0.reason = "different people"
                }
            ]
        case (.wrongMerge, _):
            return [
                SharingFact(step == 0 ? .merged : .mergeReversed).with {
                    $0.pair = [person.subject(at: hospital), other.subject(at: hospital)]
                    if step > 0 { $0.reason = "wrong patient" }
                }
            ]
        case (.newNumber, _):
            return [
                SharingFact(.nhsNumberReplaced).with {
                    $0.patient = .subject(person.subject(at: practice))
                    $0.numbers = (person.nhs, Person.nhsNumber(person.number, spare: true))
                    $0.reason = "protection"
                }
            ]
        default: return [SharingFact(.deceased, person.nhs).with { $0.date = day.adding(-1).text }]
        }
    }

    private func relationship(
        _ feature: Feature, _ person: Person, _ day: Day, _ step: Int, _ dice: inout Dice
    ) -> [SharingFact] {
        let (nhs, n) = (person.nhs, person.number)
        let hospital = openHospital(person, day)
        let doctor = someone(at: hospital, ["R8000"], &dice)?.id ?? "consultant-1"
        switch (feature, step) {
        case (.permissions, 0):
            return [
                SharingFact(.permissionToView, nhs).with {
                    ($0.user, $0.word, $0.duration) = (doctor, "asked", "P84D")
                }
            ]
        case (.permissions, _):
            return [
                SharingFact(.permissionWithdrawn, nhs).with { $0.user = doctor },
                SharingFact(.permissionRefused, nhs).with { $0.user = "clerk-1" },
            ]
        case (.workgroup, 0):
            return [
                SharingFact(.relationshipCreated, id: "rel-\(n)", nhs).with {
                    ($0.org, $0.workgroup, $0.word, $0.from) = (hospital, "emergency", "workgroup", day.text)
                },
                SharingFact(.permissionToView, nhs).with {
                    ($0.org, $0.workgroup, $0.word, $0.once) = (hospital, "emergency", "lacks-capacity", true)
                },
            ]
        case (.workgroup, _):
            return [SharingFact(.relationshipEnded, id: "rel-\(n)").with { $0.to = day.text }]
        case (.latePaperwork, 0):
            return [
                SharingFact(.relationshipCreated, id: "late-\(n)", nhs).with {
                    ($0.org, $0.word, $0.from) = (hospital, "referral", day.adding(-10).text)
                    $0.evidence = "letter found later"
                },
                SharingFact(.permissionToView, nhs).with {
                    ($0.org, $0.word, $0.duration) = (hospital, "asked", "P300D")
                },
            ]
        // It ended three weeks before anybody wrote it down.
        default:
            return [
                SharingFact(.relationshipEnded, id: "late-\(n)").with { $0.to = day.adding(-21).text },
                SharingFact(.permissionWithdrawn, nhs).with {
                    ($0.org, $0.from) = (hospital, day.adding(-21).text)
                },
            ]
        }
    }

    /// Theirs, or the county's until theirs has joined.
    private func openHospital(_ person: Person, _ day: Day) -> String {
        let own = Partner.hospital(person.hospital, on: day)
        return Partner.byCode[own]!.isOpen(on: day) ? own : "RBD"
    }

    private mutating func dies(_ person: Person, _ day: Day, _ dice: inout Dice) {
        let practice = Partner.practices[person.practice]
        states[person.number].flags.insert(.dead)
        var bundle = FHIRBundle(practice, person, at: day.at(16))
        bundle.putPatient(
            practice: practice, practiceName: Partner.byCode[practice]!.name, died: day.adding(-1))
        send(bundle, at: day.at(16), &dice)
    }

    /// Registered twice in the emergency department; the hospital merges the second into the first.
    private mutating func mergeByMessage(_ person: Person, _ day: Day, _ step: Int, _ dice: inout Dice) {
        let ods = Partner.hospital(person.hospital, on: day)
        guard Partner.byCode[ods]!.isOpen(on: day) else { return }
        let second = person.localID(at: ods) + "B"
        for (trigger, minute) in [("A28", 5), ("A40", 150)] {
            let time = day.at(10, 0).adding(minutes: minute)
            var message = HL7Message("ADT^\(trigger)", ods, person, at: time, control: control(ods))
            message.patient(trigger == "A28" ? .none : .verified, localID: trigger == "A28" ? second : nil)
            if trigger == "A40" { message.retired(second) }
            send(message, at: time, &dice)
        }
    }
}
