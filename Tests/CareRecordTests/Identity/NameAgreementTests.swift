import CareRecord
import Testing

@Suite struct NameAgreementTests {
    @Test(arguments: [
        ("Smith", "SMITH"), ("O'Brien", "OBrien"), ("Núñez", "Nunez"), ("Smith-Jones", "Smith Jones"),
    ])
    func caseDiacriticsAndPunctuationDoNotCount(_ pair: (String, String)) {
        #expect(NameAgreement.equal.holds(pair.0, pair.1))
        #expect(NameAgreement.similar.holds(pair.0, pair.1))
    }

    @Test(arguments: [("Rob", "Robert"), ("Smith", "Smyth"), ("Thomas", "Tomas"), ("Walker", "Walkers")])
    func similarAllowsAShorterFormAndOneLetter(_ pair: (String, String)) {
        #expect(NameAgreement.similar.holds(pair.0, pair.1))
        #expect(NameAgreement.similar.holds(pair.1, pair.0))
        #expect(!NameAgreement.equal.holds(pair.0, pair.1))
    }

    @Test(arguments: [
        ("Jon", "Jan"), ("Emma", "Anna"), ("Al", "Albert"), ("Harris", "Morris"), ("Smith", "Smitten!x"),
    ])
    func similarStopsThere(_ pair: (String, String)) {
        #expect(!NameAgreement.similar.holds(pair.0, pair.1))
        #expect(!NameAgreement.similar.holds(pair.1, pair.0))
    }

    @Test func anAbsentNameAgreesWithNothing() {
        #expect(!NameAgreement.similar.holds(nil, nil))
        #expect(!NameAgreement.equal.holds("", ""))
        #expect(!NameAgreement.similar.holds("--", "--"))
    }
}
