import Foundation
import Testing

@Suite struct ErasureCommandTests {
    private static let approved = ["--approved-by", "privacy-1", "--approved-by", "guardian-1"]
    private let later = ["--now", "2018-03-01T09:00:00Z"]

    private func erase(_ store: DemoStore, _ status: Int32, _ rest: String...) throws -> Command {
        let done = try Command.run(
            ["erase", "--authority", "court order 7"] + rest + Self.approved + later, store: store.path)
        #expect(done.status == status, "\(rest): \(done.out)\(done.err)")
        return done
    }

    @Test func allLinkedIsListedFirstAndErasedWithTheCode() throws {
        let store = try DemoStore()
        // Two records bear the number: one of them must be named.
        let several = try erase(store, 2, "--patient", DemoStore.patient)
        #expect(several.err.contains("--all-linked"))
        let listed = try erase(store, 2, "--patient", DemoStore.patient, "--all-linked")
        #expect(listed.out.contains("It would take, for good:") && listed.out.contains("ZZG01:"))
        let plan = try erase(
            store, 0, "--patient", DemoStore.patient, "--all-linked", "--dry-run", "--format", "json"
        )
        .json()
        let code = try #require(plan["code"] as? String)
        #expect(plan["erased"] as? Bool == false && (plan["subjects"] as? [String])?.count == 2)
        #expect(
            try erase(store, 2, "--patient", DemoStore.patient, "--all-linked", "--confirm", "00000000").err
                .contains(code))
        let done = try erase(store, 0, "--patient", DemoStore.patient, "--all-linked", "--confirm", code)
        #expect(done.out.contains("Its keys are destroyed"))
        let view = try store.expect(
            0, "view", "--as", "dr-rowan", "--patient", DemoStore.patient, "--format", "json")
        let answer = try view.json()
        let notice = try #require((answer["erased"] as? [[String: Any]])?.first)
        #expect(notice["authority"] as? String == "court order 7" && notice["subjects"] as? Int == 2)
        #expect((answer["items"] as? [Any])?.isEmpty == true)
        let text = try store.expect(0, "view", "--as", "dr-rowan", "--patient", DemoStore.patient)
        #expect(text.out.contains("ERASED under court order 7 at 2018-03-01"))
        #expect(try store.expect(0, "log", "verify").out.hasPrefix("Sound"))
        #expect(try store.expect(0, "erasures", "list").out.contains("privacy-1, guardian-1"))
        let ledger = store.scratch.path("ledger.json")
        #expect(try store.expect(0, "erasures", "export", ledger).out.contains("erasure"))
        #expect(FileManager.default.fileExists(atPath: ledger))
    }

    @Test func approvalIsRefusedAndMisusedWithTheRightStatus() throws {
        let store = try DemoStore()
        let base = ["erase", "--authority", "court order 7", "--patient", DemoStore.patient, "--all-linked"]
        for (status, rest) in [
            (2, ["--approved-by", "privacy-1"]),
            (2, ["--approved-by", "privacy-1", "--approved-by", "nobody"]),
            (3, ["--approved-by", "privacy-1", "--approved-by", "dr-rowan"]),
        ] as [(Int32, [String])] {
            let done = try Command.run(base + rest + later, store: store.path)
            #expect(done.status == status, "\(rest): \(done.out)\(done.err)")
        }
        let unknown = try Command.run(
            ["erase", "--authority", "x", "--patient", "ZZG01:nobody"] + Self.approved + later,
            store: store.path)
        #expect(unknown.status == 3)
    }

    @Test func theMasterKeyIsRotated() throws {
        let store = try DemoStore()
        let before = try store.expect(0, "log", "stat", "--format", "json").json()["root"] as? String
        let fresh = store.scratch.path("fresh.key")
        #expect(try store.expect(0, "keys", "rotate", "--to", fresh).out.contains("made in \(fresh)"))
        #expect(try store.expect(0, "log", "stat", "--format", "json").json()["root"] as? String == before)
        let refused = try store.expect(4, "view", "--as", "dr-rowan", "--patient", DemoStore.patient)
        #expect(refused.err.contains("the master key is not the one"))
        try store.expect(0, "view", "--as", "dr-rowan", "--patient", DemoStore.patient, "--master-key", fresh)
        // Back to a key that is there already.
        try store.expect(0, "keys", "rotate", "--to", store.path + ".key", "--master-key", fresh)
        try store.expect(0, "view", "--as", "dr-rowan", "--patient", DemoStore.patient)
    }
}
