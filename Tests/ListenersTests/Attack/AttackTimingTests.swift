import Foundation
import HummingbirdTesting
import Testing

@testable import Listeners

extension AttackTests {
    /// How long an answer takes tells no more than what it says: what is sealed and what is not there, asked in turn. The bound is wide, so
    /// that only a gross difference breaks it on a busy machine; the work behind both is told in the threat model.
    @Test(arguments: [Duration.zero, FHIRErrorMiddleware.usualBeat]) func timing(beat: Duration) async throws
    {
        let world = try AttackWorld(isHeld: true)
        let secret = AttackSecret(subject: "GP1")
        let patient = AttackMessages.patient("GP1", number: AttackRegion.patient)
        try world.take(AttackMessages.bundle("t-1", "2018-02-06T09:00:00Z", [patient] + secret.entries()))
        try world.policy(
            #"- sealApplied: {id: s-1, patient: "\#(AttackRegion.patient)", org: ZZG01, item: "Observation/\#(secret.id("Observation"))", locked: true, by: ZZG01, reason: asked}"#
        )
        let token = try world.served.development(AttackRegion.nurse)
        let held = "Observation/ZZG01.\(secret.id("Observation"))"
        // As what is not there is asked for in the patient's record, so is what is withheld: one question, whoever's the id is.
        let asked = "?patient.identifier=\(AttackRegion.patient)"
        let times = Times()
        try await world.served.serving(beat: beat) { client in
            for _ in 0..<(beat == .zero ? 150 : 40) {
                for (name, path) in [
                    ("held", held + asked), ("never", "Observation/ZZG01.gs-none12345" + asked),
                ] {
                    let start = ContinuousClock.now
                    let answer = try await client.get(path, token)
                    await times.add(ContinuousClock.now - start, name)
                    #expect(answer.status == .notFound)
                }
            }
        }
        let (a, b) = (await times.median("held"), await times.median("never"))
        if beat == .zero {
            #expect(max(a, b) < min(a, b) * 2, "held \(a), never \(b)")
        } else {
            // At most a beat's edge lies between them.
            #expect(min(a, b) >= beat * 0.5 && max(a, b) - min(a, b) < beat * 1.5, "held \(a), never \(b)")
        }
    }

    private actor Times {
        private var all: [String: [Duration]] = [:]

        func add(_ duration: Duration, _ name: String) { all[name, default: []].append(duration) }

        func median(_ name: String) -> Duration {
            let sorted = (all[name] ?? []).sorted()
            return sorted[sorted.count / 2]
        }
    }
}
