import EventLog
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Intake
import Projections
import Server
import Testing
import Wire

@testable import Listeners

/// One of two stores that a test makes alike, position by position, of the same copy: in one something is there and withheld from whoever
/// asks, in the other it never was. Keys, ids and times are the same, so that whatever differs in an answer tells of it.
final class AttackWorld: Sendable {
    static let options = {
        var options = LogOptions()
        options.mapBytes = 256 << 20
        options.indexMapBytes = 128 << 20
        options.zeroAheadBytes = 0
        // Thrown away when the test ends.
        options.syncsEachCommit = false
        return options
    }()

    let served: ServedStore
    /// Whether what is withheld is there.
    let isHeld: Bool

    init(isHeld: Bool) throws {
        self.isHeld = isHeld
        let directory = NSTemporaryDirectory() + "daybook-attack-\(UUID().uuidString)"
        for suffix in ["", ".key"] {
            try FileManager.default.copyItem(
                atPath: AttackRegion.base + suffix, toPath: directory + suffix)
        }
        served = try ServedStore(opening: directory, options: Self.options)
    }

    static func take(_ message: String, from source: String, into store: Store) throws {
        let input = IngestInput(name: "m.json", bytes: Array(message.utf8), type: .fhir)
        let summary = try store.ingest(source: source, inputs: [input])
        precondition(summary.accepted == 1, "not taken: \(summary) \(message)")
    }

    func take(_ message: String, from source: String = "ZZG01") throws {
        try Self.take(message, from: source, into: served.store)
    }

    /// The patient whom the attacker may look at, and another one.
    func takePatients() throws {
        for (subject, number) in [("GP1", AttackRegion.patient), ("GQ1", AttackRegion.other)] {
            let isOther = number == AttackRegion.other
            try take(
                AttackMessages.bundle(
                    "p-\(subject)", "2018-02-06T09:00:00Z",
                    [
                        AttackMessages.patient(
                            subject, number: number, family: isOther ? "Marl" : "Hallett",
                            given: isOther ? "Owen" : "Margaret",
                            birthDate: isOther ? "1971-08-09" : "1946-03-17")
                    ] + AttackMessages.practice(subject, isOther ? "gq" : "gp")))
        }
    }

    func policy(_ lines: String...) throws {
        try served.policy(Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    func region(_ yaml: [UInt8]) throws {
        _ = try served.store.applyRegion(
            RegionFile(yaml, file: "region.yaml"), fileName: "region.yaml",
            asker: Asker(systemUser: "test"))
    }

    func head() throws -> UInt64 { try served.store.log.head.position.value }

    func setClock(_ time: String) throws { try served.store.setClock(to: Instant(rfc3339: time)!) }

    /// Asks everything, in order, as a user.
    func answers(to probes: [AttackProbe], as user: String) async throws -> [AttackAnswer] {
        let token = try served.development(user)
        let found = Answers()
        try await served.serving(beat: .zero) { client in
            for (number, probe) in probes.enumerated() {
                await found.add(try await probe.ask(client, token, number: number))
            }
        }
        return await found.all
    }

    private actor Answers {
        var all: [AttackAnswer] = []
        func add(_ answers: [AttackAnswer]) { all += answers }
    }

    /// Both worlds, each after the same steps.
    static func pair(_ steps: (AttackWorld) throws -> Void) throws -> (held: AttackWorld, never: AttackWorld)
    {
        let (held, never) = (try AttackWorld(isHeld: true), try AttackWorld(isHeld: false))
        for world in [held, never] { try steps(world) }
        #expect(try held.head() == never.head())
        return (held, never)
    }

    /// Asks both everything, and compares all of it.
    static func compare(
        _ held: AttackWorld, _ never: AttackWorld, _ probes: [AttackProbe], as user: String,
        markers: [String] = AttackSecret.markers
    ) async throws {
        #expect(try held.head() == never.head())
        async let one = held.answers(to: probes, as: user)
        async let two = never.answers(to: probes, as: user)
        let (a, b) = try await (one, two)
        let differences = AttackAnswer.differences(a, b)
        #expect(
            differences.isEmpty,
            "\(differences.count) of \(a.count)\n\(differences.prefix(8).joined(separator: "\n"))")
        let leaks = AttackAnswer.leaks(of: markers, in: a)
        #expect(leaks.isEmpty, "\(leaks.count): \(leaks.prefix(8).joined(separator: "\n"))")
    }
}
