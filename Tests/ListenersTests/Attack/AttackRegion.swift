import Foundation
import Intake
import Projections
import Server
import Wire

/// The region of the attack suite: the sample's, with a nurse who may look but is not told what is withheld, and a colleague whose role
/// has ended. Hospital ZZH01 holds two patients; the practice ZZG01 shares nearly everything with it.
enum AttackRegion {
    /// Whom the attacker may look at, and a patient whom they may not.
    static let patient = "9990177015"
    static let other = "9990177023"
    /// Numbers that nobody bears before a test begins.
    static let fresh = ["9990177031", "9990000018", "9990000026", "9990000034"]
    static let nurse = "nurse-heath"
    static let leaver = "nurse-gorse"
    /// A nurse who may read the trail, and look back at what she saw herself.
    static let auditor = "nurse-furze"

    static let label = (system: "http://snomed.info/sct", code: "35489007")
    static let excluded = (system: "http://snomed.info/sct", code: "86406008")

    /// Everything a practice has: what an agreement does not name is withheld, and this suite looks at other rules.
    private static let shared =
        "[demographics, gp-practice, next-of-kin, encounters, appointments, allergies, alerts, diagnoses, medications, "
        + "procedures, blood-tests, pathology, imaging, observations, documents, immunisations]"

    static func yaml(agreementEnds: Bool = false) throws -> [UInt8] {
        var text = String(decoding: try ServedStore.sample("region.yaml"), as: UTF8.self)
        func put(_ old: String, _ new: String) {
            precondition(text.contains(old), "the sample region has changed: \(old)")
            text = text.replacing(old, with: new)
        }
        put("consentModel: permission-to-view", "consentModel: implied")
        put(
            "[demographics, gp-practice, allergies, diagnoses, medications, immunisations, observations, blood-tests]",
            shared)
        put("    narrative: withhold\n", "    narrative: keep\n")
        put(
            "  - {code: R8008,",
            "  - {code: R8001, name: Nurse, categories: [all], activities: [view-record, find-patient, self-claim, "
                + "emergency-override]}\n  - {code: R8019, name: Auditing nurse, categories: [all], activities: [view-record, "
                + "find-patient, view-audit]}\n  - {code: R8008,")
        put(
            "  - {id: clerk-fern,",
            """
              - {id: \(nurse), name: Nurse Ada Heath, roles: [{org: ZZH01, code: R8001, from: 2017-10-01}]}
              - {id: \(auditor), name: Nurse Kim Furze, roles: [{org: ZZH01, code: R8019, from: 2017-10-01}]}
              - {id: \(leaver), name: Nurse Tom Gorse, roles: [{org: ZZH01, code: R8001, from: 2017-10-01, to: 2018-01-31}]}
              - {id: clerk-fern,
            """)
        if agreementEnds {
            // The practice's is the second.
            let parts = text.components(separatedBy: "    to: 2022-09-30")
            precondition(parts.count == 3)
            text = parts[0] + "    to: 2022-09-30" + parts[1] + "    to: 2018-02-09" + parts[2]
        }
        return Array(text.utf8)
    }

    /// A store that every test copies, closed.
    static let base: String = {
        do { return try made() } catch { fatalError("the attack suite's store: \(error)") }
    }()

    private static func made() throws -> String {
        let directory = NSTemporaryDirectory() + "daybook-attack-base-\(UUID().uuidString)"
        try Store.create(at: directory, simulatedClock: true, now: Instant(rfc3339: "2018-01-08T08:00:00Z"))
        let served = try ServedStore(opening: directory, options: AttackWorld.options, isKept: true)
        try served.store.setClock(to: Instant(rfc3339: "2018-01-08T09:00:00Z")!)
        _ = try served.store.applyRegion(
            RegionFile(yaml(), file: "region.yaml"), fileName: "region.yaml",
            asker: Asker(systemUser: "test"))
        try served.policy(
            Array(
                """
                - relationshipCreated: {id: rel-1, patient: "\(patient)", org: ZZH01, kind: referral, from: 2018-01-08}
                - relationshipCreated: {id: reg-1, patient: "\(patient)", org: ZZG01, kind: registration, from: 2012-04-02}

                """.utf8), at: "2018-01-29T16:00:00Z")
        try served.store.setClock(to: Instant(rfc3339: "2018-02-05T14:00:00Z")!)
        for message in [AttackMessages.hospital, AttackMessages.hospitalOther] {
            try AttackWorld.take(message, from: "ZZH01", into: served.store)
        }
        served.store.close()
        return directory
    }
}
