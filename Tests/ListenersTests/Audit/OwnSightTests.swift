import Foundation
import HTTPTypes
import HummingbirdTesting
import Projections
import Server
import Testing
import Wire

@testable import Listeners

/// `/audit` is no way around what restricts whoever asks: one's own sight of another time is theirs to ask only with an auditor's
/// activity, and shows what they may see now as well.
@Suite struct OwnSightTests {
    private let number = ServedStore.number

    private func own(_ user: String, _ question: String) -> String {
        "/audit/\(question)".replacing("ME", with: "as=\(user)&patient=\(number)")
    }

    @Test(
        arguments: [
            ("view?ME&at=%23HEAD", "view-audit"), ("view?ME&at=2018-02-06", "view-audit"),
            ("explain?ME&at=%23HEAD", "explain"),
            ("explain?ME&at=%23HEAD&item=Observation/ZZH01.o-k", "explain"),
            ("diff?ME&from=2018-01-01&to=%23HEAD", "explain"),
        ])
    func itTakesTheActivity(question: String, rule: String) async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let token = try served.development("dr-rowan")
            let before = try served.store.log.head.position
            let answer = try await client.plain(own("dr-rowan", question), token)
            #expect(answer.status == .forbidden && answer.json["rule"] as? String == rule, "\(answer.text)")
            #expect(!answer.text.contains("o-k") && !answer.text.contains("ZZG01"))
            let receipts = try served.accesses(after: before).map(\.receipt)
            #expect(receipts.map(\.rule) == [rule] && receipts.allSatisfy { !$0.permitted })
        }
    }

    /// The guardian, who may audit and may see records, sees this patient; the same restrictions as of `_asof`.
    @Test(arguments: OtherTimeTests.restrictions)
    func whatWasRestrictedSinceIsNotShown(fact: String, item: String) async throws {
        let (served, then) = try OtherTimeTests.served()
        try await served.serving(beat: .zero) { client in
            let token = try served.development("lead-1")
            let path = own("lead-1", "view?ME&at=%23\(then.value)")
            let open = try await client.plain(path, token)
            #expect(open.status == .ok && open.text.contains("\(item)\""), "\(open.text)")
            try served.store.setClock(to: Instant(rfc3339: "2018-02-21T09:00:00Z")!)
            try served.policy(Array((fact + "\n").utf8))
            let closed = try await client.plain(path, token)
            #expect(!closed.text.contains("\(item)\""), "\(closed.text)")
            // Who may have it explained is told of their own sight as of another's: of no item by name.
            for question in ["explain?ME&at=%23\(then.value)", "diff?ME&from=%23\(then.value)&to=%23HEAD"] {
                let told = try await client.plain(own("lead-1", question), token)
                #expect(told.status == .ok && !told.text.contains(item), "\(told.text)")
            }
        }
    }

    /// What is seen by it is seen: a permission for one look is used by it.
    @Test func itUsesAPermissionForOneView() async throws {
        let (served, then) = try OtherTimeTests.servedForOneView()
        try await served.serving(beat: .zero) { client in
            let token = try served.development("lead-1")
            let path = own("lead-1", "view?ME&at=%23\(then.value)")
            #expect(try await client.plain(path, token).text.contains("ZZG01.o-bp\""))
            #expect(!(try await client.plain(path, token)).text.contains("ZZG01.o-bp\""))
        }
    }
}
