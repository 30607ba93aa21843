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

    /// Evidence made before an erasure holds after it, and a new proof of an erased record can be made.
    @Test func whatWasProvedBeforeAnErasureIsProvedAfter() throws {
        let store = try DemoStore()
        let (view, position) = try store.viewed()
        let (evidence, body, proof) = (
            store.scratch.path("receipt.tlog-proof"), store.scratch.path("answer.json"),
            store.scratch.path("p")
        )
        try Data(view.out.utf8).write(to: URL(filePath: body))
        let now = ["--now", "2018-02-06T09:00:00Z"]
        try store.expect(
            0, "access", "show", "#\(position)", "--evidence", evidence, "--detail", now[0], now[1])
        // The first message's record, which is erased below.
        try store.expect(0, "log", "proof", "#7", "--output", proof)
        let (old, update) = (store.scratch.path("old"), store.scratch.path("update"))
        try store.expect(0, "log", "checkpoint", "--output", old)
        let size = try #require(
            try store.expect(0, "log", "stat", "--format", "json").json()["records"] as? Int)
        let key = try store.expect(0, "log", "key").out.trimmingCharacters(in: .newlines)
        let code = try #require(
            try erase(
                store, 0, "--patient", DemoStore.patient, "--all-linked", "--dry-run", "--format", "json"
            )
            .json()["code"] as? String)
        _ = try erase(store, 0, "--patient", DemoStore.patient, "--all-linked", "--confirm", code)
        for (arguments, words) in [
            (["proof", evidence, "--key", key, "--body", body], "dr-rowan"),
            (["proof", proof, "--key", key], "#7"),
        ] {
            let told = try EvidenceTests.python(arguments)
            #expect(told.status == 0 && told.out.contains("HOLDS") && told.out.contains(words), "\(told.out)")
        }
        try store.expect(0, "log", "checkpoint", "--since", "\(size)", "--output", update)
        let grown = try EvidenceTests.python(["consistency", old, update, "--key", key])
        #expect(grown.status == 0, "\(grown.out)")
        let again = store.scratch.path("again")
        try store.expect(0, "log", "proof", "#7", "--output", again)
        #expect(try EvidenceTests.python(["proof", again, "--key", key]).status == 0)
        // It cannot be opened any more: a new evidence file has the receipt's part that names nobody.
        let ledger = store.scratch.path("ledger.json")
        try store.expect(0, "erasures", "export", ledger)
        #expect(try store.expect(0, "erasures", "apply", ledger).out.hasPrefix("Nothing to do"))
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
