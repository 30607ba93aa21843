import CareRecord
import Intake
import Server

/// The policy under which the synthetic patients are viewed: one practice that shares with one hospital, a doctor there
/// with a role, a relationship with each patient and the permission of each, so that every rule has something to look at.
enum BenchRegion {
    static let source = "ZZG01"
    static let viewer = "dr-rowan"
    /// Sends HL7 v2.
    static let hospital = "ZZH01"

    static let yaml = """
        region: Bench Vale
        timeZone: Europe/London
        identifierSystems:
          nhsNumber: https://fhir.nhs.uk/Id/nhs-number
        identityRule: {number: verified, birthDate: equal, familyName: similar, givenName: similar}
        consentModel: permission-to-view
        permissionToViewPeriod: P84D
        relationshipGracePeriod: P42D
        overridePeriod: PT1H
        organisations:
          - {ods: ZZH01, name: Harbour General Hospital, kind: acute, licences: 20, charterSigned: 2017-05-01}
          - {ods: ZZG01, name: Lighthouse Lane Surgery, kind: gp, licences: 4, charterSigned: 2017-06-12}
        feeds:
          - {org: ZZG01, maxSilence: P7D}
        agreements:
          - id: PISA-PRACTICE-1
            controller: ZZG01
            recipients: [ZZH01]
            categories: [all]
            purposes: [direct-care]
            legalBasis:
              - {from: 2018-05-25, text: "GDPR articles 6(1)(e) and 9(2)(h)"}
            from: 2017-10-01
        roles:
          - {code: R8000, name: Clinical Practitioner, categories: [all], activities: [view-record, view-withheld]}
          - {code: R0001, name: Privacy Officer, categories: [], activities: [view-audit]}
          - {code: R5105, name: Caldicott Guardian, categories: [], activities: [view-audit, open-case]}
        users:
          - {id: privacy-1, name: Privacy Officer, roles: [{org: ZZH01, code: R0001, from: 2017-10-01}]}
          - {id: guardian-1, name: Caldicott Guardian, roles: [{org: ZZH01, code: R5105, from: 2017-10-01}]}
          - {id: dr-rowan, name: Dr Samir Rowan, roles: [{org: ZZH01, code: R8000, from: 2017-10-01}]}

        """

    /// Declares it, and returns the calendar of its dates.
    @discardableResult
    static func apply(to store: Store) throws -> StoreCalendar {
        let region = try RegionFile(Array(yaml.utf8), file: "bench.yaml")
        _ = try store.applyRegion(region, fileName: "bench.yaml", asker: PatientStore.asker)
        return region.calendar
    }

    /// A relationship and a permission for each of so many patients.
    static func sharing(patients: Int) -> String {
        var text = ""
        for number in 0..<patients {
            let patient = "{org: \(source), id: p\(number)}"
            text +=
                "- relationshipCreated: {id: rel-\(number), patient: \(patient), org: ZZH01, kind: referral, "
            text += "from: 2018-02-01}\n"
            text +=
                "- permissionToView: {patient: \(patient), user: \(viewer), basis: asked, from: 2023-12-01}\n"
        }
        return text
    }
}
