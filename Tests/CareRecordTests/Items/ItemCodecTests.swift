import CareRecord
import Testing
import Wire

@Suite struct ItemCodecTests {
    static let item = ItemMeta(
        operation: .upsert, type: "Patient", sourceID: "H100", daybookID: "RBD.H100", category: .demographics,
        asserted: Instant(microseconds: 1_517_477_400_000_000), effective: "2018-02", status: "final",
        codes: [Coding(system: "http://snomed.info/sct", code: "22298006"), Coding(system: "", code: "x")],
        references: ["Organization/RBD.o1"],
        splits: [
            ItemSplit(category: .gpPractice, start: 10, end: 40),
            ItemSplit(category: .nextOfKin, start: 40, end: 40),
        ])

    static let message = MessageMeta(
        source: "RBD", messageID: "urn:x|1", mediaType: "application/fhir+json", file: "a.ndjson", line: 3,
        asserted: Instant(microseconds: -1), subject: SubjectID(organisation: "RBD", localID: "H100"),
        isAboutPatient: true,
        patient: PatientAssertion(
            numbers: [.init(NHSNumber("9876543210")!, verified: true)], birthDate: "1950-02", family: "Ó Sé",
            given: ["Áine", ""], localIdentifiers: ["77"], deceased: "true",
            asserted: Instant(microseconds: 5)))

    @Test func itemMetaComesBack() throws {
        #expect(try ItemMeta(decoding: Self.item.encoded) == Self.item)
        let bare = ItemMeta(
            operation: .delete, type: "Flag", sourceID: "1", daybookID: "RBD.1", category: .alerts)
        #expect(try ItemMeta(decoding: bare.encoded) == bare)
    }

    @Test func messageMetaComesBack() throws {
        #expect(try MessageMeta(decoding: Self.message.encoded) == Self.message)
        var bare = Self.message
        (bare.file, bare.line, bare.patient, bare.asserted) = (nil, nil, nil, nil)
        #expect(try MessageMeta(decoding: bare.encoded) == bare)
    }

    @Test func truncatedMetaIsRefused() {
        let item = Self.item.encoded
        let message = Self.message.encoded
        for count in 0..<item.count {
            #expect(throws: WireError.self) { try ItemMeta(decoding: Array(item[..<count])) }
        }
        for count in 0..<message.count {
            #expect(throws: WireError.self) { try MessageMeta(decoding: Array(message[..<count])) }
        }
        #expect(throws: WireError.self) { try ItemMeta(decoding: item + [0]) }
        #expect(throws: WireError.self) { try MessageMeta(decoding: message + [0]) }
    }

    @Test func flippedBytesNeverTrap() {
        for bytes in [Self.item.encoded, Self.message.encoded] {
            for i in bytes.indices {
                for bit in 0..<8 {
                    var changed = bytes
                    changed[i] ^= 1 << bit
                    _ = try? ItemMeta(decoding: changed)
                    _ = try? MessageMeta(decoding: changed)
                }
            }
        }
    }

    @Test func categoriesHaveTheNamesOfTheFiles() {
        #expect(Category.named.count == 19)
        #expect(Set(Category.allCases.map(\.name)).count == 20)
        for category in Category.named { #expect(Category(name: category.name) == category) }
        #expect(Category(name: "gp-practice") == .gpPractice)
        #expect(Category(name: "cited") == nil)
        #expect(Category(name: "all") == nil)
    }
}
