/// The rules that the tests are named after: a sentence of the domain's rules, or a part of one, and what shows it.
struct DomainSentence: Sendable, CustomStringConvertible {
    /// Word for word; marks of emphasis, quotes and stops may differ.
    var text: String
    /// Why no test is named after it; nil where one must be.
    var untested: String?

    var description: String { text }

    init(_ text: String, untested: String? = nil) { (self.text, self.untested) = (text, untested) }

    /// Lower case, letters and digits alone: how a sentence is found in a test's name.
    static func words(_ text: some StringProtocol) -> String {
        text.lowercased().map { $0.isLetter || $0.isNumber ? $0 : " " }.split(separator: " ")
            .map { String($0) }.joined(separator: " ")
    }

    /// "Who may see what, at T".
    static let sight: [DomainSentence] = [
        .init(
            "Per viewer, in this order, each able to end it: organisation, charter and user in force; a licence assigned (a pool limits assignment, never a view); the one role profile chosen at sign-in (never a union of roles) and its activity; staff exclusion."
        ),
        .init(
            "Per item: an agreement naming controller, recipient, category and purpose; the role's categories; exclusion set; dissent, objection, directive; a relationship AND, while the consent model is permission-to-view, a permission; label; seal. Then shield redacts. Then override."
        ),
        .init(
            "Own organisation's items skip agreement, exclusion set, dissent, objection, directive and permission; never role, relationship, staff exclusion, label, seal or shield."
        ),
        .init(
            "A relationship with any linked subject serves the union; a fact naming an NHS number names every subject bearing it at T."
        ),
        .init("A relationship names an organisation, workgroup or user and serves its members at T."),
        .init("Permission never creates one."),
        .init("Self-claiming does, and raises an alert."),
        .init(
            "Overrides have kinds: emergency, legal (B0082), safeguarding, each passing what the region's overrideMay says (the last two by the legal-override activity), and open-seal, passing label and open seal."
        ),
        .init("Nothing passes agreement, role, staff exclusion, exclusion set or a locked seal."),
        .init(
            "Every override has a reason and an expiry, is declared by its own user, and raises an alert."),
        .init("Purpose emergency counts as direct-care under agreements."),
        .init(
            "Directives: the most specific scope wins, then the latest; ties deny; a permit lifts nothing but a directive."
        ),
        .init("An objection received withholds until decided."),
        .init("A fact about a number or item not yet seen is kept, and binds when it appears."),
        .init(
            "Every user listed in a region file holds a licence of their organisation's pool from their role's start; a list longer than its pool is an error."
        ),
        .init(
            "all recipients: every non-commissioner whose charter was in force when the agreement was signed or last amended."
        ),
        .init(
            "descendants: true in a code set needs a terminology file (code, parent) named by the region; without one, region apply says which sets it could not expand."
        ),
        .init(
            "The consent model is policy, switchable by date (permission-to-view or implied), not code."),
        .init(
            "Late paperwork. Could see at T uses events recorded by T whose effective period covers T. Should have seen at T uses those known at --known-at."
        ),
        .init("view answers could see; only --known-at asks should have seen."),
        .init(
            "Receipts, replay and exposure use the first; reports 4, 6, 8 and 12 show both, the second known at the head unless told.",
            untested:
                "replay, exposure and the reports are not built; for receipts see `view answers could see`"
        ),
        .init("Defaults. from left out is the recorded instant."),
        .init(
            "Days in a duration are calendar days in the store's zone; a day ends at its last microsecond."),
        .init("Grace follows a feed's end, or death, never a written to."),
        .init("Purpose is direct-care unless said."),
        .init(
            "The role profile may be left out when one is in force (else usage); a profile without an id goes by ORG/CODE."
        ),
        .init(
            "A permission once is spent by the first actual receipt under it, and lapses anyway after the region's period."
        ),
        .init("An agreement whose legal basis has lapsed still permits"),
        .init("; report 11 names the reads.", untested: "the reports are not built"),
        .init(
            "What is shown of what is withheld. Every view says \"Some information may not be shown\"."),
        .init("Category, count and rule go only to roles with view-withheld."),
        .init(
            "An open seal shows \"sealed item, source\" to roles with open-seal; a locked seal, an exclusion set or a staff exclusion shows nothing to anyone but its author's workgroup and a case."
        ),
        .init("Finding a patient (find-patient):", untested: "the heading of the next five"),
        .init("NHS number, or family name + date of birth + one more"),
        .init("no wildcards"),
        .init("at most five matches, each with name, birth date, NHS number and postcode district"),
        .init("a receipt per match"),
        .init(
            "Shield (S-flag) hides location: address, telephone, practice, contacts, source and location names"
        ),
        .init("and removes the patient from search"),
        .init(
            "Clinical items stay visible by exact NHS number with a relationship; otherwise the answer is the one an unknown patient gets."
        ),
        .init("view-shielded (B1611) sees location, and alerts."),
        .init("Auditors see accesses, not records."),
        .init("Audit is content-free by default: category, source, times, rule"),
        .init(", digest verdict.", untested: "a verdict is what replay finds, which is not built"),
        .init(
            "Content needs an open case (CaseOpened: reference, patient, reason, the Caldicott Guardian's authority, expiry) or the asker's own right: record, view --as"
        ),
        .init(", replay with content", untested: "replay is not built"),
        .init("and seal lifting take --case REF (the demo seeds one)."),
        .init(
            "Privacy officers see accesses by their own organisation's users and to its items, unless scope: region."
        ),
        .init(
            "People. Without an NHS number a patient is ODS:LOCALID, never linked on demographics alone."),
        .init(
            "Restrictions on any linked subject bind the union, permissions only the named subject's items; after an unlink, restrictions stay on both until reviewed."
        ),
        .init("Relationships end at death plus grace; then purpose after-death."),
        .init("A proxy inherits no view."),
        .init(
            "A subject access extract waits for a named professional's serious-harm review, and leaves out what a competent child, a third party or safeguarding excludes.",
            untested: "the extract (report 14) is not built"),
        .init(
            "Codes: R8000 Clinical Practitioner, R8001 Nurse, R8003 Health Professional, R8014 Social Worker, R0001 Privacy Officer, R5105 Caldicott Guardian; B0168 emergency view, B0082 legal override, B0083 open seal, B0360/B0370 detailed/summary view, B1611 shielded access.",
            untested: "names of codes, no rule: a region's file says what a role of such a code may"),
    ]

    /// "Clinical safety".
    static let safety: [DomainSentence] = [
        .init(
            "Stale. view carries \"sources\":[{\"source\",\"status\":\"live|late|down|never|no-agreement\",\"last\"}], the same list for every patient."
        ),
        .init("A silent feed is never \"no results\"."),
        .init("Absent. \"No known allergies\" only if a source asserts it; else \"none received\"."),
        .init(
            "Wrong patient. Automatic links need the same verified NHS number, the same date of birth, and given and family name that agree (twins); else review."
        ),
        .init("Views show \"identity changed\" for 28 days"),
        .init("an unlink raises an alert"),
        .init(", which Recall reads.", untested: "Recall (report 18) is not built"),
        .init(
            "Retraction. Entered in error (OBX-11 D or W, FHIR delete) leaves views, but a tombstone (item, time, source) stays for those who could see it."
        ),
        .init("Corrected shows \"previously X\"."),
        .init("Cancelled shows no value."),
        .init("Preliminary is labelled."),
        .init("A message with an older assertion time never overwrites a newer one."),
        .init(
            "Units. Value, unit, range, comparator and abnormal flag exactly as sent; no conversion, no trend across units; a missing unit says so."
        ),
        .init("Time. Source offset kept"),
        .init("the repeated autumn hour marked ambiguous"),
        .init("date-only and birth dates never shifted"),
        .init("Old view. A historical view says AS AT on every page and print."),
        .init(
            "Denied care. A denial offers permission, self-claim or override in one step, where the role allows."
        ),
    ]
}
