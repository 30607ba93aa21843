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
