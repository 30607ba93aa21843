import CareRecord
import EventLog
import Foundation
import Intake
@_spi(Measurement) import Server
import Wire

/// What taking in, folding and reading cost: one observation an event, each the next version of one of ten a patient; every other one
/// corrects what it said before.
enum StoreCounts {
    static let events = 1000
    static let reads = 200
    static let rounds = 4
    static let patients = 10
    static let items = 10
    private static let asker = Asker(systemUser: "test")

    static func run(in folder: String) throws {
        guard let start = Instant(rfc3339: "2024-01-01T00:00:00Z") else { exit(4) }
        try Store.create(at: folder, simulatedClock: true, now: start)
        let store = try Store(at: folder)
        defer { store.close() }
        let region = try RegionFile(Array(Self.region.utf8), file: "region.yaml")
        _ = try store.applyRegion(region, fileName: "region.yaml", asker: asker)
        let sharing = try PatientPolicyFile(
            Array(relationships.utf8), file: "sharing.yaml", calendar: region.calendar)
        _ = try store.recordPolicy(sharing.drafts, asker: asker)
        var version = 0
        // What is counted goes on with chapters that are there, as most folds do.
        try store.record.catchUp(to: try ingested(&version, into: store))
        var heads: [Position] = []
        try Allocations.report("ingest", each: events, rounds: rounds) {
            heads.append(try ingested(&version, into: store))
        }
        heads.reverse()
        try Allocations.report("fold", each: events, rounds: rounds) {
            try store.record.catchUp(to: heads.removeLast())
        }
        try countReads(of: store)
    }

    private static func countReads(of store: Store) throws {
        let head = try store.log.head.position
        let subject = try store.log.header(at: head).stream
        // Within the newest round's events: some read the tail, some a chapter that is closed.
        let positions = (0..<UInt64(reads)).map { Position(head.value - UInt64(events - 1) + $0 * 5) }
        func read() throws {
            for position in positions { _ = try store.record.records(of: [subject], at: position) }
        }
        func view() throws {
            for position in positions {
                let body = try store.unreceiptedBody(
                    ViewRequest(
                        user: "dr-rowan",
                        patient: .subject(SubjectID(organisation: "ZZG01", localID: "p\(patients - 1)")),
                        at: .position(position), asker: asker))
                guard body.count > 4000 else { throw NothingShown(bytes: body.count) }
            }
        }
        try read()
        try view()
        try Allocations.report("as-of", each: reads, rounds: rounds, read)
        try Allocations.report("view", each: reads, rounds: rounds, view)
    }

    /// Takes in a file of as many messages as events.
    /// - Returns: where the log ends.
    private static func ingested(_ version: inout Int, into store: Store) throws -> Position {
        var file = ""
        for number in 0..<events {
            let patient = number % patients
            let item = number / patients % items
            let status = (version + number / 100) % 2 == 0 ? "final" : "corrected"
            file += #"{"resourceType":"Observation","id":"o\#(patient)-\#(item)","status":"\#(status)","#
            file += #""subject":{"reference":"Patient/p\#(patient)"},"code":{"text":"Pulse"},"#
            file += #""valueQuantity":{"value":\#(60 + (version + number) % 40),"unit":"/min"},"#
            file +=
                #""note":[{"text":"version \#(version).\#(number): taken at rest, seated, after five minutes"}]}"#
            file += "\n"
        }
        version += 1
        let input = IngestInput(name: "round-\(version).ndjson", bytes: Array(file.utf8))
        let summary = try store.ingest(source: "ZZG01", inputs: [input])
        guard summary.accepted == events else {
            throw NotTaken(accepted: summary.accepted, why: summary.notes.first.map(\.text) ?? "")
        }
        return try store.log.head.position
    }

    struct NotTaken: Error {
        var accepted: Int
        var why: String
    }

    struct NothingShown: Error { var bytes: Int }

    /// One practice, whose own doctor looks.
    private static let region = """
        region: Count
        timeZone: Europe/London
        identifierSystems: {nhsNumber: https://fhir.nhs.uk/Id/nhs-number}
        identityRule: {number: verified, birthDate: equal, familyName: similar, givenName: similar}
        consentModel: implied
        permissionToViewPeriod: P84D
        relationshipGracePeriod: P42D
        overridePeriod: PT1H
        organisations:
          - {ods: ZZG01, name: Lighthouse Lane Surgery, kind: gp, licences: 4, charterSigned: 2017-06-12}
        agreements:
          - id: A1
            controller: ZZG01
            recipients: [all]
            categories: [all]
            purposes: [direct-care]
            legalBasis: [{text: law}]
            from: 2017-10-01
        roles:
          - {code: R8000, name: Clinical Practitioner, categories: [all], activities: [view-record, view-withheld]}
          - {code: R0001, name: Privacy Officer, categories: [], activities: [view-audit]}
          - {code: R5105, name: Caldicott Guardian, categories: [], activities: [view-audit, open-case]}
        users:
          - {id: privacy-1, name: Privacy Officer, roles: [{org: ZZG01, code: R0001, from: 2017-10-01}]}
          - {id: guardian-1, name: Caldicott Guardian, roles: [{org: ZZG01, code: R5105, from: 2017-10-01}]}
          - {id: dr-rowan, name: Dr Samir Rowan, roles: [{org: ZZG01, code: R8000, from: 2017-10-01}]}

        """

    /// The doctor's relationships.
    private static let relationships = (0..<patients).map {
        "- relationshipCreated: {id: rel-\($0), patient: {org: ZZG01, id: p\($0)}, org: ZZG01, "
            + "kind: referral, from: 2018-02-01}\n"
    }.joined()
}
