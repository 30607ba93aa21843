import Foundation
import Intake
import Logging
import Server
import ServiceLifecycle
import Testing
import Wire

@testable import Listeners

/// The door with a real store behind it.
@Suite struct SourceDoorTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A store with the sample region, and a door whose sender HARBOUR is ZZH01.
    private func opened(
        certificates: [String] = [],
        _ body: (SourceDoor, Store) async throws -> Void
    ) async throws {
        try await prepared(certificates: certificates) { door, store, lane in
            try await Self.running(lane) { try await body(door, store) }
        }
    }

    private static func running(_ lane: IntakeLane, _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// The same with a lane that does not run yet.
    private func prepared(
        certificates: [String] = [],
        _ body: (SourceDoor, Store, IntakeLane) async throws -> Void
    ) async throws {
        let directory = NSTemporaryDirectory() + "daybook-door-\(UUID().uuidString)"
        defer {
            for path in [directory, directory + ".key"] { try? FileManager.default.removeItem(atPath: path) }
        }
        try Store.create(at: directory, simulatedClock: true, now: Instant(rfc3339: "2018-02-05T13:00:00Z"))
        let store = try Store(at: directory, now: Instant(rfc3339: "2018-02-05T14:00:00Z"))
        defer { store.close() }
        try Self.declare(in: store)
        var sources = MLLPSources()
        try sources.add("|HARBOUR=ZZH01")
        for text in certificates { try sources.add(certificate: text) }
        let lane = IntakeLane(store: store)
        let door = SourceDoor(sources: sources, lane: lane, logger: Logger(label: "test"))
        try await body(door, store, lane)
    }

    /// The sample region, with another system of NHS numbers where one is named.
    private static func declare(in store: Store, numberSystem: String? = nil) throws {
        var yaml = String(
            decoding: try Data(contentsOf: root.appending(path: "samples/region.yaml")), as: UTF8.self)
        if let numberSystem { yaml = yaml.replacing("https://fhir.nhs.uk/Id/nhs-number", with: numberSystem) }
        let isFirst = try store.regionDeclaration().organisations.isEmpty
        _ = try store.applyRegion(
            RegionFile(Array(yaml.utf8), file: "region.yaml"), fileName: "region.yaml",
            approvedBy: isFirst ? nil : "guardian-1",
            asker: Asker(systemUser: "test", user: isFirst ? nil : "privacy-1"))
    }

    private func message(
        _ id: String, facility: String = "HARBOUR", event: String = "ADT^A01", patient: String = "H1"
    ) -> [UInt8] {
        Array(
            """
            MSH|^~\\&|PAS|\(facility)|DAYBOOK|REGION|20180205133000||\(event)|\(id)|P|2.4\r\
            PID|1||\(patient)^^^HARBOUR^MR||HALLETT^MARGARET||19460317|2\r\
            PV1|1|I|CARD^1^2||||||||||||||||V\(id)\r
            """.utf8)
    }

    private func acknowledgement(_ bytes: [UInt8]?) throws -> String {
        let text = String(decoding: try #require(bytes), as: UTF8.self)
        return try #require(text.split(separator: "\r").map(String.init).first { $0.hasPrefix("MSA") })
    }

    private let peer = MLLPPeer(address: "test", port: 1)

    @Test func aMessageIsAnsweredOnceItIsDurableAndTheSameAgainAlike() async throws {
        try await opened { door, store in
            let before = try store.log.head.position
            let first = try acknowledgement(await door.take(message("1"), from: peer))
            #expect(first.hasPrefix("MSA|AA|1"))
            let taken = try store.log.head.position
            #expect(taken > before)
            let again = try acknowledgement(await door.take(message("1"), from: peer))
            let head = try store.log.head.position
            #expect(again == first && head == taken)
        }
    }

    @Test func whatCannotBeTakenIsKeptAndSaid() async throws {
        try await opened { door, store in
            let broken = Array("MSH|^~\\&|PAS|HARBOUR|||20180205||ADT^A01|7|P|2.4\rPV1|1|I\r".utf8)
            let first = try acknowledgement(await door.take(broken, from: peer))
            let id = try #require(try store.openQuarantine().first?.id)
            #expect(first.hasPrefix("MSA|AE|7") && first.contains(id))
            #expect(try acknowledgement(await door.take(broken, from: peer)) == first)
            let strange = try acknowledgement(
                await door.take(message("8", event: "ZZZ^Z99"), from: peer))
            #expect(strange.hasPrefix("MSA|AR|8"))
            let nobody = try acknowledgement(
                await door.take(message("9", facility: "ELSEWHERE"), from: peer))
            #expect(nobody.hasPrefix("MSA|AR|9") && nobody.contains("MSH-3"))
        }
    }

    @Test func manyAtOnceAreTakenTogetherAndEachHasItsOwnAnswer() async throws {
        try await prepared { door, store, lane in
            let before = try store.log.head.position.value
            let answers = try await withThrowingTaskGroup(of: String.self) { tasks in
                for number in 0..<200 {
                    let message = message("\(number)", patient: "H\(number)")
                    let peer = peer
                    tasks.addTask {
                        String(decoding: await door.take(message, from: peer) ?? [], as: UTF8.self)
                    }
                }
                // All wait before any is taken: how fast they come decides nothing.
                while lane.depth < 200 { try await Task.sleep(for: .milliseconds(5)) }
                var answers: [String] = []
                try await Self.running(lane) { for try await answer in tasks { answers.append(answer) } }
                return answers
            }
            let ids = Set(
                answers.compactMap { answer in
                    answer.split(separator: "\r").first { $0.hasPrefix("MSA|AA|") }.map(String.init)
                })
            #expect(ids.count == 200)
            // What one transaction appends has one time.
            let head = try store.log.head.position.value
            let times = try (before + 1...head).map { try store.log.header(at: Position($0)).recordedAt }
            #expect(Set(times).count < 10, "\(Set(times).count) commits for 200 messages")
        }
    }

    @Test func aFrameOfSeveralMessagesIsRefusedWholeAndAnsweredByItsFirst() async throws {
        try await opened { door, store in
            let bad = Array(
                "MSH|^~\\&|PAS|HARBOUR|||20180205||SIU^S12|M1|P|2.4\rPID|1||H1^^^HARBOUR^MR\r".utf8)
            for (first, second) in [(bad, message("M2")), (message("M1"), message("M2", patient: "H1"))] {
                let updates = try store.log.classHead(.sourceUpdate)
                let before = try store.openQuarantine().count
                let answer = try acknowledgement(await door.take(first + second, from: peer))
                #expect(answer.hasPrefix("MSA|AE|M1"), "\(answer)")
                let open = try store.openQuarantine()
                #expect(open.count == before + 1 && open.last?.entry.code == "several-messages")
                #expect(try store.log.classHead(.sourceUpdate) == updates)
                let again = try acknowledgement(await door.take(first + second, from: peer))
                #expect(again == answer)
            }
        }
    }

    /// A sender that broke off in a frame and began again in it: nothing of either is taken for the other's.
    @Test func aFrameBegunAnewInsideAFrameIsTakenForNeither() async throws {
        try await opened { door, store in
            // In a segment before the patient is named, what follows would make one message of the first's header and another's patient.
            let whole = Array(
                String(decoding: message("M1", patient: "H1"), as: UTF8.self).replacing(
                    "\rPID", with: "\rEVN|A01|20180205133000|||SMITH^JOHN\rPID"
                ).utf8)
            for cut in 70..<whole.count {
                let updates = try store.log.classHead(.sourceUpdate)
                let before = try store.openQuarantine().count
                let frame = Array(whole[..<cut]) + [0x0B] + message("M2", patient: "H2")
                let answer = try acknowledgement(await door.take(frame, from: peer))
                #expect(answer.hasPrefix("MSA|AE|M1"), "\(cut): \(answer)")
                #expect(try store.openQuarantine().count == before + 1, "\(cut)")
                #expect(try store.log.classHead(.sourceUpdate) == updates, "\(cut)")
            }
        }
    }

    @Test func whatStandsBeforeTheMessageKeepsNobodyFromHisAnswer() async throws {
        try await opened { door, _ in
            for (number, before) in ["\r\n", "  \r", "FHS|^~\\&|A\rBHS|^~\\&|A\r"].enumerated() {
                let answer = try acknowledgement(
                    await door.take(Array(before.utf8) + message("\(number)"), from: peer))
                #expect(answer.hasPrefix("MSA|AA|\(number)"), "\(before): \(answer)")
            }
        }
    }

    @Test func oneInQuarantineThatReadsWellByNowIsTakenWhenItComesAgain() async throws {
        try await opened { door, store in
            // Whose it is, is said by number alone: unless that is no number of patients here.
            let sent = Array(
                (#"{"resourceType":"Flag","id":"f","status":"active","code":{"text":"x"},"subject":{"identifier":"#
                    + #"{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990177015"}}}"#).utf8)
            func take() async throws -> DoorOutcome {
                try await door.lane.take(sent, source: "ZZH01", name: "test", type: .fhir).get()
            }
            guard case .quarantined(let kept, _) = try await take(),
                case .quarantined(let again, _) = try await take()
            else { throw Unexpected() }
            #expect(kept == again)
            try Self.declare(in: store, numberSystem: "urn:numbers")
            let updates = try store.log.classHead(.sourceUpdate)
            guard case .stored(let taken) = try await take() else { throw Unexpected() }
            let open = try store.openQuarantine()
            #expect(open.isEmpty && taken > updates)
            // And that is its answer from now on.
            guard case .stored(let after) = try await take() else { throw Unexpected() }
            #expect(after == taken)
            // It was stored: should it not read well any more, it is not in quarantine.
            try Self.declare(in: store)
            guard case .stored(let late) = try await take() else { throw Unexpected() }
            let still = try store.openQuarantine()
            #expect(late == taken && still.isEmpty)
        }
    }

    struct Unexpected: Error {}

    @Test func aMessageWithoutAnIDIsTheSameFromEveryConnection() async throws {
        try await opened { door, store in
            let nameless = Array("MSH|^~\\&|PAS|HARBOUR|||20180205||ADT^A01||P|2.4\rPV1|1|I\r".utf8)
            for port in 1...3 {
                let peer = MLLPPeer(address: "[IPv4]127.0.0.1/127.0.0.1:\(40000 + port)", port: 1)
                let answer = try acknowledgement(await door.take(nameless, from: peer))
                #expect(answer.hasPrefix("MSA|AE|"))
            }
            let open = try store.openQuarantine().count
            #expect(open == 1)
        }
    }

    @Test func anothersCertificateIsTurnedAwayAtTheDoor() async throws {
        try await opened(certificates: ["pas=ZZH01", "council=ZZC01"]) { door, store in
            let head = try store.log.head.position
            let council = MLLPPeer(address: "test", port: 1, certificates: ["council"])
            let refused = try acknowledgement(await door.take(message("1"), from: council))
            #expect(refused.hasPrefix("MSA|AR|1") && refused.contains("certificate"), "\(refused)")
            let nobody = try acknowledgement(await door.take(message("1"), from: peer))
            #expect(nobody.hasPrefix("MSA|AR|1"))
            let after = try store.log.head.position
            #expect(after == head)
            let own = MLLPPeer(address: "test", port: 1, certificates: ["pas"])
            let taken = try acknowledgement(await door.take(message("1"), from: own))
            #expect(taken.hasPrefix("MSA|AA|1"))
        }
    }

    @Test func aCertificateSendsOnlyForItsSources() throws {
        var sources = MLLPSources()
        #expect(sources.may(nil, sendFor: "ZZH01") && sources.may(["x"], sendFor: "ZZH01"))
        for text in ["PAS.harbour.example=ZZH01", "urn:pas=ZZH01", "urn:pas=ZZG01", "sha256:ab=ZZC01"] {
            try sources.add(certificate: text)
        }
        #expect(sources.may(["pas.harbour.example"], sendFor: "ZZH01"))
        #expect(!sources.may(["pas.harbour.example"], sendFor: "ZZG01"))
        #expect(
            sources.may(["other", "urn:pas"], sendFor: "ZZG01") && !sources.may(["urn:pas"], sendFor: "ZZC01")
        )
        #expect(sources.may(["sha256:ab"], sendFor: "ZZC01"))
        #expect(!sources.may(nil, sendFor: "ZZH01") && !sources.may([], sendFor: "ZZH01"))
        for text in ["", "=ZZH01", "name", "name="] {
            #expect(throws: SettingsError.self) { try sources.add(certificate: text) }
        }
    }
}
