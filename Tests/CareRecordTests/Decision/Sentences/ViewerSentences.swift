import Testing
import Wire

@testable import CareRecord

/// DOMAIN, "Who may see what, at T", "Per viewer": its table.
@Suite struct ViewerSentences {
    static let chosen = "RBD/R8000"
    static let documents = PolicyWorld.item("ZZ101", .documents)

    @Test(
        "Per viewer, in this order, each able to end it: organisation, charter and user in force; a licence assigned (a pool limits assignment, never a view); the one role profile chosen at sign-in (never a union of roles) and its activity; staff exclusion.",
        arguments: [
            SentenceRow("nothing ends it", "permit agreement"),
            SentenceRow("all end it: organisation is told", profile: chosen, "withhold organisation") {
                $0.end(from: 0)
            },
            SentenceRow("then charter", profile: chosen, "withhold charter") { $0.end(from: 1) },
            SentenceRow("then user", profile: chosen, "withhold user") { $0.end(from: 2) },
            SentenceRow("then licence", profile: chosen, "withhold licence") { $0.end(from: 3) },
            SentenceRow("then role", profile: chosen, "withhold role") { $0.end(from: 4) },
            SentenceRow("then activity", profile: chosen, "withhold activity") { $0.end(from: 5) },
            SentenceRow(
                "then staff exclusion", "withhold staff-exclusion concealed, told withhold unknown-patient"
            ) { $0.end(from: 6) },
            SentenceRow(
                "staff exclusion before the items' rules", of: PolicyWorld.item("RD3", .diagnoses),
                "withhold staff-exclusion concealed, told withhold unknown-patient"
            ) { $0.end(from: 6) },
            SentenceRow("an empty pool ends nobody's view", "permit agreement") {
                $0.region(.licencePool(LicencePool(ods: "RBD", licences: 0)), at: "2018-02-12")
            },
            SentenceRow("another organisation's licence is none here", "withhold licence") {
                $0.end(3)
                $0.region(
                    .licenceAssigned(LicenceAssignment(user: "consultant", ods: "ZZ101", from: $0.now)))
            },
            SentenceRow("two roles in force, none chosen", "usage") { $0.nurseToo() },
            SentenceRow("the wider chosen", of: documents, profile: "RBD/R8000", "permit agreement") {
                $0.nurseToo()
            },
            SentenceRow(
                "the narrower chosen: not both", of: documents, profile: "second", "withhold category"
            ) { $0.nurseToo() },
            SentenceRow("one that is not theirs", profile: "RBD/R8001", "withhold role"),
        ])
    func perViewer(_ row: SentenceRow) { row.check() }
}

extension PolicyWorld {
    /// The consultant's sight ends by every rule from the n-th on.
    fileprivate mutating func end(from first: Int) { for rule in first...6 { end(rule) } }

    fileprivate mutating func end(_ rule: Int) {
        switch rule {
        case 0: region(.organisationClosed(OrganisationClosure(ods: "RBD")), at: "2018-02-10")
        case 1: region(.charterEnded(RegionEnd(id: "RBD")), at: "2018-02-11")
        case 2: region(.userLeft(RegionEnd(id: "consultant")), at: "2018-02-12")
        case 3: region(.licenceReleased(RegionEnd(id: "RBD", user: "consultant")), at: "2018-02-13")
        case 4:
            region(.roleProfileRevoked(RegionEnd(id: "RBD/R8000", user: "consultant")), at: "2018-02-14")
        case 5:
            region(
                .roleBaseline(
                    RoleBaseline(code: "R8000", name: "Clinician", categories: .all, activities: [])),
                at: "2018-02-15")
        default: patient(.staffExcluded, at: "2018-02-16") { $0.user = "consultant" }
        }
    }

    fileprivate mutating func nurseToo() {
        region(
            .roleProfileAssigned(
                RoleProfile(
                    user: "consultant", id: "second", org: "RBD", code: "R8001",
                    from: Self.instant("2018-02-12"))),
            at: "2018-02-12")
    }
}
