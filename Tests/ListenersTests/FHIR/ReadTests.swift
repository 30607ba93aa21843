import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Wire

@testable import Listeners
@testable import Server

/// Reads through the real router: what is shown, under which version, and what is not.
@Suite struct ReadTests {
    private let number = ServedStore.number

    @Test func oneResourceHasAVersionAndAReceipt() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let read = try await client.get("Observation/ZZH01.o-k", token)
            let meta = try #require(read.json["meta"] as? [String: Any])
            let tag = try #require(read.headers[.eTag])
            #expect(read.status == .ok && tag == "W/\"\(meta["versionId"] ?? "")\"")
            #expect(read.headers[FHIRAnswer.receipt] != nil && read.headers[FHIRAnswer.position] != nil)
            let version = try await client.get(
                "Observation/ZZH01.o-k/_history/\(meta["versionId"] ?? "")", token)
            #expect(version.text == read.text)
            let unchanged = try await client.get("Observation/ZZH01.o-k", token, [("If-None-Match", tag)])
            #expect(unchanged.status == .notModified && unchanged.text.isEmpty)
            // Not there, not a version of it, and another type of the same id: one answer.
            for path in ["Observation/ZZH01.none", "Observation/ZZH01.o-k/_history/1", "Condition/ZZH01.o-k"]
            {
                #expect(try await client.get(path, token).status == .notFound, "\(path)")
            }
        }
    }

    @Test func everyPageIsAsOfTheFirst() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let whole = try await client.get("Observation?patient.identifier=\(number)&_sort=_id", token)
            var path = "Observation?patient.identifier=\(number)&_sort=_id&_count=1"
            var seen: [String] = []
            for page in 0..<whole.matches.count {
                let answer = try await client.get(path, token)
                #expect(answer.json["total"] as? Int == whole.matches.count)
                seen += answer.matches
                let links = answer.json["link"] as? [[String: String]] ?? []
                let next = links.first { $0["relation"] == "next" }?["url"]
                #expect((next == nil) == (page == whole.matches.count - 1))
                guard let next else { break }
                path = String(next[next.firstRange(of: "/fhir/")!.upperBound...]).replacing("|", with: "%7C")
                // What comes between two pages is on neither.
                if page == 0 { _ = try served.store.ingest(source: "ZZH01", inputs: [Self.late]) }
            }
            #expect(seen == whole.matches)
            // The link is its caller's, and asks no other question.
            let other = try await client.get(path, served.development("dr-rowan"))
            #expect(other.status == .badRequest, "\(other.text)")
            let changed = path.replacing("_count=1", with: "_count=2")
            #expect(try await client.get(changed, token).status == .badRequest)
            let more = try await client.get("Observation?patient.identifier=\(number)", token)
            #expect(more.matches.count == whole.matches.count + 1)
        }
    }

    private static let late = IngestInput(
        name: "late.json",
        bytes: Array(
            """
            {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","id":"o-late",\
            "status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"Late"},\
            "subject":{"reference":"Patient/H7731"}},"request":{"method":"PUT","url":"Observation/o-late"}}]}
            """.utf8), type: .fhir)

    @Test func whatIsNotTakenIsRefusedOrTold() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            for more in [
                "nope=1", "_has:Observation:patient:code=1", "patient.name=x", "code:below=1", "_sort=nope",
            ] {
                let path = "Observation?patient.identifier=\(number)&\(more)"
                #expect(try await client.get(path, token).status == .badRequest, "\(more)")
            }
            let lenient = try await client.get(
                "Observation?patient.identifier=\(number)&nope=1", token, [("Prefer", "handling=lenient")])
            #expect(lenient.status == .ok && lenient.text.contains("the parameter nope was not taken"))
            #expect(try await client.get("Observation?code=1", token).status == .badRequest)
        }
    }

    /// A sealed result: gone from everything that could tell of it, and so are the references to it.
    /// Of a shielded patient resources go by other ids than their own: by those alone they have a history.
    @Test func aShieldedPatientsHistoryGoesByTheIdsShown() async throws {
        let served = try ServedStore()
        try served.policy(Array("- shieldSet: {patient: \"\(number)\", reason: court order}\n".utf8))
        try await served.serving { client in
            let token = try served.token { $0["sub"] = "dr-rowan" }
            let search = try await client.get("Observation?patient.identifier=\(number)&_count=1", token)
            let entry = try #require((search.json["entry"] as? [[String: Any]])?.first)
            let id = try #require((entry["resource"] as? [String: Any])?["id"] as? String)
            #expect(!id.contains("ZZH01"))
            let path = "Observation/\(id)/_history?patient.identifier=\(number)"
            let history = try await client.get(path, token)
            #expect(history.status == .ok, "\(history.text)")
            #expect(history.text.contains(id) && !history.text.contains("ZZH01"), "\(history.text)")
            let all = try await client.get("Observation/_history?patient.identifier=\(number)", token)
            #expect(all.text.contains(id) && !all.text.contains("ZZH01"), "\(all.text)")
            let own = try await client.get(
                "Observation/ZZH01.o-k/_history?patient.identifier=\(number)", token)
            #expect(own.status == .notFound && !own.text.contains("o-k"), "\(own.text)")
        }
    }

    /// Who is kept out by name learns nothing by an id: it is answered as one that nobody knows.
    @Test func anExcludedUserCannotTellAKnownIDFromAnother() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token { $0["sub"] = "dr-rowan" }
            #expect(try await client.get("Patient/ZZH01.H7731/$everything", token).status == .ok)
            try served.policy(
                Array("- staffExcluded: {patient: \"\(number)\", user: dr-rowan, reason: relative}\n".utf8))
            for (known, unknown) in [
                ("Patient/ZZH01.H7731/$everything", "Patient/ZZH01.H7739/$everything"),
                ("Observation?patient=ZZH01.H7731", "Observation?patient=ZZH01.H7739"),
                ("Patient/ZZH01.H7731", "Patient/ZZH01.H7739"),
                ("Observation/ZZH01.o-k", "Observation/ZZH01.o-none"),
            ] {
                let (held, none) = (try await client.get(known, token), try await client.get(unknown, token))
                #expect(held.status == none.status && held.status.code >= 400, "\(held.text) \(none.text)")
                // But for the trace of the request.
                let trace = /[0-9a-f]{32}/
                #expect(held.text.replacing(trace, with: "") == none.text.replacing(trace, with: ""))
            }
        }
    }

    @Test func aSealedItemLeavesNoTrace() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token { $0["sub"] = "dr-rowan" }
            let before = try await client.get("Patient/ZZH01.H7731/$everything", token)
            #expect(before.text.contains("ZZH01.o-k\""))
            try served.policy(
                Array(
                    """
                    - sealApplied: {id: seal-9, patient: "\(number)", org: ZZH01, item: "Observation/o-k", locked: true, by: ZZG01, reason: "asked"}
                    """.utf8))
            let paths = [
                "Patient/ZZH01.H7731/$everything", "Observation?patient.identifier=\(number)",
                "Observation?patient.identifier=\(number)&_total=accurate&_summary=count",
                "Observation?patient.identifier=\(number)&_id=ZZH01.o-k",
                "Observation?patient.identifier=\(number)&code=2823-3",
                "Observation/_history?patient.identifier=\(number)",
                "DiagnosticReport?patient.identifier=\(number)&_include=*&_revinclude=*",
                "Observation?patient.identifier=\(number)&_elements=code&_sort=-date",
            ]
            for path in paths {
                let answer = try await client.get(path, token)
                #expect(answer.status == .ok, "\(path): \(answer.text)")
                #expect(!answer.text.replacing(path, with: "").contains("ZZH01.o-k\""), "\(path)")
                #expect(!answer.text.contains("6.80") && !answer.text.contains("Potassium ["), "\(path)")
            }
            for path in [
                "Observation/ZZH01.o-k", "Observation/ZZH01.o-k/_history",
                "Observation/ZZH01.o-k/_history/50",
            ] {
                let held = try await client.get(path, token)
                let none = try await client.get(path.replacing("o-k", with: "o-none"), token)
                #expect(held.status == .notFound && none.status == .notFound)
                #expect(held.json["issue"] != nil && held.body.readableBytes == none.body.readableBytes)
            }
        }
    }
}
