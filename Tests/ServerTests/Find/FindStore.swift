import CareRecord
import Foundation
import Intake
import Wire

@testable import Server

/// A hospital (RBD), a surgery that shares demographics with it (ZZ101), one that shares none (ZZ102), and who may find whom.
final class FindStore {
    let temporary: TemporaryStore
    var store: Store { temporary.store }

    static let region = MainJobTests.region
        .replacing("consentModel: implied", with: "consentModel: permission-to-view")
        .replacing(
            "agreements:",
            with: """
                  - {ods: ZZ102, name: Other Surgery, kind: gp, licences: 10, charterSigned: 2017-05-01}
                agreements:
                """
        )
        .replacing(
            "activities: [view-record, view-withheld]}",
            with: """
                activities: [view-record, find-patient, view-withheld, view-shielded, emergency-override]}
                  - {code: R8008, name: Administrator, categories: [demographics], activities: [view-record]}
                  - {code: R8001, name: Nurse, categories: [diagnoses], activities: [view-record, find-patient]}
                """
        )
        .replacing(
            "  - {id: gp-1,",
            with: """
                  - {id: clerk-1, name: Clerk, roles: [{org: RBD, code: R8008, from: 2017-10-01}]}
                  - {id: nurse-1, name: Nurse, roles: [{org: RBD, code: R8001, from: 2017-10-01}]}
                  - {id: gp-1,
                """)

    init() throws {
        temporary = try TemporaryStore()
        try temporary.apply(Self.region)
    }

    static let ann = "9990000018"
    static let others = ["9990000026", "9990000034", "9990000042", "9990000050", "9990000069", "9990000077"]

    static func patient(
        _ id: String, number: String = ann, family: String = "Hallett", given: String = "Ann",
        born: String = "1946-03-17", gender: String = "female", postcode: String = "BH15 2AA"
    ) -> String {
        MainJobTests.patient(id, number: number)
            .replacing(
                #""family":"Test","given":["Ann"]"#, with: #""family":"\#(family)","given":["\#(given)"]"#
            )
            .replacing(
                #""birthDate":"1970-01-01""#,
                with: #""birthDate":"\#(born)","gender":"\#(gender)","address":["#
                    + #"{"use":"old","postalCode":"SW1A 1AA"},{"postalCode":"\#(postcode)"}]"#)
    }

    func send(_ patient: String, from source: String = "ZZ101") throws {
        _ = try temporary.ingest(source, patient, name: UUID().uuidString)
    }

    func find(
        _ user: String = "consultant-1", family: String? = "Hallett", born: String? = "1946-03-17",
        given: String? = "Ann", gender: String? = nil, postcode: String? = nil
    ) throws -> FindAnswer {
        try store.findPatient(
            FindRequest(
                user: user,
                search: try PatientSearch(
                    family: family, birthDate: born, given: given, gender: gender, postcode: postcode),
                asker: TemporaryStore.asker))
    }

    func find(_ user: String = "consultant-1", number: String) throws -> FindAnswer {
        try store.findPatient(
            FindRequest(
                user: user, search: PatientSearch(number: NHSNumber(number)!), asker: TemporaryStore.asker))
    }

    /// The matches as JSON.
    static func matches(_ answer: FindAnswer) throws -> [String] {
        try (JSONDocument(answer.json).root["matches"]?.elements ?? []).map {
            String(decoding: $0.raw, as: UTF8.self)
        }
    }

    /// The answer without what differs from one question to the next: where it was asked, and its receipts.
    static func told(_ answer: FindAnswer) -> String {
        String(decoding: answer.json, as: UTF8.self)
            .replacing(#/"receipts":.*/#, with: "")
            .replacing(#/"at":\{[^}]*\}/#, with: "")
    }

    func receipts(since: Position) throws -> [Access] {
        try store.accesses(TrailRequest(asker: TemporaryStore.asker)).filter { $0.position > since }
    }
}
