import CareRecord
import Testing
import Wire

@Suite struct UpdateFactsTests {
    private static var facts: UpdateFacts {
        UpdateFacts(
            source: "ZZ101", isAboutPatient: true, asserts: true, asserted: Instant(microseconds: -5),
            numbers: [.init(high: 1, low: .max, verified: true)], claims: [7, .max])
    }

    @Test func decodesWhatItEncodes() throws {
        #expect(try UpdateFacts(decoding: Self.facts.encoded[...]) == Self.facts)
        var told = Self.facts
        told.words = [
            .init(about: .max, said: Instant(microseconds: -1)),
            .init(about: 2, said: Instant(microseconds: 3)),
        ]
        #expect(try UpdateFacts(decoding: told.encoded[...]) == told)
        // Words come after the rest, and cost nothing where there are none.
        #expect(Self.facts.encoded.first == 1 && told.encoded.first == 2)
        #expect(told.encoded.count == Self.facts.encoded.count + 1 + 32)
        #expect(told.encoded.dropFirst().starts(with: Self.facts.encoded.dropFirst()))
    }

    @Test func whatIsCutOrOfAnotherVersionIsRefused() {
        var told = Self.facts
        told.words = [.init(about: 1, said: Instant(microseconds: 3))]
        for count in 0..<told.encoded.count {
            #expect(throws: WireError.self) { try UpdateFacts(decoding: told.encoded.prefix(count)) }
        }
        #expect(throws: WireError.self) { try UpdateFacts(decoding: [3] + told.encoded.dropFirst()) }
    }
}
