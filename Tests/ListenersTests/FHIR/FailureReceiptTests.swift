import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Wire

@testable import Listeners

/// Every answer to a caller who was let in has a receipt: also one that shows nothing.
@Suite struct FailureReceiptTests {
    static let number = ServedStore.number

    /// What is asked, the status, and what the receipt says.
    static let asked: [(String, Int, String)] = [
        ("Observation?patient.identifier=\(number)&nope=1", 400, "bad-request"),
        ("Observation?code=1", 400, "bad-request"),
        ("Observation?patient.identifier=1234567890", 400, "bad-request"),
        ("Observation?patient.identifier=\(number)&date=soon", 400, "bad-request"),
        ("Observation?patient.identifier=\(number)&_format=xml", 406, "bad-request"),
        ("Observation?patient.identifier=\(number)&_page=1.2.3.x", 400, "bad-request"),
        ("Observation/_history", 400, "bad-request"),
        ("observation?patient.identifier=\(number)", 404, "not-found"),
        ("Observation/a%20b", 404, "not-found"),
        ("Observation/ZZH01.none", 404, "not-found"),
        ("Observation/ZZH01.o-k/_history/none", 404, "not-found"),
        ("Condition/ZZH01.H7731/$everything", 404, "not-found"),
        ("Patient/ZZH01.nobody/$everything", 403, "relationship"),
        ("Observation?patient.identifier=\(number)&_asof=2018-02-01", 403, "view-audit"),
    ]

    @Test func everyRefusalAndFailureLeavesOneReceipt() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            for method in [HTTPRequest.Method.get, .head] {
                for (path, status, rule) in Self.asked {
                    let before = try served.store.log.head.position
                    let answer = try await client.get(path, token, method: method)
                    #expect(answer.status.code == status, "\(path): \(answer.text)")
                    let receipts = try served.accesses(after: before)
                    #expect(receipts.map(\.receipt.rule) == [rule], "\(path)")
                    #expect(receipts.allSatisfy { !$0.receipt.permitted && $0.receipt.shown == 0 })
                    #expect(
                        answer.headers[FHIRAnswer.receipt] == receipts.first.map { "\($0.position.value)" },
                        "\(path)")
                    #expect(answer.headers[FHIRAnswer.position] != nil, "\(path)")
                }
            }
        }
    }

    @Test func soDoHeadersAndFormsThatAreNone() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let path = "Condition?patient.identifier=\(Self.number)"
            for (name, value, rule) in [
                ("Daybook-Purpose", "Not A Word", "purpose"), ("Daybook-Client-Sequence", "x", "sequence"),
            ] {
                let before = try served.store.log.head.position
                let answer = try await client.get(path, token, [(name, value)])
                #expect(answer.status == .badRequest)
                #expect(try served.accesses(after: before).map(\.receipt.rule) == [rule])
            }
            let before = try served.store.log.head.position
            let form = try await client.execute(
                uri: "/fhir/Condition/_search", method: .post,
                headers: [.authorization: "Bearer \(token)", .contentType: "text/plain"],
                body: ByteBuffer(string: "patient=x"))
            #expect(form.status == .unsupportedMediaType)
            #expect(try served.accesses(after: before).map(\.receipt.rule) == ["bad-request"])
        }
    }
}
