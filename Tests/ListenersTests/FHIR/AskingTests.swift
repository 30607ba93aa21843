import Foundation
import Gzip
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Server
import Testing
import Wire

@testable import Listeners

/// The other ways to ask: in a batch, by HEAD, conditionally, compressed, in order, as of another time, for a patient by name.
@Suite struct AskingTests {
    private let number = ServedStore.number
    private var search: String { "Observation?patient.identifier=\(number)" }

    @Test func aBatchOfReadsIsAnsweredOneByOneEachWithAReceipt() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let tag = try #require(try await client.get("Observation/ZZH01.o-k", token).headers[.eTag])
                .replacing("\"", with: "\\\"")
            let urls = [
                #""method":"GET","url":"Observation/ZZH01.o-k""#,
                #""method":"GET","url":"\#(search)""#,
                #""method":"GET","url":"Observation/ZZH01.none""#,
                #""method":"GET","url":"Observation?patient=x&nope=1""#,
                #""method":"GET","url":"Observation/ZZH01.o-k","ifNoneMatch":"\#(tag)""#,
                #""method":"GET","url":"https://elsewhere.example/Patient/1""#,
            ]
            let entries = urls.map { "{\"request\":{\($0)}}" }.joined(separator: ",")
            let before = try served.store.log.head.position
            let answer = try await client.batch(
                #"{"resourceType":"Bundle","type":"batch","entry":[\#(entries)]}"#, token)
            #expect(
                answer.status == .ok && answer.json["type"] as? String == "batch-response", "\(answer.text)")
            let parts = answer.json["entry"] as? [[String: Any]] ?? []
            let responses = parts.compactMap { $0["response"] as? [String: Any] }
            #expect(
                responses.compactMap { ($0["status"] as? String)?.prefix(3) }
                    == ["200", "200", "404", "400", "304", "400"])
            let told = responses.compactMap {
                ($0["extension"] as? [[String: Any]])?.first?["valueString"] as? String
            }
            let recorded = try served.accesses(after: before).map { "\($0.position.value)" }
            #expect(told == recorded && told.count == urls.count)
            // What is answered in it is what is answered by itself.
            let alone = try await client.get("Observation/ZZH01.o-k", token)
            #expect(answer.text.contains(alone.text))
            #expect(parts[4]["resource"] == nil && parts[2]["resource"] == nil)
        }
    }

    @Test func headSaysWhatGetSaysButForTheBody() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            for path in [search, "Observation/ZZH01.o-k", "metadata", "Observation/ZZH01.none"] {
                let get = try await client.get(path, token)
                let before = try served.store.log.head.position
                let head = try await client.get(path, token, method: .head)
                #expect(head.status == get.status && head.body.readableBytes == 0, "\(path)")
                #expect(head.headers[.eTag] == get.headers[.eTag])
                #expect(head.headers[.contentType] == get.headers[.contentType])
                let receipts = try served.accesses(after: before).count
                #expect(receipts == (path == "metadata" ? 0 : 1), "\(path)")
            }
        }
    }

    @Test func aConditionalReadIsReceiptedAndTellsOnlyOfTheVersion() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let read = try await client.get("Observation/ZZH01.o-k", token)
            let modified = try #require(read.headers[.lastModified])
            for (header, value, status) in [
                ("If-None-Match", read.headers[.eTag] ?? "", 304), ("If-None-Match", "*", 304),
                ("If-None-Match", "W/\"1\"", 200), ("If-Modified-Since", modified, 304),
                ("If-Modified-Since", "Mon, 01 Jan 2018 00:00:00 GMT", 200),
                ("If-Modified-Since", "yesterday", 200),
            ] {
                let before = try served.store.log.head.position
                let answer = try await client.get("Observation/ZZH01.o-k", token, [(header, value)])
                #expect(answer.status.code == status, "\(header): \(value)")
                #expect(answer.text.isEmpty == (status == 304))
                #expect(try served.accesses(after: before).map(\.receipt.shown) == [1])
            }
            // What is not there is not unchanged.
            let none = try await client.get("Observation/ZZH01.none", token, [("If-None-Match", "*")])
            #expect(none.status == .notFound)
        }
    }

    @Test func gzipIsForThoseWhoAskAndTheReceiptIsOfThePlainBody() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let plain = try await client.get(search, token)
            #expect(plain.headers[.contentEncoding] == nil && plain.headers[.vary] == "Accept-Encoding")
            let coded = try await client.get(search, token, [("Accept-Encoding", "br, gzip;q=0.5")])
            #expect(coded.headers[.contentEncoding] == "gzip")
            #expect(coded.body.readableBytes < plain.body.readableBytes)
            #expect(try Self.unzipped(Array(buffer: coded.body)) == Array(buffer: plain.body))
            for value in ["gzip;q=0", "identity", "*;q=0"] {
                let answer = try await client.get(search, token, [("Accept-Encoding", value)])
                #expect(answer.headers[.contentEncoding] == nil, "\(value)")
            }
        }
    }

    /// The part that repeats the question is compressed by itself: a word that the record has costs as much there as one it has not.
    @Test func whatReflectsTheQuestionIsCompressedApart() throws {
        let secret = "margaret-hallett-4-capstan-row-swanmouth"
        func length(_ question: String) throws -> Int {
            try #require(
                Gzip.compressed([
                    Array("\(question)".utf8)[...],
                    Array(String(repeating: secret + " ", count: 9).utf8)[...],
                ])
            ).count
        }
        let other = String(secret.reversed())
        #expect(try length(secret) == length(other))
        let together = try #require(
            Gzip.compressed([Array((secret + String(repeating: secret + " ", count: 9)).utf8)[...]]))
        let apart = try #require(
            Gzip.compressed([Array((other + String(repeating: secret + " ", count: 9)).utf8)[...]]))
        #expect(together.count < apart.count)
    }

    @Test func aSearchByFormIsTheSearch() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let get = try await client.get(search + "&_sort=_id", token)
            let post = try await client.execute(
                uri: "/fhir/Observation/_search?_sort=_id", method: .post,
                headers: [
                    .authorization: "Bearer \(token)", .contentType: "application/x-www-form-urlencoded",
                ], body: ByteBuffer(string: "patient.identifier=\(number)"))
            #expect(post.status == .ok && post.matches == get.matches && !post.matches.isEmpty)
        }
    }

    @Test func sortingIsByWhatIsAskedEitherWay() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            for name in ["_id", "date", "_lastUpdated", "code"] {
                let up = try await client.get(search + "&_sort=\(name),_id", token)
                let down = try await client.get(search + "&_sort=-\(name),-_id", token)
                #expect(up.matches.count > 1 && up.matches == down.matches.reversed(), "\(name)")
            }
            let ids = try await client.get(search + "&_sort=_id", token).matches
            #expect(ids == ids.sorted())
        }
    }

    @Test func historyHoldsToItsPeriods() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let first = try await client.get("Observation/ZZH01.o-k", token)
            try served.store.setClock(to: Instant(rfc3339: "2018-02-07T12:00:00Z")!)
            let correction = IngestInput(
                name: "c.json", bytes: try ServedStore.sample("correction/corrected-potassium.json"),
                type: .fhir)
            _ = try served.store.ingest(source: "ZZH01", inputs: [correction])
            func versions(_ query: String) async throws -> Int {
                let answer = try await client.get("Observation/ZZH01.o-k/_history" + query, token)
                #expect(answer.status == .ok, "\(query): \(answer.text)")
                return (answer.json["entry"] as? [Any])?.count ?? 0
            }
            let recorded = try #require(
                ((first.json["meta"] as? [String: Any])?["lastUpdated"] as? String).flatMap {
                    Instant(rfc3339: $0)
                })
            let day = String(recorded.rfc3339.prefix(10))
            #expect(try await versions("") == 2)
            #expect(try await versions("?_since=2018-02-07") == 1)
            #expect(try await versions("?_since=2018-02-08") == 0)
            #expect(try await versions("?_at=\(day)") == 1)
            #expect(try await versions("?_at=2018-02-08") == 1)
            #expect(try await versions("?_at=2018-02") == 2 || !day.hasPrefix("2018-02"))
            #expect(try await versions("?_at=2017") == 0)
        }
    }

    @Test func anotherTimeIsForAuditors() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let early = try served.store.log.head.position
            try served.policy(
                Array(
                    """
                    - relationshipCreated: {id: g-1, patient: "\(number)", user: guardian-1, kind: referral, from: 2018-01-01}
                    - permissionToView: {patient: "\(number)", user: guardian-1, basis: asked, for: P84D}
                    """.utf8))
            let auditor = try served.development("guardian-1")
            let now = try await client.get(search, auditor)
            #expect(now.status == .ok, "\(now.text)")
            let then = try await client.get(search + "&_asof=%23\(early.value)", auditor)
            #expect(then.status == .forbidden, "\(then.text)")
            let clinician = try await client.get(search + "&_asof=2018-02-06", served.token())
            #expect(clinician.status == .forbidden)
        }
    }

    @Test func aPatientIsFoundByWhoTheyAreAndNoMoreIsSaid() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.development("dr-sedge")
            let query = "Patient?family=hallett&birthdate=1946-03-17&given=Margaret"
            let before = try served.store.log.head.position
            let found = try await client.get(query, token)
            #expect(found.status == .ok && found.json["total"] as? Int == 1, "\(found.text)")
            let patient =
                ((found.json["entry"] as? [[String: Any]])?.first?["resource"] as? [String: Any]) ?? [:]
            #expect(Set(patient.keys) == ["resourceType", "identifier", "name", "birthDate", "address"])
            #expect(found.text.contains(number) && !found.text.contains("Capstan"))
            let receipts = try served.accesses(after: before)
            #expect(receipts.map(\.receipt.question) == [.findPatient] && receipts[0].receipt.permitted)
            #expect(receipts[0].receipt.call?.client == OwnTokens.developmentClient)
            #expect(found.headers[FHIRAnswer.receipt] == "\(receipts[0].position.value)")
            // Nobody, and the shielded: one answer.
            let nobody = try await client.get(query.replacing("hallett", with: "nobodyx"), token)
            try served.policy(Array(#"- shieldSet: {patient: "\#(number)", reason: "asked"}"#.utf8))
            let hidden = try await client.get(query, token)
            #expect(nobody.json["total"] as? Int == 0 && hidden.json["total"] as? Int == 0)
            #expect(hidden.body.readableBytes == nobody.body.readableBytes)
            for wrong in [
                "family=Hallett", "family=Hal*&birthdate=1946-03-17&given=M",
                "family=Hallett&birthdate=1946&given=M",
            ] {
                #expect(try await client.get("Patient?" + wrong, token).status == .badRequest, "\(wrong)")
            }
            let scoped = try served.development("dr-sedge", scope: "user/Observation.rs")
            #expect(try await client.get(query, scoped).status == .forbidden)
        }
    }

    /// What names no patient is read where it is cited: in the record of the patient named, or the token's.
    @Test func whatIsCitedIsReadInAPatientsRecord() async throws {
        let served = try ServedStore()
        let message = """
            {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Practitioner","id":"p-1",\
            "name":[{"family":"Reed"}]},"request":{"method":"PUT","url":"Practitioner/p-1"}},{"resource":{"resourceType":\
            "Procedure","id":"pr-1","status":"completed","code":{"text":"Echo"},"subject":{"reference":"Patient/H7731"},\
            "performer":[{"actor":{"reference":"Practitioner/p-1"}}]},"request":{"method":"PUT","url":"Procedure/pr-1"}}]}
            """
        _ = try served.store.ingest(
            source: "ZZH01", inputs: [IngestInput(name: "p.json", bytes: Array(message.utf8), type: .fhir)])
        try await served.serving { client in
            let path = "Practitioner/ZZH01.p-1"
            let token = try served.token()
            #expect(try await client.get(path, token).status == .notFound)
            let named = try await client.get(path + "?patient.identifier=\(number)", token)
            #expect(named.status == .ok && named.text.contains("Reed"), "\(named.text)")
            let launched = try served.token {
                ($0["scope"], $0["patient"]) = ("patient/*.rs", ServedStore.number)
            }
            #expect(try await client.get(path, launched).status == .ok)
            let another = try served.token { ($0["scope"], $0["patient"]) = ("patient/*.rs", "9990000018") }
            // As any that is not there: a refusal would tell whom the resource is not about.
            #expect(try await client.get(path, another).status == .notFound)
        }
    }

    private static func unzipped(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "daybook-\(UUID().uuidString).gz"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(filePath: path))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let out = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(out)
    }
}

extension TestClientProtocol {
    func batch(_ body: String, _ token: String) async throws -> TestResponse {
        try await execute(
            uri: "/fhir", method: .post,
            headers: [.authorization: "Bearer \(token)", .contentType: "application/fhir+json"],
            body: ByteBuffer(string: body))
    }
}
