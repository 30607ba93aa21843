import CareRecord
import EventLog
import Projections
import Testing
import Wire

@testable import Server

/// What has something to take out of a resource shows nothing of one that it cannot read.
@Suite struct FailClosedTests {
    /// Good JSON up to its last byte, which is gone; it cites what is withheld.
    private static let damaged = Array(
        #"{"resourceType":"DiagnosticReport","id":"ZZH01.r","meta":{"security":[{"code":"R"}],"result":[{"reference":"Observation/ZZH01.sealed"}]"#
            .utf8)

    private static func shown(_ content: [UInt8]) -> ShownResource {
        ShownResource(
            type: "DiagnosticReport", id: "ZZH01.r", position: Position(7), recordedAt: .distantPast,
            content: content, items: [0])
    }

    @Test func aResourceThatDoesNotReadIsRefusedByEveryStepThatCuts() {
        let bytes = Self.damaged
        #expect(throws: StoreError.self) {
            try ReferenceRemoval(["Observation/ZZH01.sealed"]).applied(
                to: bytes, of: "DiagnosticReport/ZZH01.r")
        }
        for change in [
            { (search: inout ResourceSearch) in search.elements = ["status"] },
            { (search: inout ResourceSearch) in search.summary = .true },
            { (search: inout ResourceSearch) in search.summary = .text },
            { (search: inout ResourceSearch) in search.summary = .data },
        ] {
            var search = ResourceSearch()
            change(&search)
            #expect(throws: StoreError.self) {
                try ResourceSubset(search)?.applied(to: bytes, of: "DiagnosticReport/ZZH01.r")
            }
        }
        #expect(throws: StoreError.self) { try Self.shown(bytes).bytes() }
        #expect(throws: StoreError.self) {
            var patient = Self.shown(Array(#"{"resourceType":"Patient","id":"p"}"#.utf8))
            try patient.merge(bytes[...])
        }
    }

    @Test func whatReadsIsCutAsBefore() throws {
        let whole = Array(
            #"{"resourceType":"DiagnosticReport","id":"r","result":[{"reference":"Observation/a"},{"reference":"Observation/b","display":"B"}]}"#
                .utf8)
        let cut = try ReferenceRemoval(["Observation/b"]).applied(to: whole, of: "DiagnosticReport/r")
        #expect(
            String(decoding: cut, as: UTF8.self)
                == #"{"resourceType":"DiagnosticReport","id":"r","result":[{"reference":"Observation/a"}]}"#)
    }

    /// Each as if its source had never mentioned what is withheld; the id is Daybook's, or in an address the source's own.
    @Test(arguments: [
        // The element of a list that it is about, with what stands beside it.
        (
            #""diagnosis":[{"condition":{"reference":"Condition/S.a"},"rank":1},{"condition":{"reference":"Condition/S.b"},"rank":2}]"#,
            #""diagnosis":[{"condition":{"reference":"Condition/S.a"},"rank":1}]"#
        ),
        (
            #""extension":[{"url":"urn:x","valueReference":{"reference":"Condition/S.b/_history/3"}}],"status":"final""#,
            #""status":"final""#
        ),
        // The narrative, at every level, but no other text.
        (
            #""text":{"status":"generated","div":"<div>b</div>"},"code":{"text":"c"},"contained":[{"resourceType":"List","text":{"div":"<div>b</div>"},"entry":[{"item":{"reference":"Condition/S.b"}}]}]"#,
            #""code":{"text":"c"},"contained":[{"resourceType":"List"}]"#
        ),
        // What stands by itself is not of a list.
        (
            #""context":{"encounter":{"reference":"Condition/S.b"},"period":{"start":"2018"}}"#,
            #""context":{"period":{"start":"2018"}}"#
        ),
        // An attachment, by either address.
        (
            #""content":[{"attachment":{"url":"Binary/b"}},{"attachment":{"url":"Binary/S.b","title":"B"}},{"attachment":{"url":"Binary/c"}}]"#,
            #""content":[{"attachment":{"url":"Binary/c"}}]"#
        ),
        (
            #""text":{"div":"<div>c</div>"},"content":[{"attachment":{"url":"https://elsewhere.example/Binary/c"}}]"#,
            nil
        ),
        // A full address with the source's own id may be the source's own.
        (
            #""status":"final","content":[{"attachment":{"url":"https://elsewhere.example/Binary/b"}}]"#,
            #""status":"final""#
        ),
        // Whose record it is stays; another record of theirs, in a link, does not.
        (
            #""subject":{"reference":"Patient/S.p"},"basedOn":[{"reference":"Condition/S.b"}]"#,
            #""subject":{"reference":"Patient/S.p"}"#
        ),
        (
            #""active":true,"link":[{"other":{"reference":"Patient/S.p"},"type":"seealso"}]"#,
            #""active":true"#
        ),
    ])
    func whatCitesReadsAsIfItNeverHad(members: String, left: String?) throws {
        let removal = ReferenceRemoval(["Condition/S.b", "Binary/S.b", "Patient/S.p"])
        func resource(_ members: String) -> [UInt8] {
            Array(#"{"resourceType":"Basic","id":"S.r",\#(members)}"#.utf8)
        }
        let cut = try removal.applied(to: resource(members), of: "Basic/S.r")
        #expect(
            String(decoding: cut, as: UTF8.self) == String(decoding: resource(left ?? members), as: UTF8.self)
        )
    }

    /// A failure after the decision has a receipt that says so, and names nobody as seen.
    @Test func aFailureIsRecordedAsOne() throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let caller = Caller(
            authority: .user(Viewer(user: "dr-a")), identity: nil, scopes: Scopes(), patient: nil,
            isSystem: false, purpose: Purpose.directCare, call: CallDetails(trace: "t"))
        for (error, rule) in [
            (StoreError.io("Observation/x does not read"), "failed"),
            (.projection(.damaged(what: "a chapter")), "failed"), (.usage("_page: no"), "bad-request"),
            (.busy("moving"), "busy"),
        ] {
            let before = try store.log.head.position
            let told = try #require(try store.recorded(error, caller, .read) as? ResourceRefusal)
            guard case .failed = told.kind else {
                Issue.record("\(told.kind)")
                continue
            }
            #expect(told.receipt == before.next)
            let access = try store.access(at: told.receipt, asker: Asker(systemUser: "test"))
            #expect(access.receipt.rule == rule && !access.receipt.permitted && access.receipt.shown == 0)
            #expect(access.receipt.question == .read && access.receipt.call?.trace == "t")
        }
    }
}
