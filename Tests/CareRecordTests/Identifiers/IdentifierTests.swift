import CareRecord
import Testing
import Wire

@Suite struct IdentifierTests {
    @Test(arguments: ["9876543210", "4000000632", "987-654-3210", "987 654 3210", "9990000018", "0000000000"])
    func validNumbersRead(_ text: String) throws {
        let number = try #require(NHSNumber(text))
        #expect(number.description == text.filter(\.isNumber))
        var out = ByteWriter()
        number.encode(into: &out)
        var reader = ByteReader(out.bytes)
        #expect(try NHSNumber(from: &reader) == number)
    }

    @Test(
        arguments: [
            "1234567890", "987654321", "98765432101", "", "987  6543210", "-9876543210", "9876543210 ",
            "98765432１0", "9876543211", "18446744073709551616",
        ])
    func otherTextIsNoNumber(_ text: String) { #expect(NHSNumber(text) == nil) }

    @Test func checkDigitTenIsInvalid() {
        // Against the rule of the data dictionary, digit by digit.
        for prefix in [UInt64(400_000_063), 123_456_789, 999_000_001, 100_000_000, 987_654_321] {
            let digits = String(prefix).compactMap(\.wholeNumberValue)
            let sum = zip(digits, stride(from: 10, through: 2, by: -1)).map { $0 * $1 }.reduce(0, +)
            let check = 11 - sum % 11
            for last in UInt64(0)...9 {
                let expected = check == 11 ? 0 : check
                #expect((NHSNumber(value: prefix * 10 + last) != nil) == (expected == Int(last)))
            }
        }
    }

    @Test func placeholdersAndTestNumbers() throws {
        for digit in 0...9 {
            #expect(try #require(NHSNumber(String(repeating: "\(digit)", count: 10))).isPlaceholder)
        }
        #expect(try !#require(NHSNumber("9876543210")).isPlaceholder)
        #expect(try #require(NHSNumber("9876543210")).isTest)
        #expect(try !#require(NHSNumber("4000000632")).isTest)
    }

    @Test func subjectsReadAndWrite() throws {
        let subject = try #require(SubjectID("RBD:H100"))
        #expect(subject == SubjectID(organisation: "RBD", localID: "H100"))
        #expect(subject.description == "RBD:H100")
        #expect(subject.canonicalBytes == Array("RBD".utf8) + [0] + Array("H100".utf8))
        #expect(SubjectID("RBD:Organization/a:b")?.localID == "Organization/a:b")
        for bad in [
            "", "RBD", "RBD:", ":x", "R D:x", "RBD:a\u{0}b", "RBD:" + String(repeating: "x", count: 257),
        ] {
            #expect(SubjectID(bad) == nil)
        }
    }
}
