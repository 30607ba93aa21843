import Foundation
import HTTPTypes
import HummingbirdTesting
import Server
import Testing
import Wire

@testable import Listeners

/// Answers to writes that leave no event, and so need a receipt; `If-Match: *`; and what is no batch.
@Suite struct StandingWriteTests {
    private func bundle(_ entries: String, _ kind: String = "transaction") -> String {
        #"{"resourceType":"Bundle","type":"\#(kind)","entry":[\#(entries)]}"#
    }

    private func entry(_ id: String, _ value: String, more: String = "") -> String {
        #"{"resource":\#(WriteTests.observation(id, value: value)),"request":{"method":"PUT","url":"Observation/\#(id)"\#(more)}}"#
    }

    private static let named = #","identifier":[{"system":"urn:lab","value":"S1"}]"#

    @Test func whatFindsAllAsItAsksHasItsReceipt() async throws {
        try await WriteTests.serving { client, served, feed in
            let body = WriteTests.observation("s1", value: "1", more: Self.named)
            #expect(try await client.send(.put, "Observation/s1", feed, body).status == .created)
            let create =
                #"{"fullUrl":"urn:uuid:11111111-2222-4333-8444-555555555501","resource":\#(WriteTests.observation(nil, value: "1", more: Self.named)),"request":{"method":"POST","url":"Observation","ifNoneExist":"identifier=urn:lab%7CS1"}}"#
            let gone = #"{"request":{"method":"DELETE","url":"Observation/never"}}"#
            let asked: [(Int, HTTPRequest.Method, String, String?, [(String, String)])] = [
                (204, .delete, "Observation/never", nil, []),
                (204, .delete, "Observation?patient=H7731&identifier=urn:lab%7Cnone", nil, []),
                (
                    200, .post, "Observation", WriteTests.observation(nil, value: "1", more: Self.named),
                    [("If-None-Exist", "identifier=urn:lab%7CS1")]
                ),
                (200, .post, "", bundle(create), []),
                // One, however many of a batch there are.
                (200, .post, "", bundle([gone, create, gone].joined(separator: ","), "batch"), []),
            ]
            for (status, method, path, body, headers) in asked {
                let before = try served.store.log.head.position
                let answer = try await client.send(method, path, feed, body, headers)
                #expect(answer.status.code == status, "\(method) \(path): \(answer.text)")
                let left = try served.accesses(after: before)
                #expect(left.map(\.receipt.rule) == ["standing"], "\(method) \(path)")
                #expect(left.allSatisfy { $0.receipt.permitted && $0.receipt.question == .write })
                guard let receipt = left.first.map({ "\($0.position.value)" }) else { continue }
                #expect(
                    answer.headers[FHIRAnswer.receipt] == receipt
                        || answer.text.contains(#""valueString":"\#(receipt)""#), "\(answer.text)")
            }
        }
    }

    @Test func whatHoldsNothingIsNoBatch() async throws {
        try await WriteTests.serving { client, served, feed in
            let lines = [("Content-Type", "application/fhir+ndjson")]
            for (body, headers) in [
                (bundle("", "batch"), []), (#"{"resourceType":"Bundle","type":"batch"}"#, []), ("", lines),
                ("\n\n", lines),
            ] as [(String, [(String, String)])] {
                let before = try served.store.log.head.position
                let answer = try await client.send(.post, "", feed, body, headers)
                #expect(answer.status == .badRequest, "\(body): \(answer.text)")
                #expect(try served.accesses(after: before).map(\.receipt.rule) == ["bad-request"])
            }
            // Nor is it a transaction, and its receipt is in quarantine; no answer has an empty list.
            let none = try await client.send(.post, "", feed, bundle(""))
            #expect([400, 422].contains(none.status.code) && none.headers[FHIRAnswer.quarantine] != nil)
        }
    }

    @Test func anyVersionIsOneThatIsThere() async throws {
        try await WriteTests.serving { client, served, feed in
            let any = [("If-Match", "*")]
            func put(_ value: String) async throws -> Int {
                let body = WriteTests.observation("m1", value: value)
                return try await client.send(.put, "Observation/m1", feed, body, any).status.code
            }
            #expect(try await put("1") == 412)
            let first = WriteTests.observation("m1", value: "1")
            #expect(try await client.send(.put, "Observation/m1", feed, first).status == .created)
            #expect(try await put("2") == 200)
            let read = try await client.get("Observation/ZZH01.m1", served.token())
            #expect(read.text.contains(#""valueString":"2""#), "\(read.text)")
            let both = bundle(
                [
                    entry("m1", "3", more: #","ifMatch":"*""#), entry("m2", "1", more: #","ifMatch":"*""#),
                ].joined(separator: ","))
            let refused = try await client.send(.post, "", feed, both)
            #expect(refused.status == .preconditionFailed, "\(refused.text)")
            let one = try await client.send(
                .post, "", feed, bundle(entry("m1", "3", more: #","ifMatch":"*""#)))
            #expect(one.statuses == ["200"], "\(one.text)")
            #expect(try await client.send(.delete, "Observation/m9", feed, nil, any).status.code == 412)
            #expect(try await client.send(.delete, "Observation/m1", feed, nil, any).status == .noContent)
            // What was taken back is not there.
            #expect(try await put("4") == 412)
        }
    }
}
