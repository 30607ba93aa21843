import Foundation
import Testing

/// What an operator may change, and what a real store asks that a simulated one does not.
@Suite struct PolicyCommandTests {
    @Test func aDryRunTellsWhoGainsAndLosesAndAppendsNothing() throws {
        let store = try DemoStore()
        let region = try String(
            contentsOf: Command.root.appending(path: "samples/region.yaml"), encoding: .utf8)
        let changed = try store.scratch.write(
            "region.yaml",
            region.replacing("immunisations, observations", with: "care-preferences, observations")
                .replacing("{org: ZZH01, code: R8008,", with: "{org: ZZH01, code: R8000,"))
        func root() throws -> String? {
            try store.expect(0, "log", "stat", "--format", "json").json()["root"] as? String
        }
        let before = try #require(try root())
        let text = try store.expect(0, "region", "apply", changed, "--dry-run").out
        #expect(text.contains("  + organisation ZZH01: ZZG01's care-preferences\n"), "\(text)")
        #expect(text.contains("  - organisation ZZH01: ZZG01's immunisations\n"), "\(text)")
        #expect(text.contains("user clerk-fern: the role R8000 at ZZH01"), "\(text)")
        #expect(try root() == before)

        // Widening takes a second person; then it is done, once.
        #expect(try store.expect(3, "region", "apply", changed).err.contains("--approved-by"))
        try store.expect(0, "region", "apply", changed, "--approved-by", "guardian-1")
        #expect(try store.expect(0, "region", "apply", changed).out.contains("nothing to change"))
    }

    @Test func aStoreWithARealClockAsksWhoAsks() throws {
        let scratch = try Scratch()
        let path = scratch.path("store")
        func run(_ status: Int32, _ line: String) throws -> Command {
            let done = try Command.run(line.split(separator: " ").map(String.init), store: path)
            #expect(done.status == status, "daybook \(line)\n\(done.out)\(done.err)")
            return done
        }
        _ = try run(0, "init")
        #expect(try run(2, "init --now 2018-01-01T00:00:00Z").err.contains("--simulated-clock"))
        _ = try run(0, "region apply samples/region.yaml")
        #expect(try run(2, "log stat --now 2018-01-01T00:00:00Z").err.contains("--now"))
        #expect(try run(2, "view --as dr-rowan --patient 9990177015").err.contains("--at"))
        #expect(
            try run(2, "view --as dr-rowan --patient 9990177015 --at 2018-02-05").err.contains("--operator"))
        #expect(try run(2, "record --patient 9990177015").err.contains("--operator"))
        #expect(try run(2, "access list").err.contains("--operator"))
        let text = try run(0, "log stat").out
        #expect(!text.contains("simulated"))
    }

    @Test(
        """
        Content needs an open case (`CaseOpened`: reference, patient, reason, the Caldicott Guardian's authority, expiry) or \
        the asker's own right: `record`, `view --as` … by the command.
        """)
    func aCaseOpensContent() throws {
        let store = try DemoStore()
        let asked = [
            "view", "--as", "dr-rowan", "--patient", DemoStore.patient, "--at", "2018-02-05T14:30:00Z",
            "--operator",
            "guardian-1",
        ]
        let without = try Command.run(asked, store: store.path)
        #expect(
            without.status == 0 && without.out.contains("its content not shown"),
            "\(without.out)\(without.err)")
        #expect(!without.out.contains("Potassium") && !without.out.contains("HALLETT"))

        let facts = try store.scratch.write(
            "case.yaml",
            "- caseOpened: {id: CASE-1, patient: \"9990177015\", reason: complaint, authority: guardian-1, for: P30D}\n"
        )
        try store.expect(0, "policy", "record", facts)
        let with = try Command.run(asked + ["--case", "CASE-1"], store: store.path)
        #expect(with.status == 0 && with.out.contains("Potassium"), "\(with.out)\(with.err)")

        let list = try store.expect(0, "access", "list", "--patient", DemoStore.patient, "--format", "json")
            .json()
        let items = try #require(list["items"] as? [[String: Any]])
        #expect(items.count == 2)
        #expect(
            items.allSatisfy {
                $0["kind"] as? String == "simulated" && $0["operator"] as? String == "guardian-1"
            })
        #expect(items.last?["case"] as? String == "CASE-1")
        let id = try #require(items.last?["position"] as? Int)
        let shown = try store.expect(0, "access", "show", "#\(id)").out
        #expect(shown.contains("blood-tests: #") && !shown.contains("Potassium"))
    }

    /// Reading the trail without a patient is itself listed, and can be shown.
    @Test func readingTheTrailIsListed() throws {
        let store = try DemoStore(filled: false)
        try store.expect(0, "access", "list")
        let list = try store.expect(0, "access", "list", "--format", "json").json()
        let reading = try #require((list["items"] as? [[String: Any]])?.first)
        #expect(reading["question"] as? String == "trail")
        let id = try #require(reading["position"] as? Int)
        #expect(!(try store.expect(0, "access", "show", "\(id)").out.contains("destroyed")))
    }
}
