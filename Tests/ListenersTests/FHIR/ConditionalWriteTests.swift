import CareRecord
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Server
import Testing
import Wire

@testable import Listeners

/// Conditions inside transactions, conditional deletion, batches that read and write; and the receipts of what was refused.
@Suite struct ConditionalWriteTests {
    private func bundle(_ entries: [String], _ kind: String = "transaction") -> String {
        #"{"resourceType":"Bundle","type":"\#(kind)","entry":[\#(entries.joined(separator: ","))]}"#
    }

    private func specimen(_ value: String, patient: String = "H7731") -> String {
        #"{"fullUrl":"urn:uuid:11111111-2222-4333-8444-5555555555\#(value)","resource":{"resourceType":"Specimen","#
            + #""identifier":[{"system":"urn:lab","value":"\#(value)"}],"subject":{"reference":"Patient/\#(patient)"}},"#
            + #""request":{"method":"POST","url":"Specimen","ifNoneExist":"identifier=urn:lab%7C\#(value)"}}"#
    }

    private func result(_ id: String, of value: String) -> String {
        let body = WriteTests.observation(
            id, value: id,
            more: #","specimen":{"reference":"urn:uuid:11111111-2222-4333-8444-5555555555\#(value)"}"#)
        return #"{"resource":\#(body),"request":{"method":"PUT","url":"Observation/\#(id)"}}"#
    }

    private func locations(_ answer: TestResponse) -> [String?] {
        (answer.json["entry"] as? [[String: Any]] ?? []).map {
            ($0["response"] as? [String: Any])?["location"] as? String
        }
    }

    @Test func anEntryWhoseConditionFindsOneMakesNoneAndIsReferredTo() async throws {
        try await WriteTests.serving { client, served, feed in
            let first = try await client.send(
                .post, "", feed, bundle([specimen("01"), result("r1", of: "01")]))
            #expect(first.statuses == ["201", "201"], "\(first.text)")
            let second = try await client.send(
                .post, "", feed, bundle([specimen("01"), result("r2", of: "01")]))
            #expect(second.statuses == ["200", "201"], "\(second.text)")
            let (held, found) = (locations(first)[0], locations(second)[0])
            #expect(held == found && held != nil)
            // The second result is of the specimen that stands.
            let path = try #require(held?.split(separator: "/_history").first)
            let id = String(path[path.firstRange(of: "Specimen/")!.lowerBound...])
            let read = try await client.get("Observation/ZZH01.r2", served.token())
            #expect(read.status == .ok && read.text.contains(#""\#(id)""#), "\(read.text)")
            let all = try await client.get(
                "Specimen?patient.identifier=\(ServedStore.number)&identifier=urn:lab%7C01", served.token())
            #expect(all.matches.count == 1, "\(all.text)")
            // The same again is told the same, and makes nothing.
            let updates = try served.store.log.classHead(.sourceUpdate)
            for (sent, answer) in [("r1", first), ("r2", second)] {
                let again = try await client.send(
                    .post, "", feed, bundle([specimen("01"), result(sent, of: "01")]))
                #expect(again.statuses == answer.statuses, "\(sent): \(again.text)")
                #expect(locations(again) == locations(answer))
            }
            #expect(try served.store.log.classHead(.sourceUpdate) == updates)
            // All of it stands: there is nothing to take, and that is no fault.
            let none = try await client.send(.post, "", feed, bundle([specimen("01")]))
            #expect(none.status == .ok && none.statuses == ["200"], "\(none.text)")
            #expect(locations(none) == [held])
            #expect(try served.store.log.classHead(.sourceUpdate) == updates)
        }
    }

    @Test func anEntryWhoseConditionFindsSeveralRefusesAll() async throws {
        try await WriteTests.serving { client, served, feed in
            for id in ["s1", "s2"] {
                let body =
                    #"{"resourceType":"Specimen","id":"\#(id)","identifier":[{"system":"urn:lab","value":"02"}],"#
                    + #""subject":{"reference":"Patient/H7731"}}"#
                #expect(try await client.send(.put, "Specimen/\(id)", feed, body).status == .created)
            }
            let updates = try served.store.log.classHead(.sourceUpdate)
            let refused = try await client.send(
                .post, "", feed, bundle([specimen("02"), result("r3", of: "02")]))
            #expect(refused.status == .preconditionFailed, "\(refused.text)")
            #expect(refused.text.contains("multiple-matches"))
            let odd = specimen("03").replacing("identifier=urn:lab%7C03", with: "code=x")
            #expect(try await client.send(.post, "", feed, bundle([odd])).status == .badRequest)
            #expect(try served.store.log.classHead(.sourceUpdate) == updates)
        }
    }

    @Test func aConditionalDeletionTakesBackTheOneItFinds() async throws {
        try await WriteTests.serving { client, served, feed in
            let named = #","identifier":[{"system":"urn:lab","value":"D1"}]"#
            let condition = "Observation?patient=H7731&identifier=urn:lab%7CD1"
            #expect(try await client.send(.delete, condition, feed, nil).status == .noContent)
            for id in ["d1", "d2"] {
                _ = try await client.send(
                    .put, "Observation/\(id)", feed, WriteTests.observation(id, value: "1", more: named))
            }
            let many = try await client.send(.delete, condition, feed, nil)
            #expect(many.status == .preconditionFailed && many.text.contains("multiple-matches"))
            _ = try await client.send(.delete, "Observation/d1", feed, nil)
            let batch = try await client.send(
                .post, "", feed,
                bundle([#"{"request":{"method":"DELETE","url":"\#(condition)"}}"#], "batch"))
            #expect(batch.statuses == ["204"], "\(batch.text)")
            #expect(try await client.get("Observation/ZZH01.d2", served.token()).status == .gone)
            // What names no patient cannot be looked for.
            let nobody = try await client.send(
                .delete, "Observation?identifier=urn:lab%7CD1", feed, nil)
            #expect(nobody.status == .badRequest && nobody.text.contains("not-supported"), "\(nobody.text)")
            let anothers = try await client.send(
                .delete, "Observation?patient=ZZG01.G1&identifier=urn:lab%7CD1", feed, nil)
            #expect(anothers.status == .forbidden, "\(anothers.text)")
        }
    }

    @Test func whatIsRefusedHasItsReceipt() async throws {
        try await WriteTests.serving { client, served, feed in
            let body = WriteTests.observation("w", value: "1")
            _ = try await client.send(.put, "Observation/w", feed, body)
            let wrong:
                [(
                    status: Int, rule: String, method: HTTPRequest.Method, path: String,
                    more: [(String, String)]
                )] = [
                    (415, "bad-request", .put, "Observation/w", [("Content-Type", "text/plain")]),
                    (415, "bad-request", .put, "Observation/w", [("Content-Encoding", "gzip")]),
                    (409, "conflict", .post, "Observation", []),
                    (412, "conflict", .put, "Observation/w", [("If-Match", "W/\"1\"")]),
                    (412, "conflict", .put, "Observation/w", [("If-Match", "nonsense")]),
                    (400, "bad-request", .put, "Observation?code=x", []),
                ]
            for one in wrong {
                let before = try served.store.log.head.position
                let answer = try await client.send(
                    one.method, one.path, feed, body.replacing(#""1""#, with: #""2""#), one.more)
                #expect(answer.status.code == one.status, "\(one): \(answer.text)")
                let recorded = try served.accesses(after: before)
                #expect(recorded.map(\.receipt.rule) == [one.rule], "\(one)")
                #expect(recorded.first?.receipt.question == .write)
                #expect(answer.headers[FHIRAnswer.receipt] == recorded.first.map { "\($0.position.value)" })
            }
            // One of each status in a batch.
            let stale =
                #"{"resource":\#(body),"request":{"method":"PUT","url":"Observation/w","ifMatch":"W/\"1\""}}"#
            let before = try served.store.log.head.position
            let batch = try await client.send(.post, "", feed, bundle([stale, stale], "batch"))
            #expect(batch.statuses == ["412", "412"])
            #expect(try served.accesses(after: before).map(\.receipt.rule) == ["conflict"])
        }
    }

    @Test func aBatchThatReadsAndWritesIsAnsweredEntryByEntry() async throws {
        try await WriteTests.serving { client, served, feed in
            let read = #"{"request":{"method":"GET","url":"Observation/ZZH01.b1"}}"#
            let write =
                #"{"resource":\#(WriteTests.observation("b1", value: "1")),"request":{"method":"PUT","url":"Observation/b1"}}"#
            let before = try served.store.log.head.position
            let answer = try await client.send(.post, "", feed, bundle([read, write, read], "batch"))
            // A source sees nothing: that is what each read is told, and recorded.
            #expect(answer.status == .ok && answer.statuses == ["403", "201", "403"], "\(answer.text)")
            #expect(try served.accesses(after: before).count == 2)
        }
    }

    @Test func whatHasNoRouteIsAnsweredAsFHIRDoes() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            for (method, path, status, allowed) in [
                (HTTPRequest.Method.patch, "/Patient/x", 405, "GET, HEAD, PUT, DELETE"),
                (.put, "/metadata", 405, "GET, HEAD"), (.get, "", 405, "POST"),
                (.delete, "/Patient/x/_history/1", 405, "GET, HEAD"), (.get, "/a/b/c/d/e", 404, nil),
                (.post, "/a/b/c/d/e", 404, nil),
            ] as [(HTTPRequest.Method, String, Int, String?)] {
                let nobody = try await client.execute(uri: "/fhir" + path, method: method)
                #expect(nobody.status == .unauthorized, "\(method) \(path)")
                let before = try served.store.log.head.position
                let answer = try await client.execute(
                    uri: "/fhir" + path, method: method, headers: [.authorization: "Bearer \(token)"])
                #expect(answer.status.code == status, "\(method) \(path): \(answer.text)")
                #expect(answer.headers[.allow] == allowed)
                #expect(answer.json["resourceType"] as? String == "OperationOutcome")
                #expect(try served.accesses(after: before).count == 1)
            }
        }
    }

    @Test func aConditionThatATransactionCannotHaveRefusesAll() async throws {
        try await WriteTests.serving { client, served, feed in
            let body = WriteTests.observation("x1", value: "1")
            let first = try await client.send(.put, "Observation/x1", feed, body)
            #expect(first.status == .created)
            let updates = try served.store.log.classHead(.sourceUpdate)
            let open = try served.store.openQuarantine().count
            func entry(_ request: String) -> String { #"{"resource":\#(body),"request":{\#(request)}}"# }
            for (request, status) in [
                (#""method":"PUT","url":"Observation?identifier=urn:lab%7C1""#, 400),
                (#""method":"DELETE","url":"Observation?identifier=urn:lab%7C1""#, 400),
                (
                    #""method":"PUT","url":"https://record.example/fhir/Observation/x1","ifMatch":"W/\"1\"""#,
                    412
                ),
                (#""method":"PUT","url":"Observation/x1","ifMatch":"W/\"1-2\"""#, 412),
                (#""method":"POST","url":"Observation""#, 409),
            ] {
                let other = entry(request).replacing(#""valueString":"1""#, with: #""valueString":"2""#)
                let answer = try await client.send(.post, "", feed, bundle([other]))
                #expect(answer.status.code == status, "\(request): \(answer.text)")
            }
            #expect(try served.store.openQuarantine().count == open)
            #expect(try served.store.log.classHead(.sourceUpdate) == updates)
        }
    }

    @Test func aDeletionGoesByItsAddressWhateverStandsBesideIt() async throws {
        try await WriteTests.serving { client, served, feed in
            let body = WriteTests.observation("s1", value: "1")
            #expect(try await client.send(.put, "Observation/s1", feed, body).status == .created)
            let basic = try served.own.endpointToken(
                client: "lab-feed", scope: "system/Basic.cud", audience: ServedStore.audience)
            let decoy =
                #"{"resource":{"resourceType":"Basic"},"request":{"method":"DELETE","url":"Observation/s1"}}"#
            for url in ["Observation/s1", "https://record.example/fhir/Observation/s1"] {
                let sent = bundle([decoy.replacing("Observation/s1", with: url)])
                #expect(try await client.send(.post, "", basic, sent).status == .forbidden)
                let line = try await client.send(
                    .post, "", basic, sent, [("Content-Type", "application/fhir+ndjson")])
                #expect(line.statuses == ["403"], "\(line.text)")
            }
            let anothers = decoy.replacing(
                "Observation/s1", with: "https://x.example/fhir/Observation/ZZG01.s1")
            #expect(try await client.send(.post, "", feed, bundle([anothers])).status == .forbidden)
            #expect(try await client.get("Observation/ZZH01.s1", served.token()).status == .ok)
        }
    }

    @Test func refusalsOfOneRequestAreRecordedOnceForEachReason() async throws {
        try await WriteTests.serving { client, served, _ in
            let weak = try served.own.endpointToken(
                client: "lab-feed", scope: "system/Flag.c", audience: ServedStore.audience)
            let entries = (0..<50).map { number in
                #"{"resource":\#(WriteTests.observation("m\(number)", value: "1")),"request":{"method":"PUT","url":"Observation/m\#(number)"}}"#
            }
            let before = try served.store.log.head.position
            let answer = try await client.send(.post, "", weak, bundle(entries, "batch"))
            #expect(answer.statuses == Array(repeating: "403", count: 50), "\(answer.text)")
            #expect(try served.accesses(after: before).map(\.receipt.rule) == ["scope"])
            // Who may send nothing fills no quarantine.
            let reader = try served.own.endpointToken(
                client: "lab-feed", scope: "system/Observation.rs", audience: ServedStore.audience)
            let open = try served.store.openQuarantine().count
            #expect(try await client.send(.put, "Observation/x", reader, "{cut").status == .forbidden)
            #expect(try served.store.openQuarantine().count == open)
        }
    }

    @Test func aDocumentsBytesAreFoundChangedAndTakenBack() async throws {
        try await WriteTests.serving { client, served, feed in
            let document =
                #"{"resource":{"resourceType":"DocumentReference","id":"doc1","status":"current","subject":{"reference":"Patient/H7731"},"#
                + #""content":[{"attachment":{"contentType":"text/plain"}}]},"request":{"method":"PUT","url":"DocumentReference/doc1"}}"#
            func binary(_ data: String) -> String {
                #"{"resourceType":"Binary","id":"bin1","contentType":"text/plain","data":"\#(data)"}"#
            }
            let both = bundle([
                document, #"{"resource":\#(binary("QQ==")),"request":{"method":"PUT","url":"Binary/bin1"}}"#,
            ])
            #expect(try await client.send(.post, "", feed, both).statuses == ["201", "201"])
            let changed = try await client.send(.put, "Binary/bin1", feed, binary("Qg=="))
            #expect(changed.status == .ok, "\(changed.text)")
            let held = try served.store.record(
                RecordRequest(
                    patient: .subject(SubjectID(organisation: "ZZH01", localID: "H7731")),
                    asker: Asker(systemUser: "test")))
            let texts = held.answer.items.filter { $0.reference.hasPrefix("Binary/") }.map {
                String(decoding: $0.resource ?? [], as: UTF8.self)
            }
            #expect(texts.count == 1 && texts[0].contains("Qg=="), "\(texts)")
            #expect(try await client.send(.delete, "Binary/bin1", feed, nil).status == .noContent)
            let after = try served.store.record(
                RecordRequest(
                    patient: .subject(SubjectID(organisation: "ZZH01", localID: "H7731")),
                    asker: Asker(systemUser: "test")))
            #expect(!after.answer.items.contains { $0.reference.hasPrefix("Binary/") && $0.resource != nil })
            // Of what many patients' messages bring there is no one to delete: that is said.
            let shared = try await client.send(.delete, "Practitioner/p1", feed, nil)
            #expect(shared.status == .conflict && shared.text.contains("not-supported"), "\(shared.text)")
        }
    }
}
