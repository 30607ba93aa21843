import Foundation
import HTTPTypes
import HummingbirdTesting
import Intake
import Projections
import Server
import Testing
import Wire

@testable import Listeners

/// `_asof`: what the asker could see then, asked by them, and no way around what restricts them now.
@Suite struct OtherTimeTests {
    private let number = ServedStore.number
    private var search: String { "Observation?patient.identifier=\(number)" }

    /// The guardian, who may audit and may see records, sees this patient.
    static func served() throws -> (ServedStore, Position) {
        let (served, number) = (try ServedStore(users: LookUpTests.lead), ServedStore.number)
        try served.policy(
            Array(
                """
                - relationshipCreated: {id: g-1, patient: "\(number)", user: lead-1, kind: referral, from: 2018-01-01}
                - permissionToView: {patient: "\(number)", user: lead-1, basis: asked, for: P84D}
                """.utf8))
        let then = try served.store.log.head.position
        // A day later, so that the time has passed.
        try served.store.setClock(to: Instant(rfc3339: "2018-02-20T09:00:00Z")!)
        try served.policy(
            Array("- dissentSet: {patient: {org: ZZG01, id: G1043}, reason: asked}\n".utf8))
        return (served, then)
    }

    /// The same for one view alone.
    static func servedForOneView() throws -> (ServedStore, Position) {
        let (served, number) = (try ServedStore(users: LookUpTests.lead), ServedStore.number)
        try served.policy(
            Array(
                """
                - relationshipCreated: {id: g-1, patient: "\(number)", user: lead-1, kind: referral, from: 2018-01-01}
                - permissionToView: {patient: "\(number)", user: lead-1, basis: asked, once: true}
                """.utf8))
        let then = try served.store.log.head.position
        try served.store.setClock(to: Instant(rfc3339: "2018-02-20T09:00:00Z")!)
        try served.policy(Array("- dissentSet: {patient: {org: ZZG01, id: G1043}, reason: asked}\n".utf8))
        return (served, then)
    }

    private func receipt(_ served: ServedStore, after position: Position) throws -> Receipt {
        try #require(try served.accesses(after: position).last).receipt
    }

    @Test func ofNowItIsAnAccess() async throws {
        let (served, _) = try Self.served()
        try await served.serving(beat: .zero) { client in
            let auditor = try served.development("lead-1")
            for when in ["%23HEAD", "2031-01-01"] {
                let before = try served.store.log.head.position
                let answer = try await client.get(search + "&_asof=\(when)", auditor)
                #expect(answer.status == .ok && !answer.matches.isEmpty, "\(when): \(answer.text)")
                let receipt = try receipt(served, after: before)
                #expect(receipt.kind == .actual && receipt.operatorUser == nil, "\(when)")
            }
        }
    }

    @Test func ofThenItIsTheAskersQuestionAndTheTrailSaysWhose() async throws {
        let (served, then) = try Self.served()
        try await served.serving(beat: .zero) { client in
            let auditor = try served.development("lead-1")
            let before = try served.store.log.head.position
            let answer = try await client.get(search + "&_asof=%23\(then.value)", auditor)
            #expect(answer.status == .ok && !answer.matches.isEmpty, "\(answer.text)")
            let access = try #require(try served.accesses(after: before).last)
            #expect(access.receipt.kind == .simulated && access.receipt.operatorUser == "lead-1")
            #expect(access.receipt.position == then)
            let read = try await client.get("Observation/ZZH01.o-k?_asof=%23\(then.value)", auditor)
            #expect(read.status == .ok, "\(read.text)")
            let query = try #require(try served.accesses(after: access.position).last?.detail?.query)
            #expect(query.contains("_asof=") && query.contains("\(then.value)"), "\(query)")
            let privacy = try served.development("privacy-1", scope: "user/*.rs")
            let event = try await client.get("AuditEvent/receipt-\(access.position.value)", privacy)
            let agents = event.json["agent"] as? [[String: Any]] ?? []
            let requestor = agents.first { $0["requestor"] as? Bool == true }
            #expect("\(requestor ?? [:])".contains("lead-1"), "\(event.text)")
            #expect(event.text.contains(#""code":"simulated""#))
        }
    }

    /// Restrictions set since, and what each hides.
    static let restrictions = [
        (
            #"- sealApplied: {id: seal-9, patient: "9990177015", org: ZZH01, item: "Observation/o-k", locked: true, by: ZZG01, reason: "asked"}"#,
            "ZZH01.o-k"
        ),
        (#"- dissentSet: {patient: "9990177015", reason: asked}"#, "ZZG01.o-bp"),
        (
            #"- staffExcluded: {patient: "9990177015", user: lead-1, reason: relative}"#,
            "ZZH01.o-k"
        ),
        (#"- relationshipEnded: {id: g-1, patient: "9990177015"}"#, "ZZH01.o-k"),
    ]

    /// Each is passed by no question about before, unless a case is open.
    @Test(arguments: restrictions)
    func whatWasRestrictedSinceIsNotShownWithoutACase(fact: String, item: String) async throws {
        let (served, then) = try Self.served()
        try await served.serving(beat: .zero) { client in
            let auditor = try served.development("lead-1")
            let path = search + "&_asof=%23\(then.value)"
            let open = try await client.get(path, auditor)
            #expect(open.text.contains("\(item)\""), "\(open.text)")
            try served.store.setClock(to: Instant(rfc3339: "2018-02-21T09:00:00Z")!)
            try served.policy(Array((fact + "\n").utf8))
            for path in [
                path, "Observation/\(item)?_asof=%23\(then.value)",
                "Observation/\(item)/_history?_asof=%23\(then.value)",
                "DiagnosticReport?patient.identifier=\(number)&_asof=%23\(then.value)",
            ] {
                let answer = try await client.get(path, auditor)
                #expect(!answer.text.contains("\(item)\""), "\(path): \(answer.text)")
            }
            try served.policy(
                Array(
                    "- caseOpened: {id: CASE-9, patient: \"\(number)\", reason: complaint, authority: guardian-1, for: P30D}\n"
                        .utf8))
            let before = try served.store.log.head.position
            let under = try await client.get(path + "&_case=CASE-9", auditor)
            #expect(under.status == .ok && under.text.contains("\(item)\""), "\(under.text)")
            let receipt = try receipt(served, after: before)
            #expect(receipt.kind == .simulated && receipt.caseID == "CASE-9")
        }
    }

    /// A permission for one view is used by looking back, and does not serve twice.
    @Test func lookingBackUsesAPermissionForOneView() async throws {
        let (served, then) = try Self.servedForOneView()
        try await served.serving(beat: .zero) { client in
            let auditor = try served.development("lead-1")
            let path = search + "&_asof=%23\(then.value)"
            #expect(try await client.get(path, auditor).text.contains("ZZG01.o-bp\""))
            #expect(!(try await client.get(path, auditor)).text.contains("ZZG01.o-bp\""))
        }
    }

    @Test func itsPagesGoOn() async throws {
        let (served, then) = try Self.served()
        try await served.serving(beat: .zero) { client in
            let auditor = try served.development("lead-1")
            let whole = try await client.get(search + "&_asof=%23\(then.value)&_sort=_id", auditor)
            var path = search + "&_asof=%23\(then.value)&_sort=_id&_count=1"
            var seen: [String] = []
            for _ in whole.matches {
                let answer = try await client.get(path, auditor)
                #expect(answer.status == .ok, "\(answer.text)")
                seen += answer.matches
                guard let next = answer.next else { break }
                path = next
            }
            #expect(seen == whole.matches && seen.count > 1)
        }
    }
}

extension TestResponse {
    /// The address of the next page, under /fhir.
    var next: String? {
        let links = json["link"] as? [[String: String]] ?? []
        return links.first { $0["relation"] == "next" }?["url"].map {
            String($0[$0.firstRange(of: "/fhir/")!.upperBound...]).replacing("|", with: "%7C")
                .replacing("#", with: "%23")
        }
    }
}
