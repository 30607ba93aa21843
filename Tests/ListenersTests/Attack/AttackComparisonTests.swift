import Testing

@testable import Listeners

/// The attack suite's own eyes: what differs in any part of an answer is found, and what differs between any two stores is not.
@Suite struct AttackComparisonTests {
    private static let answer = AttackAnswer(
        probe: "GET x", status: 200, headers: ["content-length: 9", "etag: W/\"7\""],
        body: Array(#"{"total":3}"#.utf8))

    @Test func aDifferenceInAnyPartIsFound() {
        func changed(_ change: (inout AttackAnswer) -> Void) -> [String] {
            var other = Self.answer
            change(&other)
            return AttackAnswer.differences([Self.answer], [other])
        }
        #expect(changed { _ in }.isEmpty)
        #expect(changed { $0.status = 404 }.count == 1)
        #expect(changed { $0.headers = ["content-length: 9", "etag: W/\"8\""] }.count == 1)
        #expect(changed { $0.headers = ["content-length: 10", "etag: W/\"7\""] }.count == 1)
        #expect(changed { $0.headers = ["content-length: 9"] }.count == 1)
        #expect(changed { $0.body = Array(#"{"total":4}"#.utf8) }.count == 1)
        #expect(changed { $0.body.append(32) }.count == 1)
        #expect(AttackAnswer.differences([Self.answer, Self.answer], [Self.answer]).count == 1)
    }

    @Test func onlyCommitmentsMayDiffer() {
        func provenance(_ commitment: String, _ position: Int) -> AttackAnswer {
            var out = Self.answer
            out.body = Array(
                #"{"system":"urn:daybook:commitment","value":"\#(commitment)","at":\#(position)}"#.utf8)
            return out
        }
        let (a, b) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
        #expect(AttackAnswer.differences([provenance(a, 1)], [provenance(b, 1)]).isEmpty)
        #expect(AttackAnswer.differences([provenance(a, 1)], [provenance(b, 2)]).count == 1)
    }

    @Test func wordsOfWhatIsWithheldAreFoundInHeadersAndBodies() {
        var told = Self.answer
        #expect(AttackAnswer.leaks(of: AttackSecret.markers, in: [told]).isEmpty)
        told.body = Array("…\(AttackSecret.words)…".utf8)
        #expect(AttackAnswer.leaks(of: AttackSecret.markers, in: [told]).count == 1)
        told = Self.answer
        told.headers.append("x: \(AttackSecret.encoded)")
        #expect(AttackAnswer.leaks(of: AttackSecret.markers, in: [told]).count == 1)
    }
}
