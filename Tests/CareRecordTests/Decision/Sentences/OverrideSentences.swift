import Testing
import Wire

@testable import CareRecord

/// DOMAIN, "Who may see what, at T": the sentences about overrides, and what is shown of what is withheld.
@Suite struct OverrideSentences {
    static let own = PolicyWorld.item("RBD", .diagnoses)
    static let excluded = PolicyWorld.item("ZZ101", .diagnoses, codes: [PolicyWorld.sensitive])
    static let labelled = PolicyWorld.item("ZZ101", .diagnoses, codes: [PolicyWorld.labelled])

    @Test(
        "Overrides have kinds: emergency, legal (B0082), safeguarding, each passing what the region's overrideMay says (the last two by the legal-override activity), and open-seal, passing label and open seal.",
        arguments: [
            SentenceRow("emergency passes the want of a relationship", user: "gp", "permit override") {
                $0.override(.emergency, by: "gp")
            },
            SentenceRow("emergency passes the want of a permission", "permit override") {
                $0.patient(.permissionWithdrawn, at: "2018-02-12") { $0.user = "consultant" }
                $0.override(.emergency)
            },
            SentenceRow("emergency passes no dissent here", "withhold dissent") {
                $0.patient(.dissentSet, at: "2018-02-12")
                $0.override(.emergency)
            },
            SentenceRow("legal passes dissent", "permit override") {
                $0.patient(.dissentSet, at: "2018-02-12")
                $0.override(.legal)
            },
            SentenceRow("safeguarding passes objection", "permit override") {
                $0.patient(.objectionReceived, at: "2018-02-12")
                $0.override(.safeguarding)
            },
            SentenceRow("safeguarding passes directive", "permit override") {
                $0.patient(.consentDirective, at: "2018-02-12") { $0.outcome = .deny }
                $0.override(.safeguarding)
            },
            SentenceRow("open-seal passes label", of: labelled, "permit override") {
                $0.label()
                $0.override(.openSeal)
            },
            SentenceRow("open-seal passes an open seal", "permit override") {
                $0.seal(locked: false)
                $0.override(.openSeal)
            },
            SentenceRow("open-seal passes nothing else", "withhold dissent") {
                $0.patient(.dissentSet, at: "2018-02-12")
                $0.override(.openSeal)
            },
            SentenceRow("legal passes no label here", of: labelled, "withhold label") {
                $0.label()
                $0.override(.legal)
            },
            SentenceRow("a role without the activity", user: "guardian", "withhold permission") {
                $0.override(.legal, by: "guardian")
            },
            SentenceRow("what nothing needs passes nothing", "permit agreement") { $0.override(.legal) },
        ])
    func kinds(_ row: SentenceRow) { row.check() }

    @Test(
        "Nothing passes agreement, role, staff exclusion, exclusion set or a locked seal.",
        arguments: [
            SentenceRow("agreement", of: PolicyWorld.item("ZZ101", .imaging), "withhold agreement") {
                $0.overrideAll()
            },
            SentenceRow("role", user: "nurse", of: PolicyWorld.item("ZZ101", .documents), "withhold category")
            {
                $0.overrideAll(by: "nurse")
            },
            SentenceRow(
                "staff exclusion", "withhold staff-exclusion concealed, told withhold unknown-patient"
            ) {
                $0.patient(.staffExcluded, at: "2018-02-12") { $0.user = "consultant" }
                $0.overrideAll()
            },
            SentenceRow("exclusion set", of: excluded, "withhold exclusion-set concealed") {
                $0.exclude()
                $0.overrideAll()
            },
            SentenceRow("a locked seal", "withhold seal concealed") {
                $0.seal(locked: true)
                $0.overrideAll()
            },
            SentenceRow("a locked seal beside an open one", "withhold seal concealed") {
                $0.seal(locked: true)
                $0.seal(locked: false, item: "Condition/c1")
                $0.overrideAll()
            },
        ])
    func nothingPasses(_ row: SentenceRow) { row.check() }

    @Test(
        "Every override has a reason and an expiry, is declared by its own user, and raises an alert.",
        arguments: [
            SentenceRow("within its time", user: "gp", at: "2018-02-25T23:59:59Z", "permit override") {
                $0.override(.emergency, by: "gp")
            },
            SentenceRow("after it", user: "gp", at: "2018-02-26", "withhold relationship") {
                $0.override(.emergency, by: "gp")
            },
            SentenceRow(
                "the region's period where none is said", user: "gp", at: "2018-02-19T01:00:00Z",
                "permit override"
            ) {
                $0.override(.emergency, by: "gp", to: nil)
            },
            SentenceRow("and no longer", user: "gp", at: "2018-02-19T01:00:01Z", "withhold relationship") {
                $0.override(.emergency, by: "gp", to: nil)
            },
            SentenceRow("ended early", user: "gp", "withhold relationship") {
                $0.override(.emergency, by: "gp")
                $0.patient(.overrideEnded, at: "2018-02-19T12:00:00Z") { $0.id = "ov" }
            },
            SentenceRow("recorded by another", user: "gp", "withhold relationship") {
                $0.override(.emergency, by: "gp") { $0.recordedBy = "consultant" }
            },
            SentenceRow("another's", user: "gp", "withhold relationship") {
                $0.override(.emergency, by: "consultant")
            },
        ])
    func declared(_ row: SentenceRow) { row.check() }

    @Test(
        "An open seal shows \"sealed item, source\" to roles with open-seal; a locked seal, an exclusion set or a staff exclusion shows nothing to anyone but its author's workgroup and a case.",
        arguments: [
            SentenceRow("open", "withhold seal sealed item") { $0.seal(locked: false) },
            SentenceRow("locked", "withhold seal concealed") { $0.seal(locked: true) },
            SentenceRow("its author's workgroup", "permit agreement") {
                $0.seal(locked: true, by: "RBD", workgroup: "cardiology")
            },
            SentenceRow("another workgroup of its author's", "withhold seal concealed") {
                $0.seal(locked: true, by: "RBD", workgroup: "dermatology")
            },
            SentenceRow("its author's organisation, where no workgroup is said", "permit agreement") {
                $0.seal(locked: true, by: "RBD")
            },
            SentenceRow("nobody's", "withhold seal concealed") { $0.seal(locked: true, by: nil) },
            SentenceRow("exclusion set", of: excluded, "withhold exclusion-set concealed") { $0.exclude() },
            SentenceRow("no other rule tells that it is there", of: excluded, "withhold agreement concealed")
            {
                $0.exclude()
                $0.region(.agreementEnded(RegionEnd(id: "PISA-ZZ101-1")), at: "2018-02-15")
            },
            SentenceRow("nor of what is locked", "withhold dissent concealed") {
                $0.seal(locked: true)
                $0.patient(.dissentSet, at: "2018-02-16")
            },
            SentenceRow(
                "staff exclusion", "withhold staff-exclusion concealed, told withhold unknown-patient"
            ) {
                $0.patient(.staffExcluded, at: "2018-02-12") { $0.user = "consultant" }
            },
            SentenceRow(
                "to whom nothing else opened the record either", user: "gp",
                "withhold staff-exclusion concealed, told withhold relationship"
            ) {
                $0.patient(.staffExcluded, at: "2018-02-12") { $0.user = "gp" }
            },
        ])
    func shownOfWithheld(_ row: SentenceRow) { row.check() }

    @Test(
        "Shield (S-flag) hides location: address, telephone, practice, contacts, source and location names, and removes the patient from search.",
        arguments: [
            SentenceRow("what has a place in it", "permit agreement redacted location") {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
            SentenceRow("practice", of: PolicyWorld.item("RBD", .gpPractice), "withhold shield") {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
            SentenceRow("contacts", of: PolicyWorld.item("RBD", .nextOfKin), "withhold shield") {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
            SentenceRow(
                "a place", of: ItemDescriptor(source: "RBD", category: .encounters, type: "Location"),
                "withhold shield"
            ) { $0.patient(.shieldSet, at: "2018-02-12") },
        ])
    func shieldHides(_ row: SentenceRow) { row.check() }

    @Test(
        "Clinical items stay visible by exact NHS number with a relationship; otherwise the answer is the one an unknown patient gets.",
        arguments: [
            SentenceRow("by number", "permit agreement redacted location") {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
            SentenceRow(
                "by another name", byNumber: false, "withhold shield concealed, told withhold unknown-patient"
            ) {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
            SentenceRow("without a relationship", user: "gp", "withhold relationship") {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
            SentenceRow("by another name, without one", user: "gp", byNumber: false, "withhold relationship")
            {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
        ])
    func shieldFinds(_ row: SentenceRow) { row.check() }

    @Test(
        "view-shielded (B1611) sees location, and alerts.",
        arguments: [
            SentenceRow("sees it", user: "guardian", of: own, "permit own-organisation") {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
            SentenceRow("by any name", user: "guardian", of: own, byNumber: false, "permit own-organisation")
            {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
            SentenceRow(
                "contacts too", user: "guardian", of: PolicyWorld.item("RBD", .nextOfKin),
                "permit own-organisation"
            ) {
                $0.patient(.shieldSet, at: "2018-02-12")
            },
        ])
    func viewShielded(_ row: SentenceRow) { row.check() }
}

extension PolicyWorld {
    /// Every kind at once.
    fileprivate mutating func overrideAll(by user: String = "consultant") {
        for kind in OverrideKind.allCases { override(kind, by: user) }
    }
}
