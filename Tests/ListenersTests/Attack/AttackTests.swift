import Foundation
import Testing

@testable import Listeners

/// What is withheld by a restriction cannot be told from what never was: whatever is asked, both worlds' answers are the same bytes.
@Suite(.serialized) struct AttackTests {
    /// Item by item, of a patient whom the attacker may look at: the practice's message is about them in one world, about somebody else in
    /// the other.
    private func items(
        _ security: (system: String, code: String)? = nil, as user: String = AttackRegion.nurse,
        types: [String] = ["Observation", "Condition", "DiagnosticReport"],
        restrict: (AttackWorld, AttackSecret) throws -> Void
    ) async throws {
        var secrets: [Bool: AttackSecret] = [:]
        var positions: Set<UInt64> = []
        let (held, never) = try AttackWorld.pair { world in
            try world.takePatients()
            let secret = AttackSecret(
                subject: world.isHeld ? "GP1" : "GQ1", prefix: world.isHeld ? "gs" : "gx", security: security)
            secrets[world.isHeld] = secret
            func take(_ id: String, _ entries: [String]) throws {
                try world.take(AttackMessages.bundle(id, "2018-02-07T10:0\(id.suffix(1)):00Z", entries))
                positions.insert(try world.head())
            }
            try take("s-1", secret.entries() + secret.citedEntries())
            try take("s-2", [secret.goneEntry()])
            try take("s-3", [AttackMessages.delete("Observation", secret.prefix + "-gone")])
            let carrier = AttackSecret(subject: "GP1", security: security)
            try take("s-4", carrier.carriers(subject: "GP1", isCiting: world.isHeld, version: 1))
            try world.setClock("2018-02-11T09:00:00Z")
            try world.take(
                AttackMessages.bundle(
                    "s-5", "2018-02-11T08:00:00Z", secret.entries(["Observation", "Condition"], version: 2)))
            positions.insert(try world.head())
            try world.take(
                AttackMessages.bundle(
                    "s-6", "2018-02-11T08:10:00Z",
                    carrier.carriers(subject: "GP1", isCiting: world.isHeld, version: 2)))
        }
        // Before it is restricted it is there to be seen, in that world alone: else nothing here shows anything.
        // An auditor would find that look in the trail, as it was.
        if security == nil, user != AttackRegion.auditor {
            let open = [AttackProbe("Observation?patient.identifier=\(AttackRegion.patient)")]
            #expect(try await held.answers(to: open, as: user)[0].text.contains(AttackSecret.words))
            #expect(try await !never.answers(to: open, as: user)[0].text.contains(AttackSecret.words))
        }
        for world in [held, never] { try restrict(world, try #require(secrets[world.isHeld])) }
        try await AttackWorld.compare(
            held, never, Self.probes(of: try #require(secrets[true]), positions, types, as: user), as: user)
    }

    private static func probes(
        of secret: AttackSecret, _ positions: Set<UInt64>, _ types: [String], as user: String
    ) -> [AttackProbe] {
        let all = (AttackSecret.types + AttackSecret.cited).map { "\($0)/ZZG01.\(secret.id($0))" }
        return AttackProbes(
            types: AttackProbes.types(types),
            patient: "patient.identifier=\(AttackRegion.patient)", patients: ["ZZG01.GP1", "ZZH01.HP1"],
            references: all + ["Observation/ZZG01.\(secret.prefix)-gone"],
            positions: Set(positions.flatMap { [$0 - 1, $0] }).sorted(), user: user
        ).all
    }

    private func number(_ world: AttackWorld) -> String {
        world.isHeld ? AttackRegion.patient : AttackRegion.other
    }

    private func seal(_ world: AttackWorld, _ secret: AttackSecret, isLocked: Bool) throws {
        let items =
            AttackSecret.types.map { "\($0)/\(secret.id($0))" } + ["Observation/\(secret.prefix)-gone"]
        for (index, item) in items.enumerated() {
            try world.policy(
                """
                - sealApplied: {id: seal-\(index), patient: "\(number(world))", org: ZZG01, item: "\(item)", locked: \(isLocked), by: ZZG01, reason: asked}
                """)
        }
    }

    @Test func lockedSeal() async throws {
        try await items { try seal($0, $1, isLocked: true) }
    }

    /// Who may audit, and is kept out of it like others, learns of it neither from the trail nor by looking back.
    @Test func lockedSealFromAnAuditor() async throws {
        try await items(as: AttackRegion.auditor, types: ["Observation"]) {
            try seal($0, $1, isLocked: true)
        }
    }

    /// Who may open a seal is told of it in a view, and learns nothing over FHIR before they have.
    @Test func openSeal() async throws {
        try await items(as: "dr-rowan") { try seal($0, $1, isLocked: false) }
    }

    @Test func labelOfAnItem() async throws {
        try await items { world, secret in
            let items =
                AttackSecret.types.map { "\($0)/\(secret.id($0))" } + ["Observation/\(secret.prefix)-gone"]
            for item in items {
                try world.policy(
                    """
                    - itemLabelled: {patient: "\(number(world))", org: ZZG01, item: "\(item)", label: PSY, recordedBy: dr-brook}
                    """)
            }
        }
    }

    @Test func labelByCode() async throws { try await items(AttackRegion.label) { _, _ in } }

    @Test func exclusionSet() async throws { try await items(AttackRegion.excluded) { _, _ in } }
}
