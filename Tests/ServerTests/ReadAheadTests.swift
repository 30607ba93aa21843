import CareRecord
import Foundation
import Intake
import Testing
import Wire

@testable import Server

/// Messages read on their way in, before their turn.
@Suite struct ReadAheadTests {
    private static func region(_ more: String = "") -> String {
        """
        region: Vale
        timeZone: Europe/London
        identifierSystems: {nhsNumber: https://fhir.nhs.uk/Id/nhs-number}
        identityRule: {number: verified, birthDate: equal, familyName: similar, givenName: similar}
        consentModel: permission-to-view
        permissionToViewPeriod: P84D
        relationshipGracePeriod: P42D
        overridePeriod: PT1H
        roles:
          - {code: R0001, name: Privacy Officer, categories: [], activities: [view-audit]}
        users:
          - {id: privacy-1, name: Privacy Officer, roles: [{org: ZZH01, code: R0001, from: 2017-05-01}]}
          - {id: privacy-2, name: Privacy Officer, roles: [{org: ZZH01, code: R0001, from: 2017-05-01}]}
        organisations:
          - {ods: ZZH01, name: Harbour, kind: acute, licences: 20, charterSigned: 2017-05-01}
        \(more)
        """
    }

    private static func input(_ id: String, patient: String, ticket: Int, number: String = "") -> IngestInput
    {
        let text = """
            MSH|^~\\&|PAS|H|D|R|20170205133000||ADT^A01|\(id)|P|2.4\r\
            PID|1||\(patient)\(number.isEmpty ? "" : "~\(number)^^^NHS^NH")||HALLETT^ANN||19460317|2|||||||||||||||||||||||||||||NSTS01\r\
            PV1|1|I|CARD||||||||||||||||V\(id)\r
            """
        var input = IngestInput(name: "test", bytes: Array(text.utf8), type: .hl7v2)
        (input.source, input.ticket) = ("ZZH01", ticket)
        return input
    }

    private static func take(_ inputs: [IngestInput], into store: Store) -> [Int: String] {
        var told: [Int: String] = [:]
        store.take(inputs) { ticket, answer in
            told[ticket] =
                switch answer {
                case .success(.stored(let position)): "stored at \(position.value)"
                case .success(.quarantined(let position, let reject)):
                    "\(reject.code) at \(position.value)"
                case .failure(let failure): "\(failure)"
                }
        }
        return told
    }

    @Test func whatWasReadByAnotherRegionIsReadAgainInItsTurn() throws {
        let served = try TemporaryStore()
        try served.apply(Self.region())
        // Before anything of the region was taken there is nothing to read by.
        #expect(served.store.readAhead(Self.input("0", patient: "H0", ticket: 1)).read == nil)
        _ = Self.take([Self.input("0", patient: "H0", ticket: 1)], into: served.store)
        let (first, second) = (
            served.store.readAhead(Self.input("1", patient: "ZZC01.1", ticket: 1)),
            served.store.readAhead(Self.input("2", patient: "ZZC01.2", ticket: 1))
        )
        #expect(first.read != nil && second.read != nil)
        #expect(Self.take([first], into: served.store)[1]?.hasPrefix("stored") == true)
        let more = Self.region(
            "  - {ods: ZZC01, name: Vale Community, kind: community, charterSigned: 2017-05-01}")
        _ = try served.store.applyRegion(
            try RegionFile(Array(more.utf8), file: "region.yaml"), fileName: "region.yaml",
            approvedBy: "privacy-2", asker: Asker(systemUser: "tester", user: "privacy-1"))
        #expect(served.store.readAhead(Self.input("3", patient: "ZZC01.3", ticket: 1)).read == nil)
        // That id is another source's now.
        let told = Self.take([second], into: served.store)[1]
        #expect(told?.hasPrefix("\(IntakeReject.Code.patientElsewhere)") == true, "\(told ?? "nothing")")
    }

    @Test func readAheadOrNotTheLogIsTheSame() throws {
        let numbers = ["9000000009", "9000000017", "9000000025"]
        let inputs = (0..<60).map { i in
            // Patients that share numbers, some messages twice, and one that is not taken.
            Self.input(
                "\(i % 50)", patient: i == 30 ? "" : "H\(i * 7 % 9)", ticket: i + 1,
                number: i == 30 ? "" : numbers[i * 5 % 3])
        }
        var logs: [[String]] = []
        for isAhead in [false, true] {
            let served = try TemporaryStore()
            try served.apply(Self.region())
            let store = served.store
            var log = Self.take([Self.input("first", patient: "H100", ticket: 1)], into: store).map(\.value)
            let read = isAhead ? inputs.map { store.readAhead($0) } : inputs
            #expect(read.allSatisfy { ($0.read != nil) == isAhead })
            for unit in [read[..<20], read[20..<21], read[21...]] {
                let told = Self.take(Array(unit), into: store)
                log += unit.map { told[$0.ticket] ?? "nothing" }
            }
            let head = try store.log.head.position.value
            log += try (1...head).map { "\(try store.log.header(at: Position($0)).recordClass)" }
            logs.append(log)
        }
        #expect(logs[0] == logs[1])
        #expect(logs[0].contains { $0.hasPrefix("noPatient") })
    }
}
