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
    private func opened(_ body: (SourceDoor, Store) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "daybook-door-\(UUID().uuidString)"
        defer {
            for path in [directory, directory + ".key"] { try? FileManager.default.removeItem(atPath: path) }
        }
        try Store.create(at: directory, simulatedClock: true, now: Instant(rfc3339: "2018-02-05T13:00:00Z"))
        let store = try Store(at: directory, now: Instant(rfc3339: "2018-02-05T14:00:00Z"))
        defer { store.close() }
        let yaml = try Data(contentsOf: Self.root.appending(path: "samples/region.yaml"))
        _ = try store.applyRegion(
            RegionFile(Array(yaml), file: "region.yaml"), fileName: "region.yaml",
            asker: Asker(systemUser: "test"))
        var sources = MLLPSources()
        try sources.add("|HARBOUR=ZZH01")
        let lane = IntakeLane(store: store)
        let door = SourceDoor(sources: sources, lane: lane, logger: Logger(label: "test"))
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(door, store)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
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
        try await opened { door, store in
            let answers = try await withThrowingTaskGroup(of: String.self) { tasks in
                for number in 0..<200 {
                    let message = message("\(number)", patient: "H\(number)")
                    let peer = peer
                    tasks.addTask {
                        String(decoding: await door.take(message, from: peer) ?? [], as: UTF8.self)
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            let ids = Set(
                answers.compactMap { answer in
                    answer.split(separator: "\r").first { $0.hasPrefix("MSA|AA|") }.map(String.init)
                })
            #expect(ids.count == 200)
            // What one transaction appends has one time.
            let head = try store.log.head.position.value
            let times = try (1...head).map { try store.log.header(at: Position($0)).recordedAt }
            #expect(Set(times).count < 150, "\(Set(times).count) commits for 200 messages")
        }
    }
}
