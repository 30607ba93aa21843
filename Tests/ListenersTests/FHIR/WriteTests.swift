import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Server
import ServiceLifecycle
import Logging
import Testing
import Wire

@testable import Listeners

/// Writes through the real router, the real lane and a real store: answered once durable, alike when they come again, and readable under
/// the version that the answer names.
@Suite struct WriteTests {
    /// Runs the body against the router, with the lane that takes what is written.
    static func serving(
        _ body: @Sendable (any TestClientProtocol, ServedStore, _ feed: String) async throws -> Void
    ) async throws {
        let served = try ServedStore()
        let lane = IntakeLane(store: served.store)
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        let router = try served.application(lane: lane).router(served.own)
        let feed = try served.own.endpointToken(
            client: "lab-feed", scope: "system/*.cud", audience: ServedStore.audience)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await Application(router: router).test(.router) { try await body($0, served, feed) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    static func observation(_ id: String?, value: String, more: String = "") -> String {
        let member = id.map { #""id":"\#($0)","# } ?? ""
        return #"{"resourceType":"Observation",\#(member)"status":"final","#
            + #""category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"#
            + #""code":{"text":"Sodium"},"subject":{"reference":"Patient/H7731"},"valueString":"\#(value)"\#(more)}"#
    }

    @Test func whatIsCreatedCanBeReadUnderTheVersionThatTheAnswerNames() async throws {
        try await Self.serving { client, served, feed in
            let head = try served.store.log.head.position
            let first = try await client.send(
                .put, "Observation/na-1", feed, Self.observation("na-1", value: "140"))
            #expect(first.status == .created, "\(first.text)")
            let location = try #require(first.headers[.location])
            #expect(try served.store.log.head.position > head)
            let reader = try served.token()
            let path = String(location[location.firstRange(of: "/fhir/")!.upperBound...])
            let read = try await client.get(path, reader)
            #expect(read.status == .ok && read.text.contains("140") && read.text == first.text)
            let now = try await client.get("Observation/ZZH01.na-1", reader)
            #expect(now.headers[.eTag] == first.headers[.eTag])

            // The same again: the same answer, and no event.
            let taken = try served.store.log.classHead(.sourceUpdate)
            let again = try await client.send(
                .put, "Observation/na-1", feed, Self.observation("na-1", value: "140"))
            #expect(again.status == .created && again.headers[.location] == location)
            #expect(again.text == first.text)
            #expect(try served.store.log.classHead(.sourceUpdate) == taken)

            // By Daybook's id, as it was read: the same resource.
            let whole = now.text.replacing("140", with: "141")
            let second = try await client.send(.put, "Observation/ZZH01.na-1", feed, whole)
            #expect(second.status == .ok, "\(second.text)")
            let changed = try await client.get("Observation/ZZH01.na-1", reader)
            #expect(changed.text.contains("141") && changed.headers[.eTag] == second.headers[.eTag])
            #expect(changed.text.contains("Patient/ZZH01.H7731\""))

            // The first again, late: it takes nothing back, and says so.
            let late = try await client.send(
                .put, "Observation/na-1", feed, Self.observation("na-1", value: "140"))
            #expect(late.status == .conflict && late.text.contains("DUPLICATE_REJECTED"), "\(late.text)")
            #expect(late.headers[.eTag] == second.headers[.eTag])
        }
    }

    @Test func aVersionThatMustBeInForceIsCompared() async throws {
        try await Self.serving { client, served, feed in
            let one = try await client.send(
                .put, "Observation/v", feed, Self.observation("v", value: "1"))
            let tag = try #require(one.headers[.eTag])
            let stale = try await client.send(
                .put, "Observation/v", feed, Self.observation("v", value: "2"), [("If-Match", "W/\"1\"")])
            #expect(stale.status == .preconditionFailed, "\(stale.text)")
            for round in 0..<2 {
                let two = try await client.send(
                    .put, "Observation/v", feed, Self.observation("v", value: "2"), [("If-Match", tag)])
                #expect(two.status == .ok, "\(round): \(two.text)")
            }
            // What was so before can be said again, against the version that is in force.
            let now = try await client.get("Observation/ZZH01.v", served.token())
            let back = try await client.send(
                .put, "Observation/v", feed, Self.observation("v", value: "1"),
                [("If-Match", try #require(now.headers[.eTag]))])
            #expect(back.status == .ok)
            #expect(try await client.get("Observation/ZZH01.v", served.token()).text.contains("\"1\""))
            let none = try await client.send(
                .put, "Observation/none", feed, Self.observation("none", value: "2"), [("If-Match", tag)])
            #expect(none.status == .preconditionFailed)
        }
    }

    @Test func whatIsDeletedIsGoneAndAgain() async throws {
        try await Self.serving { client, served, feed in
            for round in 1...2 {
                _ = try await client.send(
                    .put, "Observation/d", feed, Self.observation("d", value: "\(round)"))
                let gone = try await client.send(.delete, "Observation/d", feed, nil)
                #expect(gone.status == .noContent, "\(gone.text)")
                #expect(try await client.get("Observation/ZZH01.d", served.token()).status == .gone)
                let head = try served.store.log.classHead(.sourceUpdate)
                #expect(try await client.send(.delete, "Observation/d", feed, nil).status == .noContent)
                #expect(try served.store.log.classHead(.sourceUpdate) == head)
            }
            #expect(try await client.send(.delete, "Observation/never", feed, nil).status == .noContent)
        }
    }

    @Test func aConditionalCreateMakesOneAndAConditionalUpdateFindsIt() async throws {
        try await Self.serving { client, served, feed in
            let named = #","identifier":[{"system":"urn:lab","value":"S1"}]"#
            let condition = ("If-None-Exist", "identifier=urn:lab|S1")
            let body = Self.observation(nil, value: "5", more: named)
            let first = try await client.send(.post, "Observation", feed, body, [condition])
            #expect(first.status == .created, "\(first.text)")
            let again = try await client.send(.post, "Observation", feed, body, [condition])
            #expect(again.status == .created && again.headers[.location] == first.headers[.location])
            let other = try await client.send(
                .post, "Observation", feed, Self.observation(nil, value: "6", more: named), [condition])
            #expect(other.status == .ok && other.headers[.location] == first.headers[.location])
            let update = try await client.send(
                .put, "Observation?identifier=urn:lab%7CS1", feed,
                Self.observation(nil, value: "7", more: named))
            #expect(update.status == .ok, "\(update.text)")
            let path = try #require(first.headers[.location]?.split(separator: "/_history").first)
            let id = String(path[path.firstRange(of: "/fhir/")!.upperBound...])
            #expect(try await client.get(id, served.token()).text.contains("\"7\""))
            // Two of that identifier: neither.
            _ = try await client.send(
                .put, "Observation/twin", feed, Self.observation("twin", value: "8", more: named))
            let many = try await client.send(
                .put, "Observation?identifier=urn:lab%7CS1", feed,
                Self.observation(nil, value: "9", more: named))
            #expect(many.status == .preconditionFailed && many.text.contains("multiple-matches"))
            let held = try await client.send(
                .post, "Observation", feed, Self.observation("twin", value: "10"))
            #expect(held.status == .conflict, "\(held.text)")
        }
    }

    @Test func aTransactionIsTakenWholeOrNotAtAll() async throws {
        try await Self.serving { client, served, feed in
            func bundle(_ kind: String, _ entries: [String]) -> String {
                #"{"resourceType":"Bundle","type":"\#(kind)","entry":[\#(entries.joined(separator: ","))]}"#
            }
            func put(_ id: String, _ body: String, more: String = "") -> String {
                #"{"resource":\#(body),"request":{"method":"PUT","url":"Observation/\#(id)"\#(more)}}"#
            }
            let good = put("t1", Self.observation("t1", value: "1"))
            let bad = put("t2", #"{"resourceType":"Observation","id":"other","status":"final"}"#)
            let refused = try await client.send(.post, "", feed, bundle("transaction", [good, bad]))
            #expect(refused.status == .unprocessableContent, "\(refused.text)")
            let id = try #require(refused.headers[FHIRAnswer.quarantine])
            #expect(
                try served.store.quarantined(id: id, asker: Asker(systemUser: "test")).bytes
                    == Array(bundle("transaction", [good, bad]).utf8))
            #expect(refused.text.contains("Bundle.entry[1]"))
            #expect(try await client.get("Observation/ZZH01.t1", served.token()).status == .notFound)

            let both = bundle("transaction", [good, put("t2", Self.observation("t2", value: "2"))])
            let taken = try await client.send(.post, "", feed, both)
            #expect(taken.status == .ok, "\(taken.text)")
            #expect(taken.statuses == ["201", "201"])
            // One event carries both.
            let tags = (taken.json["entry"] as? [[String: [String: String]]] ?? []).map {
                $0["response"]?["etag"]
            }
            #expect(tags.count == 2 && tags[0] == tags[1] && tags[0] != nil)
            let stale = put("t1", Self.observation("t1", value: "3"), more: #","ifMatch":"W/\"1\"""#)
            let third = put("t3", Self.observation("t3", value: "3"))
            let conflict = try await client.send(.post, "", feed, bundle("transaction", [third, stale]))
            #expect(conflict.status == .preconditionFailed)
            #expect(try await client.get("Observation/ZZH01.t3", served.token()).status == .notFound)

            // A batch takes each by itself.
            let some = try await client.send(.post, "", feed, bundle("batch", [third, bad, stale]))
            #expect(some.statuses == ["201", "422", "412"], "\(some.text)")
            // And so do lines.
            let lines = [
                Self.observation("n1", value: "1"), "{broken", "", Self.observation("n2", value: "2"),
            ]
            let answer = try await client.send(
                .post, "", feed, lines.joined(separator: "\n"), [("Content-Type", "application/fhir+ndjson")])
            #expect(answer.statuses == ["201", "400", "201"], "\(answer.text)")
        }
    }

    @Test func whatCannotBeReadIsKeptAndTheAnswerSaysWhere() async throws {
        try await Self.serving { client, served, feed in
            let cut = "{\"resourceType\":\"Observation\",\n\"id\":\"x\",\n\"status\":}"
            let first = try await client.send(.put, "Observation/x", feed, cut)
            #expect(first.status == .badRequest && first.text.contains("line 3"), "\(first.text)")
            let id = try #require(first.headers[FHIRAnswer.quarantine])
            #expect(
                try served.store.quarantined(id: id, asker: Asker(systemUser: "test")).bytes
                    == Array(cut.utf8))
            let again = try await client.send(.put, "Observation/x", feed, cut)
            #expect(again.headers[FHIRAnswer.quarantine] == id && again.status == first.status)
            let mismatch = try await client.send(
                .put, "Observation/x", feed, Self.observation("y", value: "1"))
            #expect(mismatch.status == .unprocessableContent && mismatch.text.contains("Observation.id"))
        }
    }

    /// Of a patient by number alone, which is not taken; unless that is no number of patients here.
    private static let byNumber =
        #"{"resourceType":"Flag","id":"f","status":"active","code":{"text":"x"},"subject":{"identifier":"#
        + #"{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990177015"}}}"#

    @Test func oneInQuarantineThatReadsWellByNowIsTakenWhenItComesAgain() async throws {
        try await Self.serving { client, served, feed in
            let kept = try await client.send(.put, "Flag/f", feed, Self.byNumber)
            #expect(kept.status == .unprocessableContent, "\(kept.text)")
            let id = try #require(kept.headers[FHIRAnswer.quarantine])
            try served.declare(numberSystem: "urn:numbers")
            let taken = try await client.send(.put, "Flag/f", feed, Self.byNumber)
            #expect(taken.status == .created, "\(taken.text)")
            #expect(try !served.store.openQuarantine().contains { $0.id == id })
            let updates = try served.store.log.classHead(.sourceUpdate)
            let again = try await client.send(.put, "Flag/f", feed, Self.byNumber)
            #expect(again.status == .created && again.text == taken.text, "\(again.text)")
            #expect(again.headers[.location] == taken.headers[.location] && taken.headers[.location] != nil)
            #expect(try served.store.log.classHead(.sourceUpdate) == updates)
        }
    }

    @Test func oneFromQuarantineIsComparedBeforeItIsTaken() async throws {
        try await Self.serving { client, served, feed in
            let match = ("If-Match", "W/\"1\"")
            let kept = try await client.send(.put, "Flag/f", feed, Self.byNumber, [match])
            #expect(kept.status == .unprocessableContent, "\(kept.text)")
            try served.declare(numberSystem: "urn:numbers")
            let stale = try await client.send(.put, "Flag/f", feed, Self.byNumber, [match])
            #expect(stale.status == .preconditionFailed, "\(stale.text)")
        }
    }

    @Test func anothersRecordIsRefusedAndRecorded() async throws {
        try await Self.serving { client, served, feed in
            let reader = try served.token()
            let weak = try served.own.endpointToken(
                client: "lab-feed", scope: "system/Observation.c", audience: ServedStore.audience)
            let body = Self.observation("w", value: "1")
            let wrong: [(String, String, String, String)] = [
                ("not-a-source", reader, "Observation/w", body),
                ("scope", weak, "Observation/w", body),
                (
                    "other-source", feed, "Observation/ZZG01.w",
                    body.replacing(#""id":"w""#, with: #""id":"ZZG01.w""#)
                ),
            ]
            for (rule, token, path, body) in wrong {
                let head = try served.store.log.head.position
                let updates = try served.store.log.classHead(.sourceUpdate)
                let answer = try await client.send(.put, path, token, body)
                #expect(answer.status == .forbidden, "\(rule): \(answer.text)")
                let receipts = try served.accesses(after: head).map(\.receipt)
                #expect(receipts.contains { $0.question == .write && !$0.permitted && $0.rule == rule })
                #expect(try served.store.log.classHead(.sourceUpdate) == updates)
            }
            let elsewhere = try await client.send(
                .put, "Observation/w", feed,
                body.replacing("Patient/H7731", with: "Patient/ZZG01.G1"))
            #expect(elsewhere.status == .unprocessableContent && elsewhere.text.contains("another source"))
            let form = try await client.send(
                .put, "Observation/w", feed, body, [("Content-Type", "text/plain")])
            #expect(form.status == .unsupportedMediaType)
        }
    }
}

extension TestClientProtocol {
    /// A request under /fhir with a body of FHIR JSON.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ token: String, _ body: String?,
        _ more: [(String, String)] = []
    ) async throws -> TestResponse {
        var headers: HTTPFields = [
            .authorization: "Bearer \(token)", .contentType: "application/fhir+json",
        ]
        for (name, value) in more { headers[HTTPField.Name(name)!] = value }
        return try await execute(
            uri: path.isEmpty ? "/fhir" : "/fhir/" + path, method: method, headers: headers,
            body: body.map { ByteBuffer(string: $0) })
    }
}

extension TestResponse {
    /// Codes of the entries of a response Bundle.
    var statuses: [String] {
        (json["entry"] as? [[String: Any]] ?? []).map { entry in
            let status = (entry["response"] as? [String: Any])?["status"] as? String ?? ""
            return String(status.prefix(3))
        }
    }
}
