import Seeded
import Testing
import Wire

@testable import CareRecord

@Suite struct PatientFactCodecTests {
    static func random(_ rng: inout SplitMix64) -> PatientFact {
        var fact = PatientFact(rng.pick(PatientFactKind.allCases))
        let texts: [WritableKeyPath<PatientFact, String?>] = [
            \.id, \.org, \.workgroup, \.user, \.item, \.label, \.by, \.caseReference, \.authority, \.evidence,
            \.reason, \.recordedBy,
        ]
        for path in texts where rng.chance(40) {
            fact[keyPath: path] = rng.pick(["a", "809", "naïve “é”", "x/y"])
        }
        if rng.chance(60) {
            fact.patient = rng.pick([.nhs(NHSNumber("9990000018")!), PatientReference("RBD:H 1")!])
        }
        if rng.chance(20) { fact.other = PatientReference("ZZ101:G7") }
        if rng.chance(20) { fact.relationship = rng.pick(RelationshipKind.allCases) }
        if rng.chance(20) { fact.permissionBasis = rng.pick(PermissionBasis.allCases) }
        if rng.chance(20) { fact.outcome = rng.pick(DirectiveOutcome.allCases) }
        if rng.chance(20) { fact.overrideKind = rng.pick(OverrideKind.allCases) }
        if rng.chance(20) { fact.organisations = ["809", "RBD"] }
        if rng.chance(20) { fact.categories = rng.pick([.all, CategorySet([.documents])]) }
        if rng.chance(20) { fact.date = CivilDate("2019-11-02") }
        if rng.chance(20) { fact.oldNumber = NHSNumber("9990000042") }
        if rng.chance(20) { fact.newNumber = NHSNumber("9990000050") }
        if rng.chance(40) {
            fact.from = Instant(
                microseconds: .random(in: -1_000_000_000_000...9_999_999_999_999_999, using: &rng))
        }
        if rng.chance(40) {
            fact.to = Instant(microseconds: .random(in: 0...9_999_999_999_999_999, using: &rng))
        }
        if rng.chance(20) { fact.duration = CalendarDuration(rng.pick(["P84D", "PT1H", "P1Y2M3DT4S"])) }
        if rng.chance(20) { fact.asserted = Instant(microseconds: Int64(rng.next() >> 12)) }
        if rng.chance(20) { fact.spends = Position(rng.next()) }
        (fact.once, fact.locked, fact.byFeed) = (rng.chance(30), rng.chance(30), rng.chance(30))
        return fact
    }

    @Test func `a fact comes back from its JSON and from its binary form`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var rng = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let fact = Self.random(&rng)
            #expect(try PatientFact(json: fact.json()) == fact, "seed \(seed)")
            #expect(try PatientFact(decoding: fact.encoded) == fact, "seed \(seed)")
        }
    }

    @Test func `a fact's JSON is sorted, sparse and as people write it`() throws {
        var fact = PatientFact(.permissionToView, patient: PatientReference("999 000 0018"))
        fact.user = "consultant-1"
        fact.permissionBasis = .asked
        fact.duration = CalendarDuration("P84D")
        fact.from = StoreCalendar.london.start(of: CivilDate("2018-07-01")!)
        #expect(
            String(decoding: try fact.json(), as: UTF8.self)
                == #"{"basis":"asked","fact":"permissionToView","for":"P84D","from":"2018-06-30T23:00:00Z","#
                + #""patient":"9990000018","user":"consultant-1"}"#)
    }

    @Test func `damaged binary facts are refused, never trapped on`() {
        let seed = UInt64.random(in: 0 ... .max)
        var rng = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let fact = Self.random(&rng)
            var bytes = fact.encoded
            bytes[Int.random(in: 0..<bytes.count, using: &rng)] ^= UInt8.random(in: 1...255, using: &rng)
            _ = try? PatientFact(decoding: bytes)
            #expect(throws: WireError.self, "seed \(seed)") {
                try PatientFact(decoding: fact.encoded.dropLast())
            }
        }
        #expect(throws: WireError.self) { try PatientFact(decoding: [1, 200, 0]) }
        #expect(throws: WireError.self) { try PatientFact(decoding: [2, 1, 0]) }
    }
}
