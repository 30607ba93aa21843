import CareRecord
import Testing

@testable import Server

/// What an authority's text, which is kept for good, may not hold.
@Suite struct NamedPersonTests {
    private func person(family: String, given: [String], id: String) throws -> NamedPerson {
        var assertion = PatientAssertion()
        (assertion.family, assertion.given) = (family, given)
        var person = NamedPerson()
        person.add(assertion)
        person.add(try #require(SubjectID("ZZ101:\(id)")))
        person.add(try #require(NHSNumber("9990000018")))
        return person
    }

    @Test(arguments: [
        "Request of Mrs O'Brien", "Request of Mrs O’Brien", "the obrien case", "OBRIEN v Trust",
        "Mr O Brien's letter",
        "letter of Mary", "letter of Mary Ann", "letter of MaryAnn", "Ann's wish", "for RX-12", "for rx12",
        "file RX 12/3",
        "the ＯＢＲＩＥＮ case", "number 999-000-0018", "O'Bríen",
    ]) func itNamesThePerson(_ text: String) throws {
        let person = try person(family: "O'Brien", given: ["Mary Ann"], id: "RX-12")
        #expect(person.given(away: text) != nil)
    }

    @Test(arguments: [
        ("Smith-Jones", "letter of Mrs Smith"), ("Smith-Jones", "letter of Mrs Jones"),
        ("Smith-Jones", "SmithJones"), ("Müller", "Frau Muller"), ("Muller", "Frau MÜLLER"),
        ("Ng", "Mr Ng's wish"),
        ("van der Berg", "Mr Berg"), ("van der Berg", "Mr Vanderberg"),
    ]) func howeverTheFamilyNameIsWritten(_ family: String, _ text: String) throws {
        #expect(try person(family: family, given: [], id: "H7").given(away: text) == "a name")
    }

    @Test(arguments: [
        "court order KB-2018-7", "UK GDPR article 17(1)(d)", "request of the patient of 3 March 2018",
        "order 12 of 2018",
    ]) func theGroundAloneIsTaken(_ text: String) throws {
        #expect(try person(family: "O'Brien", given: ["Mary Ann"], id: "RX-12").given(away: text) == nil)
        #expect(try person(family: "van der Berg", given: ["Jo"], id: "7a").given(away: text) == nil)
    }
}
