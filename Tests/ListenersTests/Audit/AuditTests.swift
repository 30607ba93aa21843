import CareRecord
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Server
import Testing
import Wire

@testable import Listeners

/// An auditor's questions over HTTP: the command's answers, each with its receipt.
@Suite struct AuditTests {
    private static let number = ServedStore.number
    private static let sight = "as=dr-rowan&patient=\(number)"
    /// A privacy officer of the hospital alone, and one of the surgery.
    private static let officers = """
          - {id: privacy-h, name: Hospital Privacy, roles: [{org: ZZH01, code: R0001, from: 2017-10-01}]}
          - {id: privacy-g, name: Surgery Privacy, roles: [{org: ZZG01, code: R0001, from: 2017-10-01}]}

        """

    /// An answer without its receipt: every asking has another.
    private func bare(_ body: String) throws -> String {
        let place = try #require(body.firstRange(of: #","receipt":{"position""#))
        return String(body[..<place.lowerBound])
    }

    private func asker(_ user: String) -> Asker { Asker(systemUser: "test", user: user) }

    private func openCase(_ served: ServedStore, _ id: String, for period: String, of number: String = number)
        throws
    {
        try served.policy(
            Array(
                "- caseOpened: {id: \(id), patient: \"\(number)\", reason: complaint, authority: guardian-1, for: \(period)}"
                    .utf8))
    }

    @Test func sightIsToldAsTheCommandTellsItAndIsSimulated() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.development("privacy-1")
            let point = try served.store.log.head.position
            let at = When.position(point)
            let when = "%23\(point.value)"
            let request = ViewRequest(
                user: "dr-rowan", patient: PatientReference(Self.number)!, at: at, asker: asker("privacy-1"))
            let asked: [(String, ReceiptedAnswer)] = [
                ("view?\(Self.sight)&at=\(when)", try served.store.view(request)),
                ("explain?\(Self.sight)&at=\(when)", try served.store.explain(request)),
                (
                    "explain?\(Self.sight)&at=\(when)&item=Observation/ZZH01.o-k",
                    try served.store.explain(request, item: "Observation/ZZH01.o-k")
                ),
                (
                    "diff?\(Self.sight)&from=2018-01-08T09:30:00Z&to=\(when)",
                    try served.store.diff(
                        request, from: .instant(Instant(rfc3339: "2018-01-08T09:30:00Z")!), to: at)
                ),
            ]
            for (path, expected) in asked {
                let before = try served.store.log.head.position
                let answer = try await client.plain(
                    "/audit/\(path)", token, [("Daybook-Client-Sequence", "17")])
                #expect(answer.status == .ok, "\(path): \(answer.text)")
                #expect(
                    try bare(answer.text) == bare(String(decoding: expected.json, as: UTF8.self)), "\(path)")
                #expect(answer.headers[.cacheControl] == "no-store")
                #expect(answer.headers[FHIRAnswer.position] == "\(point.value)", "\(path)")
                let left = try served.accesses(after: before)
                try #require(left.count == 1)
                #expect(answer.headers[FHIRAnswer.receipt] == "\(left[0].position.value)")
                let receipt = left[0].receipt
                #expect(receipt.kind == .simulated && receipt.viewer?.user == "dr-rowan")
                #expect(receipt.operatorUser == "privacy-1" && receipt.permitted)
                #expect(receipt.call?.client == OwnTokens.developmentClient && receipt.call?.sequence == "17")
                #expect(left[0].detail?.patient == Self.number)
            }
        }
    }

    @Test func contentTakesAnOpenCase() async throws {
        let served = try ServedStore()
        try openCase(served, "C-1", for: "P30D")
        try openCase(served, "C-2", for: "PT1H")
        try openCase(served, "C-3", for: "P30D", of: "9990000018")
        try await served.serving { client in
            let token = try served.development("privacy-1")
            let view = "/audit/view?\(Self.sight)&at=%23HEAD"
            let bareView = try await client.plain(view, token)
            #expect(bareView.status == .ok && !bareView.text.contains("o-k"), "\(bareView.text)")
            #expect(!bareView.text.contains(#""resource""#) && bareView.text.contains("blood-tests"))
            let whole = try await client.plain(view + "&case=C-1", token)
            #expect(whole.text.contains(#""resource":{"resourceType":"Observation""#), "\(whole.text)")
            let before = try served.store.log.head.position
            let record = try await client.plain(
                "/audit/record?patient=\(Self.number)&case=C-1", token)
            #expect(record.status == .ok && record.text.contains("CarePlan/ZZG01.p-advance"))
            let left = try #require(try served.accesses(after: before).first)
            #expect(left.receipt.caseID == "C-1" && left.receipt.question == .record)
            let same = try served.store.record(
                RecordRequest(
                    patient: PatientReference(Self.number)!, at: .position(before), caseReference: "C-1",
                    asker: asker("privacy-1")))
            let again = try await client.plain(
                "/audit/record?patient=\(Self.number)&case=C-1&at=%23\(before.value)", token)
            #expect(try bare(again.text) == bare(String(decoding: same.json, as: UTF8.self)))
            // Over in an hour; of another patient; there never was one; none.
            try served.store.setClock(to: Instant(rfc3339: "2018-01-29T20:00:00Z")!)
            let patient = "/audit/record?patient=\(Self.number)"
            for path in [
                view + "&case=C-2", view + "&case=C-3", view + "&case=C-9", patient + "&case=C-2", patient,
            ] {
                let before = try served.store.log.head.position
                let refused = try await client.plain(path, token)
                #expect(refused.status == .forbidden && refused.json["rule"] as? String == "case", "\(path)")
                #expect(!refused.text.contains("o-k"))
                let receipts = try served.accesses(after: before)
                #expect(receipts.map(\.receipt.rule) == ["case"] && !receipts[0].receipt.permitted, "\(path)")
                #expect(receipts[0].receipt.viewer?.user == "privacy-1" && receipts[0].receipt.shown == 0)
                #expect(receipts[0].detail?.patient == Self.number)
            }
            // A case about somebody of whom nothing is held.
            let nobody = try await client.plain("/audit/record?patient=9990000018&case=C-3", token)
            #expect(nobody.status == .notFound && nobody.text.contains(#""items":[]"#), "\(nobody.text)")
        }
    }

    @Test func theActivityDecides() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let sedge = try served.development("dr-sedge")
            let asked = [
                ("view?\(Self.sight)&at=%23HEAD", "view-audit"), ("access", "view-audit"),
                ("explain?\(Self.sight)&at=%23HEAD", "explain"), ("access/3", "view-audit"),
                ("diff?\(Self.sight)&from=2018-01-01&to=%23HEAD", "explain"),
                ("record?patient=\(Self.number)", "view-audit"),
                ("access?patient=\(Self.number)&user=dr-rowan", "view-audit"),
            ]
            for (path, rule) in asked {
                let before = try served.store.log.head.position
                let refused = try await client.plain("/audit/\(path)", sedge)
                #expect(refused.status == .forbidden, "\(path): \(refused.text)")
                let receipts = try served.accesses(after: before).map(\.receipt)
                #expect(receipts.map(\.rule) == [rule], "\(path)")
                #expect(receipts.allSatisfy { !$0.permitted && $0.viewer?.user == "dr-sedge" })
                #expect(refused.headers[.contentType] == "application/problem+json")
            }
            // Nobody, and an app that acts as nobody, may ask.
            let scope = "system/*.cud"
            for (token, status, rule) in [
                (nil, 401, "no-token"), (try served.system("lab-feed", scope: scope), 403, "scope"),
                (try served.development("privacy-1", scope: "user/Observation.rs"), 403, "scope"),
            ] {
                let before = try served.store.log.head.position
                let refused = try await client.plain("/audit/access", token)
                #expect(refused.status.code == status, "\(refused.text)")
                #expect(try served.accesses(after: before).map(\.receipt.rule) == [rule])
            }
            // Content takes a token for all of it.
            let narrow = try served.development("privacy-1", scope: "user/AuditEvent.rs")
            let view = "/audit/view?\(Self.sight)&at=%23HEAD"
            #expect(try await client.plain(view, narrow).status == .ok)
            #expect(
                try await client.plain(view + "&case=C-1", narrow).json["detail"] as? String
                    == "the token's scopes do not reach that")
        }
    }

    @Test func anOfficerSeesTheirOwnOrganisationsUsersAndItems() async throws {
        let served = try ServedStore(users: Self.officers)
        try await served.serving { client in
            func ask(_ user: String, _ path: String) async throws -> TestResponse {
                try await client.plain("/audit/\(path)", served.development(user))
            }
            _ = try await client.get("Observation/ZZH01.o-k", served.token())
            let hospitals = try served.store.log.head.position
            _ = try await client.get("Condition/ZZG01.none", served.development("dr-brook"))
            let surgerys = try served.store.log.head.position
            func items(_ response: TestResponse) -> [UInt64] {
                (response.json["items"] as? [[String: Any]] ?? []).compactMap { $0["position"] as? UInt64 }
            }
            let hospital = items(try await ask("privacy-h", "access"))
            #expect(hospital.contains(hospitals.value) && !hospital.contains(surgerys.value))
            let surgery = items(try await ask("privacy-g", "access"))
            #expect(!surgery.contains(hospitals.value) && surgery.contains(surgerys.value))
            #expect(try await ask("privacy-h", "access/\(hospitals.value)").status == .ok)
            // One receipt of another's, and none at all: one answer.
            func told(_ response: TestResponse) -> String {
                "\(response.status) \(response.json["detail"] ?? "")"
            }
            let others = try await ask("privacy-g", "access/\(hospitals.value)")
            let none = try await ask("privacy-g", "access/2")
            #expect(others.status == .notFound && told(others) == told(none), "\(told(others)) \(told(none))")
            // Of another organisation's user, what concerns the own organisation's items.
            let view = try await ask("privacy-g", "view?\(Self.sight)&at=%23HEAD")
            let sources = Set(
                (view.json["items"] as? [[String: Any]] ?? []).compactMap { $0["source"] as? String })
            #expect(sources == ["ZZG01"], "\(view.text)")
        }
    }

    @Test func theTrailIsTheCommandsAndPaged() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            for _ in 0..<5 { _ = try await client.get("Observation/ZZH01.o-k", served.token()) }
            _ = try await client.get("Observation/ZZH01.o-k", served.development("dr-sedge"))
            let token = try served.development("privacy-1")
            let scope =
                "patient=\(Self.number)&user=dr-rowan&from=2018-01-29&to=%23\(try served.store.log.head.position.value)"
            let one = try await client.plain("/audit/access?\(scope)", token)
            let request = TrailRequest(
                patient: PatientReference(Self.number)!, user: "dr-rowan", from: When("2018-01-29"),
                to: .position(try served.store.log.head.position), asker: asker("privacy-1"))
            let found = try served.store.accesses(request)
            #expect(found.count == 5 && one.text == String(decoding: Access.json(found), as: UTF8.self))
            #expect(one.headers[FHIRAnswer.receipt] != nil && one.headers[FHIRAnswer.position] != nil)
            let shown = try await client.plain("/audit/access/\(found[0].position.value)", token)
            let access = try served.store.access(at: found[0].position, asker: asker("privacy-1"))
            #expect(shown.text == String(decoding: access.json, as: UTF8.self))
            let reading = try served.accesses(after: .start).first {
                "\($0.position.value)" == shown.headers[FHIRAnswer.receipt]
            }
            #expect(reading?.receipt.question == .trail && reading?.receipt.viewer?.user == "privacy-1")
            var (path, pages, seen) = ("\(scope)&count=2", 0, [Int]())
            while pages < 10 {
                let page = try await client.plain("/audit/access?\(path)", token)
                #expect(page.status == .ok, "\(page.text)")
                let items = page.json["items"] as? [[String: Any]] ?? []
                #expect(items.count <= 2)
                seen += items.compactMap { $0["position"] as? Int }
                pages += 1
                guard let next = page.json["next"] as? Int else { break }
                path = "\(scope)&count=2&after=\(next)"
            }
            #expect(pages == 3 && seen == found.map { Int($0.position.value) })
        }
    }

    /// What is asked, and the status: each leaves one receipt, of its question.
    static let wrong: [(String, Int, String, String)] = [
        ("view?\(sight)&at=%23HEAD&nope=1", 400, "view", "nope"),
        ("view?\(sight)", 400, "view", "at is needed"),
        ("view?as=dr-rowan&at=%23HEAD", 400, "view", "patient"),
        ("view?\(sight)&at=%23HEAD&at=%23HEAD", 400, "view", "twice"),
        ("view?\(sight)&at=soon", 400, "view", "at"),
        ("view?as=dr-rowan&patient=1234567890&at=%23HEAD", 400, "view", "patient"),
        ("view?as=&patient=\(number)&at=%23HEAD", 400, "view", "as"),
        ("view?\(sight)&at=%23999999", 400, "view", "past the newest"),
        ("view?\(sight)&at=%232&known-at=%231", 400, "view", "known"),
        ("view?\(sight)&at=%ff", 400, "view", "percent"),
        ("diff?\(sight)&from=2018-02-01&to=2018-01-01", 400, "diff", "from"),
        ("explain?\(sight)&at=%23HEAD&from=2018-01-01", 400, "explain", "from"),
        ("record?at=%23HEAD", 400, "record", "patient"), ("access?count=0", 400, "trail", "count"),
        ("access?case=C-1", 400, "trail", "case"), ("access?after=x", 400, "trail", "after"),
        ("access/x", 400, "trail", "position"), ("access/2", 404, "trail", "nothing"),
        ("access/99999999999999999999", 400, "trail", "position"),
    ]

    @Test func whatIsNoQuestionIsRefusedWithAReceipt() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.development("privacy-1")
            for (path, status, question, word) in Self.wrong {
                let before = try served.store.log.head.position
                let answer = try await client.plain("/audit/\(path)", token)
                #expect(answer.status.code == status, "\(path): \(answer.text)")
                #expect((answer.json["detail"] as? String ?? "").contains(word), "\(path): \(answer.text)")
                let receipts = try served.accesses(after: before)
                #expect(receipts.map(\.receipt.question.rawValue) == [question], "\(path)")
                #expect(receipts.allSatisfy { !$0.receipt.permitted && $0.receipt.shown == 0 })
                #expect(
                    answer.headers[FHIRAnswer.receipt] == receipts.first.map { "\($0.position.value)" },
                    "\(path)")
                #expect(answer.headers[FHIRAnswer.position] != nil, "\(path)")
            }
        }
    }
}
