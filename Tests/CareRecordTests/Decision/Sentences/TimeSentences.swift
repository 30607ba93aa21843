import Testing
import Wire

@testable import CareRecord

/// DOMAIN, "Who may see what, at T": late paperwork, defaults, people.
@Suite struct TimeSentences {
    static let own = PolicyWorld.item("RBD", .diagnoses)

    @Test(
        "Late paperwork. Could see at T uses events recorded by T whose effective period covers T. Should have seen at T uses those known at --known-at.",
        arguments: [
            SentenceRow(
                "a permission of the 1st, recorded on the 10th: could see on the 5th", user: "nurse",
                at: "2018-02-05", "withhold permission"
            ) { $0.latePermission() },
            SentenceRow(
                "should have seen on the 5th", user: "nurse", at: "2018-02-05", knownAtHead: true,
                "permit agreement"
            ) { $0.latePermission() },
            SentenceRow(
                "could see on the 10th", user: "nurse", at: "2018-02-10T12:00:00Z", "permit agreement"
            ) { $0.latePermission() },
            SentenceRow(
                "should not have seen before it began", user: "nurse", at: "2018-01-31", knownAtHead: true,
                "withhold relationship"
            ) { $0.latePermission() },
            SentenceRow(
                "a referral that ended on the 3rd, told on the 10th: could see on the 5th", at: "2018-02-05",
                "permit agreement"
            ) { $0.lateEnd() },
            SentenceRow(
                "should not have seen on the 5th", at: "2018-02-05", knownAtHead: true,
                "withhold relationship"
            ) { $0.lateEnd() },
            SentenceRow(
                "an agreement from the 1st, signed on the 10th: could see", at: "2018-02-05",
                of: PolicyWorld.item("809", .socialCare), "withhold agreement"
            ) { $0.lateAgreement() },
            SentenceRow(
                "should have seen", at: "2018-02-05", of: PolicyWorld.item("809", .socialCare),
                knownAtHead: true,
                "permit agreement"
            ) { $0.lateAgreement() },
        ])
    func latePaperwork(_ row: SentenceRow) { row.check() }

    @Test(
        "Defaults. From left out is the recorded instant.",
        arguments: [
            SentenceRow("before", at: "2018-02-15T11:59:59Z", "permit agreement") {
                $0.patient(.dissentSet, at: "2018-02-15T12:00:00Z")
            },
            SentenceRow("at it", at: "2018-02-15T12:00:00Z", "withhold dissent") {
                $0.patient(.dissentSet, at: "2018-02-15T12:00:00Z")
            },
        ])
    func fromLeftOut(_ row: SentenceRow) { row.check() }

    @Test(
        "Days in a duration are calendar days in the store's zone; a day ends at its last microsecond.",
        arguments: [
            SentenceRow(
                "two days over the change of the clocks", user: "nurse", at: "2018-03-25T22:59:59.999999Z",
                "permit agreement"
            ) { $0.twoDays() },
            SentenceRow(
                "and not a microsecond more", user: "nurse", at: "2018-03-25T23:00:00Z", "withhold permission"
            ) { $0.twoDays() },
        ])
    func calendarDays(_ row: SentenceRow) { row.check() }

    @Test(
        "Grace follows a feed's end, or death, never a written to.",
        arguments: [
            SentenceRow("a feed's end", at: "2018-03-01", of: own, "permit own-organisation") {
                $0.patient(.relationshipEnded, at: "2018-02-15") { ($0.id, $0.byFeed) = ("rel", true) }
            },
            SentenceRow("past the grace", at: "2018-04-01", of: own, "withhold relationship") {
                $0.patient(.relationshipEnded, at: "2018-02-15") { ($0.id, $0.byFeed) = ("rel", true) }
            },
            SentenceRow("a written end", of: own, "withhold relationship") {
                $0.patient(.relationshipEnded, at: "2018-02-15") { $0.id = "rel" }
            },
            SentenceRow("death", at: "2018-03-29", of: own, "permit own-organisation") { $0.die() },
            SentenceRow("past its grace", at: "2018-03-30", of: own, "withhold relationship") { $0.die() },
        ])
    func grace(_ row: SentenceRow) { row.check() }

    @Test(
        "The role profile may be left out when one is in force (else usage); a profile without an id goes by ORG/CODE.",
        arguments: [
            SentenceRow("one", "permit agreement"),
            SentenceRow("by ORG/CODE", profile: "RBD/R8000", "permit agreement"),
            SentenceRow("two", "usage") { $0.second() },
            SentenceRow("one of two", profile: "RBD/R8000", "permit agreement") { $0.second() },
            SentenceRow("the other, by its id", profile: "b", "withhold category") { $0.second() },
        ])
    func profiles(_ row: SentenceRow) { row.check() }

    @Test(
        "A permission once is spent by the first actual receipt under it, and lapses anyway after the region's period.",
        arguments: [
            SentenceRow("unspent", user: "nurse", at: "2018-02-13T09:59:59Z", "permit agreement") {
                $0.once()
            },
            SentenceRow("spent", user: "nurse", at: "2018-02-13T10:00:01Z", "withhold permission") {
                $0.once()
            },
            SentenceRow("lapsed", user: "nurse", at: "2018-08-01", "withhold permission") {
                $0.patient(.permissionToView, at: "2018-02-12") {
                    ($0.user, $0.once, $0.to) = ("nurse", true, PolicyWorld.end("2019-01-01"))
                }
            },
        ])
    func once(_ row: SentenceRow) { row.check() }

    @Test(
        "An agreement whose legal basis has lapsed still permits.",
        arguments: [
            SentenceRow("lapsed", "permit agreement") {
                var terms = PolicyWorld.practiceAgreement
                terms.legalBasis = [.init(to: CivilDate("2018-01-01"), text: "an Act since repealed")]
                $0.region(.agreementAmended(terms), at: "2018-02-10")
            }
        ])
    func lapsedLegalBasis(_ row: SentenceRow) { row.check() }

    @Test(
        "Restrictions on any linked subject bind the union, permissions only the named subject's items; after an unlink, restrictions stay on both until reviewed.",
        arguments: [
            SentenceRow("a restriction on another subject", "withhold dissent") {
                $0.facts.subjects.append(SubjectID(organisation: "ZZ101", localID: "G7"))
                $0.patient(.dissentSet, at: "2018-02-12", scope: .subjects([1]))
            },
            SentenceRow("a permission for another subject", user: "nurse", "withhold permission") {
                $0.facts.subjects.append(SubjectID(organisation: "ZZ101", localID: "G7"))
                $0.patient(.permissionToView, at: "2018-02-12", scope: .subjects([1])) { $0.user = "nurse" }
            },
            SentenceRow("a restriction kept over an unlink", "withhold dissent") {
                $0.patient(.dissentSet, at: "2018-02-12", carried: true)
            },
            SentenceRow(
                "a relationship is not kept", user: "social", of: PolicyWorld.item("809", .socialCare),
                "withhold relationship"
            ) {
                $0.patient(.relationshipCreated, at: "2018-02-12", carried: true) { $0.org = "809" }
            },
        ])
    func linkedRestrictions(_ row: SentenceRow) { row.check() }

    @Test(
        "Relationships end at death plus grace; then purpose after-death.",
        arguments: [
            SentenceRow("after death, while alive", of: own, purpose: "after-death", "withhold relationship"),
            SentenceRow(
                "after the grace", at: "2018-06-01", of: own, purpose: "after-death",
                "permit own-organisation"
            ) { $0.die() },
            SentenceRow("for direct care", at: "2018-06-01", of: own, "withhold relationship") { $0.die() },
        ])
    func afterDeath(_ row: SentenceRow) { row.check() }
}

extension PolicyWorld {
    fileprivate mutating func latePermission() {
        patient(.permissionToView, at: "2018-02-10T09:00:00Z") {
            ($0.user, $0.from) = ("nurse", Self.instant("2018-02-01"))
        }
    }

    fileprivate mutating func lateEnd() {
        patient(.relationshipEnded, at: "2018-02-10T09:00:00Z") {
            ($0.id, $0.to) = ("rel", Self.end("2018-02-03"))
        }
    }

    fileprivate mutating func lateAgreement() {
        region(
            .agreementSigned(
                AgreementTerms(
                    id: "PISA-809-2", controller: "809", recipients: ["RBD"],
                    categories: CategorySet([.socialCare]),
                    purposes: ["direct-care"], from: Self.instant("2018-02-01"))), at: "2018-02-10T09:00:00Z")
    }

    fileprivate mutating func twoDays() {
        patient(.permissionToView, at: "2018-03-23T12:00:00Z") {
            ($0.user, $0.duration) = ("nurse", CalendarDuration("P2D"))
        }
    }

    fileprivate mutating func die() {
        patient(.deceased, at: "2018-02-16") { $0.date = CivilDate("2018-02-15") }
    }

    fileprivate mutating func second() {
        region(
            .roleProfileAssigned(
                RoleProfile(
                    user: "consultant", id: "b", org: "RBD", code: "R0001", from: Self.instant("2018-01-01")))
        )
        var role = RoleBaseline(code: "R0001", name: "Other", categories: [], activities: ["view-record"])
        role.labels = []
        region(.roleBaseline(role))
    }

    fileprivate mutating func once() {
        let permission = patient(.permissionToView, at: "2018-02-12") { ($0.user, $0.once) = ("nurse", true) }
        patient(.permissionSpent, at: "2018-02-13T10:00:00Z") { $0.spends = permission }
    }
}
