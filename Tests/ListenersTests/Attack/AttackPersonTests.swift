import Foundation
import Testing

@testable import Listeners

extension AttackTests {
    /// A patient of whom the attacker must not learn that anybody knows them: in one world the practice sends them and their record, in the
    /// other somebody else. Facts about sharing name the same number in both, but for what restricts.
    ///
    /// - Parameters:
    ///   - facts: of the number, in both.
    ///   - restrict: of the practice's patient, by its own id.
    private func person(
        as user: String, facts: [String] = [], ask number: String? = AttackRegion.fresh[0],
        isNamed: Bool = false,
        restrict: (AttackWorld, _ subject: String, _ number: String) throws -> Void
    ) async throws {
        let numbers = AttackRegion.fresh
        var positions: Set<UInt64> = []
        let (held, never) = try AttackWorld.pair { world in
            for fact in facts { try world.policy(fact) }
            let subject = world.isHeld ? "GX1" : "GY1"
            let own = world.isHeld ? numbers[0] : numbers[1]
            let secret = AttackSecret(subject: subject, prefix: world.isHeld ? "gs" : "gz")
            let patient = AttackMessages.patient(
                subject, number: own, family: world.isHeld ? "Quillfeather" : "Ravenscroft",
                given: world.isHeld ? "Jemima" : "Isolde",
                birthDate: world.isHeld ? "1980-05-06" : "1981-07-08",
                street: AttackSecret.words)
            try world.take(
                AttackMessages.bundle(
                    "x-1", "2018-02-06T09:00:00Z", [patient] + secret.entries() + secret.citedEntries()))
            positions.formUnion([try world.head() - 1, try world.head()])
            try restrict(world, subject, own)
            positions.insert(try world.head())
        }
        let secret = AttackSecret(subject: "GX1")
        let probes = AttackProbes(
            types: AttackProbes.types(["Observation", "Condition"]),
            patient: number.map { "patient.identifier=\($0)" } ?? "patient=ZZG01.GX1",
            patients: ["ZZG01.GX1"],
            references: (AttackSecret.types + AttackSecret.cited).map { "\($0)/ZZG01.\(secret.id($0))" }
                + ["Patient/ZZG01.GX1"], positions: positions.sorted())
        var all = probes.all
        if let number { all.append(AttackProbe("Patient?identifier=\(number)")) }
        if isNamed {
            for more in ["given=Jemima", "gender=female", "address-postalcode=ZZ99%204AA"] {
                all.append(AttackProbe("Patient?family=Quillfeather&birthdate=1980-05-06&\(more)"))
            }
        }
        // Whom no role lets in is refused at sign-in, which past a hundred at once is told by its number alone.
        if user == AttackRegion.leaver {
            all = stride(from: 0, to: all.count, by: all.count / 80).map { all[$0] }
        }
        try await AttackWorld.compare(
            held, never, all, as: user,
            markers: AttackSecret.markers + [numbers[2], numbers[3]])
    }

    /// Without a relationship a shielded patient is nobody.
    @Test func shieldFromStrangers() async throws {
        try await person(as: AttackRegion.nurse, isNamed: true) { world, subject, _ in
            try world.policy(#"- shieldSet: {patient: {org: ZZG01, id: \#(subject)}, reason: asked}"#)
        }
    }

    /// With one, a shielded patient is seen by number, and by an id is nobody.
    @Test func shieldByIdentifiers() async throws {
        let fact =
            #"- relationshipCreated: {id: r-9, patient: "\#(AttackRegion.fresh[0])", org: ZZH01, kind: referral, from: 2018-01-08}"#
        try await person(as: AttackRegion.nurse, facts: [fact], ask: nil, isNamed: true) {
            world, subject, _ in
            try world.policy(#"- shieldSet: {patient: {org: ZZG01, id: \#(subject)}, reason: asked}"#)
        }
    }

    /// Whom they kept out by name learns no more than of somebody unknown, relationship or not.
    @Test(arguments: [true, false]) func staffExclusion(isRelated: Bool) async throws {
        let fact =
            #"- relationshipCreated: {id: r-9, patient: "\#(AttackRegion.fresh[0])", org: ZZH01, kind: referral, from: 2018-01-08}"#
        try await person(as: AttackRegion.nurse, facts: isRelated ? [fact] : [], isNamed: true) {
            world, subject, _ in
            try world.policy(
                #"- staffExcluded: {id: e-1, patient: {org: ZZG01, id: \#(subject)}, user: \#(AttackRegion.nurse), reason: relative}"#
            )
        }
    }

    /// A role that ended: relationships that still stand give nothing.
    @Test func endedRole() async throws {
        let fact =
            #"- relationshipCreated: {id: r-9, patient: "\#(AttackRegion.fresh[0])", org: ZZH01, kind: referral, from: 2018-01-08}"#
        try await person(as: AttackRegion.leaver, facts: [fact], isNamed: true) { world, subject, _ in
            try world.policy(
                #"- relationshipCreated: {id: r-8, patient: {org: ZZG01, id: \#(subject)}, user: \#(AttackRegion.leaver), kind: referral, from: 2018-01-08}"#
            )
        }
    }

    /// A replaced number leads nowhere: neither by a relationship that names it, nor by an id that was known with it.
    @Test(arguments: [true, false]) func replacedNumber(isByNumber: Bool) async throws {
        let numbers = AttackRegion.fresh
        // Of all of them something is known, so that naming one makes no key in one world alone.
        let facts =
            [
                #"- relationshipCreated: {id: r-9, patient: "\#(numbers[0])", org: ZZH01, kind: referral, from: 2018-01-08}"#
            ]
            + numbers.dropFirst().enumerated().map { index, number in
                #"- relationshipCreated: {id: q-\#(index), patient: "\#(number)", org: ZZC01, kind: referral, from: 2018-01-08}"#
            }
        try await person(
            as: AttackRegion.nurse, facts: facts, ask: isByNumber ? numbers[0] : nil
        ) { world, subject, number in
            let new = number == numbers[0] ? numbers[2] : numbers[3]
            try world.policy(
                #"- nhsNumberReplaced: {patient: {org: ZZG01, id: \#(subject)}, from: "\#(number)", to: "\#(new)", reason: protection}"#
            )
        }
    }

    /// Of a shielded patient whom they may see, where they are makes no difference to any answer: two worlds, two places.
    @Test func shieldedPlace() async throws {
        let number = AttackRegion.fresh[0]
        let (held, never) = try AttackWorld.pair { world in
            let place = world.isHeld ? AttackSecret.words : "KQWJRT-quiet-elsewhere"
            try world.policy(
                #"- relationshipCreated: {id: r-9, patient: "\#(number)", org: ZZH01, kind: referral, from: 2018-01-08}"#
            )
            let more =
                #","telecom":[{"system":"phone","value":"\#(place)"}],"managingOrganization":{"display":"\#(place)"},"contact":[{"address":{"line":["\#(place)"]}}],"generalPractitioner":[{"reference":"Organization/near","display":"\#(place)"}],"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">\#(place)</div>"}"#
            try world.take(
                AttackMessages.bundle(
                    "x-1", "2018-02-06T09:00:00Z",
                    [
                        AttackMessages.patient(
                            "GX1", number: number, family: "Quillfeather", given: "Jemima",
                            birthDate: "1980-05-06", street: place, more: more),
                        AttackMessages.put("Organization", "near", #""name":"\#(place)""#),
                        AttackMessages.put("Location", "ward", #""name":"\#(place)""#),
                        AttackMessages.put(
                            "Encounter", "x-enc",
                            #""status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/GX1"},"period":{"start":"2018-01-15"},"serviceProvider":{"reference":"Organization/near","display":"\#(place)"},"location":[{"location":{"reference":"Location/ward","display":"\#(place)"}}]"#
                        ),
                        AttackMessages.put(
                            "Observation", "x-obs",
                            AttackMessages.laboratory(
                                "718-7", subject: "GX1", on: "2018-01-12",
                                more:
                                    #","identifier":[{"system":"urn:\#(place)","value":"1"}],"performer":[{"reference":"Organization/near","display":"\#(place)"}]"#
                            )),
                    ]))
            try world.policy(#"- shieldSet: {patient: {org: ZZG01, id: GX1}, reason: asked}"#)
        }
        let probes = AttackProbes(
            types: AttackProbes.types(["Observation", "Condition"]),
            patient: "patient.identifier=\(number)", patients: ["ZZG01.GX1"],
            references: [
                "Encounter/ZZG01.x-enc", "Observation/ZZG01.x-obs", "Organization/ZZG01.near",
                "Location/ZZG01.ward", "Patient/ZZG01.GX1",
            ], positions: [try held.head() - 1])
        let open = try await held.answers(
            to: [AttackProbe("Observation?patient.identifier=\(number)")], as: AttackRegion.nurse)
        _ = try await never.answers(
            to: [AttackProbe("Observation?patient.identifier=\(number)")], as: AttackRegion.nurse)
        #expect(open[0].text.contains("718-7") && !open[0].text.contains("ZZG01"))
        try await AttackWorld.compare(
            held, never, probes.all, as: AttackRegion.nurse,
            markers: AttackSecret.markers)
    }
}
