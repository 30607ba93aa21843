import Testing
import Wire

@testable import CareRecord

/// DOMAIN, "Who may see what, at T", "Per item": a table for each sentence.
@Suite struct PerItemSentences {
    static let own = PolicyWorld.item("RBD", .diagnoses)
    static let excluded = PolicyWorld.item("ZZ101", .diagnoses, codes: [PolicyWorld.sensitive])
    static let labelled = PolicyWorld.item("ZZ101", .diagnoses, codes: [PolicyWorld.labelled])

    @Test(
        "Per item: an agreement naming controller, recipient, category and purpose; the role's categories; exclusion set; dissent, objection, directive; a relationship AND, while the consent model is permission-to-view, a permission; label; seal. Then shield redacts. Then override.",
        arguments: [
            SentenceRow("nothing withholds", "permit agreement"),
            SentenceRow("controller", of: PolicyWorld.item("RD3", .diagnoses), "withhold agreement"),
            SentenceRow("recipient", user: "commissioner", "withhold agreement"),
            SentenceRow("category", of: PolicyWorld.item("ZZ101", .imaging), "withhold agreement"),
            SentenceRow("purpose", purpose: "research", "withhold agreement"),
            SentenceRow(
                "the role's", user: "nurse", of: PolicyWorld.item("ZZ101", .documents), "withhold category"),
            SentenceRow("exclusion set before dissent", of: excluded, "withhold exclusion-set concealed") {
                $0.exclude()
                $0.patient(.dissentSet, at: "2018-02-12")
            },
            SentenceRow("dissent before objection", "withhold dissent") {
                $0.patient(.objectionReceived, at: "2018-02-12")
                $0.patient(.dissentSet)
            },
            SentenceRow("objection before directive", "withhold objection") {
                $0.patient(.consentDirective, at: "2018-02-12") { $0.outcome = .deny }
                $0.patient(.objectionReceived)
            },
            SentenceRow("directive before relationship", user: "nurse", "withhold directive") {
                $0.patient(.consentDirective, at: "2018-02-12") { $0.outcome = .deny }
            },
            SentenceRow("relationship before permission", user: "gp", of: own, "withhold agreement"),
            SentenceRow("permission", user: "nurse", "withhold permission"),
            SentenceRow("no permission under implied consent", user: "nurse", "permit agreement") {
                var settings = Sample.settings
                settings.consentModel = .implied
                $0.region(.settings(settings), at: "2018-02-12")
            },
            SentenceRow("label before seal", of: labelled, "withhold label") {
                $0.label()
                $0.seal(locked: false)
            },
            SentenceRow("seal before shield", "withhold seal sealed item") {
                $0.seal(locked: false)
                $0.patient(.shieldSet, at: "2018-02-16")
            },
            SentenceRow("shield redacts", "permit agreement redacted location") {
                $0.patient(.shieldSet, at: "2018-02-16")
            },
            SentenceRow("override comes last", "permit override redacted location") {
                $0.patient(.dissentSet, at: "2018-02-12")
                $0.patient(.shieldSet, at: "2018-02-16")
                $0.override(.legal)
            },
        ])
    func perItem(_ row: SentenceRow) { row.check() }

    @Test(
        "Own organisation's items skip agreement, exclusion set, dissent, objection, directive and permission; never role, relationship, staff exclusion, label, seal or shield.",
        arguments: [
            SentenceRow("agreement", of: PolicyWorld.item("RBD", .imaging), "permit own-organisation"),
            SentenceRow(
                "exclusion set", of: PolicyWorld.item("RBD", .diagnoses, codes: [PolicyWorld.sensitive]),
                "permit own-organisation"
            ) { $0.exclude() },
            SentenceRow("dissent", of: own, "permit own-organisation") {
                $0.patient(.dissentSet, at: "2018-02-12")
            },
            SentenceRow("objection", of: own, "permit own-organisation") {
                $0.patient(.objectionReceived, at: "2018-02-12")
            },
            SentenceRow("directive", of: own, "permit own-organisation") {
                $0.patient(.consentDirective, at: "2018-02-12") { $0.outcome = .deny }
            },
            SentenceRow("permission", user: "nurse", of: own, "permit own-organisation"),
            SentenceRow(
                "never role", user: "nurse", of: PolicyWorld.item("RBD", .documents), "withhold category"),
            SentenceRow(
                "never relationship", user: "gp", of: PolicyWorld.item("ZZ101", .diagnoses),
                "withhold relationship"),
            SentenceRow(
                "never staff exclusion", of: own,
                "withhold staff-exclusion concealed, told withhold unknown-patient"
            ) {
                $0.patient(.staffExcluded, at: "2018-02-12") { $0.user = "consultant" }
            },
            SentenceRow(
                "never label", of: PolicyWorld.item("RBD", .diagnoses, codes: [PolicyWorld.labelled]),
                "withhold label"
            ) { $0.label() },
            SentenceRow("never seal", of: own, "withhold seal sealed item") { $0.seal(locked: false) },
            SentenceRow("never shield", of: own, "permit own-organisation redacted location") {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
        ])
    func ownItems(_ row: SentenceRow) { row.check() }

    @Test(
        "A relationship with any linked subject serves the union; a fact naming an NHS number names every subject bearing it at T.",
        arguments: [
            SentenceRow(
                "one subject's serves the other's items", user: "social",
                of: PolicyWorld.item("809", .socialCare, subject: 1), "permit own-organisation"
            ) {
                $0.facts.subjects.append(SubjectID(organisation: "809", localID: "S1"))
                $0.patient(.relationshipCreated, at: "2018-02-12", scope: .subjects([0])) { $0.org = "809" }
            },
            SentenceRow(
                "a permission by number is for each who bears it",
                of: PolicyWorld.item("ZZ101", .diagnoses, subject: 1), "permit agreement"
            ) {
                $0.facts.subjects.append(SubjectID(organisation: "ZZ101", localID: "G7"))
                $0.patient(.permissionToView, at: "2018-02-12", scope: .subjects([0, 1])) {
                    $0.user = "consultant"
                }
            },
        ])
    func linkedSubjects(_ row: SentenceRow) { row.check() }

    @Test(
        "A relationship names an organisation, workgroup or user and serves its members at T. Permission never creates one. Self-claiming does, and raises an alert.",
        arguments: [
            SentenceRow("organisation", user: "nurse", of: own, "permit own-organisation"),
            SentenceRow(
                "workgroup, a member", user: "social", of: PolicyWorld.item("809", .socialCare),
                "withhold relationship"
            ) {
                $0.patient(.relationshipCreated, at: "2018-02-12") {
                    ($0.org, $0.workgroup) = ("809", "duty")
                }
            },
            SentenceRow(
                "workgroup, joined before T", user: "social", of: PolicyWorld.item("809", .socialCare),
                "permit own-organisation"
            ) {
                $0.patient(.relationshipCreated, at: "2018-02-12") {
                    ($0.org, $0.workgroup) = ("809", "duty")
                }
                $0.region(
                    .roleProfileAssigned(
                        RoleProfile(
                            user: "social", org: "809", code: "R8000", workgroups: ["duty"],
                            from: PolicyWorld.instant("2017-10-01"))),
                    at: "2018-02-18")
            },
            SentenceRow(
                "workgroup, joined after T", user: "social", at: "2018-02-17",
                of: PolicyWorld.item("809", .socialCare), "withhold relationship"
            ) {
                $0.patient(.relationshipCreated, at: "2018-02-12") {
                    ($0.org, $0.workgroup) = ("809", "duty")
                }
                $0.region(
                    .roleProfileAssigned(
                        RoleProfile(
                            user: "social", org: "809", code: "R8000", workgroups: ["duty"],
                            from: PolicyWorld.instant("2017-10-01"))),
                    at: "2018-02-18")
            },
            SentenceRow(
                "user", user: "social", of: PolicyWorld.item("809", .socialCare), "permit own-organisation"
            ) {
                $0.patient(.relationshipCreated, at: "2018-02-12") { $0.user = "social" }
            },
            SentenceRow(
                "permission creates none", user: "social", of: PolicyWorld.item("809", .socialCare),
                "withhold relationship"
            ) {
                $0.patient(.permissionToView, at: "2018-02-12") { $0.user = "social" }
            },
            SentenceRow(
                "self-claimed", user: "social", of: PolicyWorld.item("809", .socialCare),
                "permit own-organisation"
            ) {
                $0.patient(.relationshipCreated, at: "2018-02-12") {
                    ($0.user, $0.recordedBy, $0.relationship) = ("social", "social", .selfClaimed)
                }
            },
            SentenceRow(
                "claimed by somebody else", user: "social", of: PolicyWorld.item("809", .socialCare),
                "withhold relationship"
            ) {
                $0.patient(.relationshipCreated, at: "2018-02-12") {
                    ($0.user, $0.recordedBy, $0.relationship) = ("social", "gp", .selfClaimed)
                }
            },
            SentenceRow("claimed without the activity", user: "guardian", of: own, "withhold relationship") {
                $0.patient(.relationshipCreated, at: "2018-02-12") {
                    ($0.user, $0.recordedBy, $0.relationship) = ("guardian", "guardian", .selfClaimed)
                }
                $0.patient(.relationshipEnded, at: "2018-02-13") { $0.id = "rel" }
            },
        ])
    func relationships(_ row: SentenceRow) { row.check() }

    @Test(
        "Purpose emergency counts as direct-care under agreements.",
        arguments: [
            SentenceRow("emergency", purpose: "emergency", "permit agreement"),
            SentenceRow("direct care", "permit agreement"),
            SentenceRow("no other purpose", purpose: "safeguarding", "withhold agreement"),
            SentenceRow(
                "not the other way", of: PolicyWorld.item("809", .socialCare), purpose: "emergency",
                "withhold agreement"),
        ])
    func emergencyPurpose(_ row: SentenceRow) { row.check() }

    @Test(
        "Directives: the most specific scope wins, then the latest; ties deny; a permit lifts nothing but a directive.",
        arguments: [
            SentenceRow("a user's beats everybody's", "permit agreement") {
                $0.patient(.consentDirective, at: "2018-02-12") { $0.outcome = .deny }
                $0.patient(.consentDirective, at: "2018-02-11") {
                    ($0.user, $0.outcome) = ("consultant", .permit)
                }
            },
            SentenceRow("categories beat none", "withhold directive") {
                $0.patient(.consentDirective, at: "2018-02-12") { $0.outcome = .permit }
                $0.patient(.consentDirective, at: "2018-02-11") {
                    ($0.categories, $0.outcome) = (CategorySet([.diagnoses]), .deny)
                }
            },
            SentenceRow("then the latest", "permit agreement") {
                $0.patient(.consentDirective, at: "2018-02-11") { $0.outcome = .deny }
                $0.patient(.consentDirective, at: "2018-02-12") { $0.outcome = .permit }
            },
            SentenceRow("ties deny", "withhold directive") {
                $0.patient(.consentDirective, at: "2018-02-11") {
                    ($0.from, $0.outcome) = (PolicyWorld.instant("2018-02-11"), .deny)
                }
                $0.patient(.consentDirective, at: "2018-02-12") {
                    ($0.from, $0.outcome) = (PolicyWorld.instant("2018-02-11"), .permit)
                }
            },
            SentenceRow("lifts no dissent", "withhold dissent") {
                $0.patient(.dissentSet, at: "2018-02-11")
                $0.patient(.consentDirective, at: "2018-02-12") {
                    ($0.user, $0.outcome) = ("consultant", .permit)
                }
            },
            SentenceRow("gives no permission", user: "nurse", "withhold permission") {
                $0.patient(.consentDirective, at: "2018-02-12") { ($0.user, $0.outcome) = ("nurse", .permit) }
            },
        ])
    func directives(_ row: SentenceRow) { row.check() }

    @Test(
        "An objection received withholds until decided.",
        arguments: [
            SentenceRow("received", "withhold objection") {
                $0.patient(.objectionReceived, at: "2018-02-12") { $0.id = "o" }
            },
            SentenceRow("declined", "permit agreement") {
                $0.patient(.objectionReceived, at: "2018-02-12") { $0.id = "o" }
                $0.patient(.objectionDeclined, at: "2018-02-13") { $0.id = "o" }
            },
            SentenceRow("upheld", "withhold objection") {
                $0.patient(.objectionReceived, at: "2018-02-12") { $0.id = "o" }
                $0.patient(.objectionUpheld, at: "2018-02-13") { $0.id = "o" }
            },
        ])
    func objections(_ row: SentenceRow) { row.check() }

    @Test(
        "all recipients: every non-commissioner whose charter was in force when the agreement was signed or last amended.",
        arguments: [
            SentenceRow("a commissioner", user: "commissioner", "withhold agreement"),
            SentenceRow("signed in time", "permit agreement"),
            SentenceRow("signed too late", user: "late", "withhold agreement") { $0.joinLate() },
            SentenceRow("until it is amended", user: "late", "withhold relationship") {
                $0.joinLate()
                $0.region(.agreementAmended(PolicyWorld.practiceAgreement), at: "2018-02-15")
            },
        ])
    func allRecipients(_ row: SentenceRow) { row.check() }

    @Test(
        "The consent model is policy, switchable by date (permission-to-view or implied), not code.",
        arguments: [
            SentenceRow("the day before", user: "nurse", at: "2018-02-14T23:59:59Z", "withhold permission") {
                $0.imply()
            },
            SentenceRow("the day itself", user: "nurse", at: "2018-02-15T00:00:00Z", "permit agreement") {
                $0.imply()
            },
        ])
    func consentModel(_ row: SentenceRow) { row.check() }
}

extension PolicyWorld {
    fileprivate mutating func joinLate() {
        region(
            .organisationOnboarded(OrganisationDetails(ods: "RD3", name: "Late", kind: .acute)),
            at: "2018-02-03")
        region(.charterSigned(.init(ods: "RD3", from: Self.instant("2018-02-03"))))
        add(user: "late", "RD3", "R8000")
    }

    fileprivate mutating func imply() {
        var settings = Sample.settings
        settings.consentModel = .implied
        region(.settings(settings), at: "2018-02-15")
    }
}
