import Foundation
import Testing

@testable import Listeners

extension AttackTests {
    /// A patient whom the attacker may look at has a whole record at a practice, linked with the hospital's: in one world. In the other
    /// that record, its link, and what restricts it are somebody else's.
    private func record(
        region: Bool = false, restrict: (AttackWorld, _ number: String) throws -> Void = { _, _ in }
    ) async throws {
        var positions: Set<UInt64> = []
        let (held, never) = try AttackWorld.pair { world in
            let secret = AttackSecret(
                subject: world.isHeld ? "GP1" : "GQ1", prefix: world.isHeld ? "gs" : "gx")
            let number = world.isHeld ? AttackRegion.patient : AttackRegion.other
            let patient = AttackMessages.patient(
                secret.subject, number: number, family: world.isHeld ? "Hallett" : "Marl",
                given: world.isHeld ? "Margaret" : "Owen",
                birthDate: world.isHeld ? "1946-03-17" : "1971-08-09", street: AttackSecret.words,
                more: #","contact":[{"name":{"family":"\#(AttackSecret.words)"}}]"#)
            try world.take(
                AttackMessages.bundle(
                    "r-1", "2018-02-06T09:00:00Z", [patient] + secret.entries() + secret.citedEntries()))
            positions.formUnion([try world.head() - 1, try world.head()])
            try world.take(
                AttackMessages.bundle(
                    "r-2", "2018-02-07T09:00:00Z", secret.entries(["Observation"], version: 2)))
            positions.insert(try world.head())
        }
        let open = [AttackProbe("Observation?patient.identifier=\(AttackRegion.patient)")]
        #expect(
            try await held.answers(to: open, as: AttackRegion.nurse)[0].text.contains(AttackSecret.words))
        #expect(
            try await !never.answers(to: open, as: AttackRegion.nurse)[0].text.contains(
                AttackSecret.words))
        for world in [held, never] {
            if region {
                try world.setClock("2018-02-12T09:00:00Z")
                try world.region(AttackRegion.yaml(agreementEnds: true))
            }
            try restrict(world, world.isHeld ? AttackRegion.patient : AttackRegion.other)
        }
        let secret = AttackSecret(subject: "GP1")
        let probes = AttackProbes(
            types: AttackProbes.types(["Observation", "Condition"]),
            patient: "patient.identifier=\(AttackRegion.patient)", patients: ["ZZH01.HP1", "ZZG01.GP1"],
            references: (AttackSecret.types + AttackSecret.cited).map { "\($0)/ZZG01.\(secret.id($0))" }
                + ["Patient/ZZG01.GP1"], positions: positions.sorted())
        try await AttackWorld.compare(held, never, probes.all, as: AttackRegion.nurse)
    }

    @Test func dissent() async throws {
        try await record { try $0.policy(#"- dissentSet: {patient: "\#($1)", reason: asked}"#) }
    }

    @Test func directive() async throws {
        try await record {
            try $0.policy(
                #"- consentDirective: {id: d-1, patient: "\#($1)", outcome: deny, organisations: [ZZH01]}"#)
        }
    }

    @Test func objection() async throws {
        try await record { try $0.policy(#"- objectionReceived: {id: o-1, patient: "\#($1)"}"#) }
    }

    @Test func lapsedAgreement() async throws { try await record(region: true) }
}
